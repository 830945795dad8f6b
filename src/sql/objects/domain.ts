/** ALTER DOMAIN: its default, NOT NULL and checks, as single facts. */
import type { AlterDomainStmt, RenameStmt } from '@pgsql/types';
import { quoteLiteral, quoteName, type Worded } from '../definition-sql.ts';
import { nameParts, textsOf } from '../parse-tree.ts';
import { effect, placed } from './names.ts';
import type { ObjectEffect, ObjectState } from './types.ts';

type Outcome = ObjectEffect[] | string;

/** The default that is set is spelled otherwise in the catalog: whether it is that one is not told. */
function changes(alter: AlterDomainStmt): Partial<ObjectEffect> | string {
  const { subtype, name = '', def } = alter;
  switch (subtype) {
    case 'T':
      return def ? { again: true } : { sets: { default: '' }, again: true };
    case 'N':
      return { sets: { 'not null': 'no' }, again: true };
    case 'O':
      return { sets: { 'not null': 'yes' }, again: true };
    case 'C': {
      const check = def && 'Constraint' in def ? def.Constraint : undefined;
      if (check?.contype !== 'CONSTR_CHECK') return 'only checks of a domain are covered';
      if (!check.conname) return 'the check has no name, and so is not found again';
      const valid = check.skip_validation ? 'no' : 'yes';
      return {
        sets: { [`check:${check.conname}`]: 'yes', [`validated:${check.conname}`]: valid },
        needs: { [`check:${check.conname}`]: 'no' },
      };
    }
    case 'X':
      return {
        sets: { [`check:${name}`]: 'no' },
        ...(alter.missing_ok ? { again: true } : { needs: { [`check:${name}`]: 'yes' } }),
      };
    case 'V':
      return { sets: { [`validated:${name}`]: 'yes' }, again: true };
    default:
      return 'is not covered';
  }
}

export function alterDomain(alter: AlterDomainStmt): Outcome {
  const changed = changes(alter);
  return typeof changed === 'string'
    ? changed
    : [effect(placed('domain', textsOf(alter.typeName)), 'alter', changed)];
}

/** ALTER DOMAIN … RENAME CONSTRAINT. */
export function renameCheck({ object, subname = '', newname = '' }: RenameStmt): ObjectEffect[] {
  const needs = { [`check:${subname}`]: 'yes', [`check:${newname}`]: 'no' };
  const sets = { [`check:${subname}`]: 'no', [`check:${newname}`]: 'yes' };
  return [effect(placed('domain', nameParts(object)), 'alter', { sets, needs })];
}

/** A check with its definition and comment, as the catalog has it. */
export interface DomainCheck {
  name: string;
  definition: string;
  comment: string | null;
}

export function checksOf({ attributes }: ObjectState): DomainCheck[] {
  return JSON.parse(attributes['checks'] ?? '[]') as DomainCheck[];
}

/** What makes one state of a domain the other. Values written since that a check refuses make it fail, as they should. */
export function domainSql(before: ObjectState, now: ObjectState): Worded[] {
  if (before.attributes['checks'] === undefined || now.attributes['checks'] === undefined) return [];
  const alter = (sql: string, words: string): Worded => ({ sql: `ALTER ${now.target} ${sql}`, words });
  const was = checksOf(before);
  const is = checksOf(now);
  const same = (one: DomainCheck, other: DomainCheck): boolean =>
    one.name === other.name && one.definition === other.definition;
  const missing = was.filter((one) => !is.some((other) => same(one, other)));
  const extra = is.filter((one) => !was.some((other) => same(one, other)));
  const value = before.attributes['default'] ?? '';
  return [
    ...extra.map(({ name }) =>
      alter(`DROP CONSTRAINT ${quoteName(name)}`, `Drops the check ${name} of ${before.name}.`),
    ),
    ...missing.map(({ name, definition }) =>
      alter(
        `ADD CONSTRAINT ${quoteName(name)} ${definition}`,
        `Brings the check ${name} of ${before.name} back.`,
      ),
    ),
    ...missing
      .filter(({ comment }) => comment !== null)
      .map(({ name, comment }) => ({
        sql: `COMMENT ON CONSTRAINT ${quoteName(name)} ON ${now.target} IS ${quoteLiteral(comment ?? '')}`,
        words: `Gives the check ${name} of ${before.name} the comment it had.`,
      })),
    ...(before.attributes['not null'] === now.attributes['not null']
      ? []
      : [
          alter(
            before.attributes['not null'] === 'yes' ? 'SET NOT NULL' : 'DROP NOT NULL',
            `Lets ${before.name} be empty, or not, as before.`,
          ),
        ]),
    ...(value === (now.attributes['default'] ?? '')
      ? []
      : [
          alter(
            value === '' ? 'DROP DEFAULT' : `SET DEFAULT ${value}`,
            `Gives ${before.name} the default it had.`,
          ),
        ]),
  ];
}
