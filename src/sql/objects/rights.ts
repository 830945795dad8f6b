/** From one set of rights to another by what differs alone: so rights that others gave stay as they gave them. Pure. */
import { quoteName, type Worded } from '../definition-sql.ts';
import type { ObjectGrant } from './types.ts';

/** As GRANT names one. */
export const role = (name: string): string => (name === '' ? 'PUBLIC' : quoteName(name));

/** A right is one of the server's own words; anything else is not written into SQL. */
export function right({ privilege, column }: ObjectGrant): string {
  if (!/^[A-Z]+$/.test(privilege)) throw new Error(`This is no right: ${privilege}`);
  return column === undefined ? privilege : `${privilege} (${quoteName(column)})`;
}

const same = (one: ObjectGrant, other: ObjectGrant): boolean =>
  one.grantee === other.grantee && one.privilege === other.privilege && one.column === other.column;

/** @param target as it is written in GRANT: `TABLE "s"."t"` */
export function rightsSql(
  before: readonly ObjectGrant[],
  now: readonly ObjectGrant[],
  target: string,
  named: string,
): Worded[] {
  const of = (all: readonly ObjectGrant[], one: ObjectGrant): ObjectGrant[] =>
    all.filter((other) => same(one, other));
  const grantable = (all: readonly ObjectGrant[], one: ObjectGrant): boolean =>
    of(all, one).some((other) => other.grantable);
  const once = (all: readonly ObjectGrant[]): ObjectGrant[] =>
    all.filter((one, at) => all.findIndex((other) => same(one, other)) === at);
  const whom = ({ grantee }: ObjectGrant): string => grantee || 'everybody';
  return [
    ...once(now)
      .filter((one) => of(before, one).length === 0)
      .map((one) => ({
        sql: `REVOKE ${right(one)} ON ${target} FROM ${role(one.grantee)} CASCADE`,
        words: `Takes from ${whom(one)} the right on ${named} that they did not have.`,
      })),
    ...once(now)
      .filter((one) => of(before, one).length > 0 && grantable(now, one) && !grantable(before, one))
      .map((one) => ({
        sql: `REVOKE GRANT OPTION FOR ${right(one)} ON ${target} FROM ${role(one.grantee)} CASCADE`,
        words: `Takes from ${whom(one)} the option to give the right on ${named} to others.`,
      })),
    ...once(before)
      .filter((one) => of(now, one).length === 0 || (grantable(before, one) && !grantable(now, one)))
      .map((one) => ({
        sql: `GRANT ${right(one)} ON ${target} TO ${role(one.grantee)}${grantable(before, one) ? ' WITH GRANT OPTION' : ''}`,
        words: `Gives ${whom(one)} the right on ${named} that they had.`,
      })),
  ];
}
