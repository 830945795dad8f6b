/** What hangs on a table, as it was: triggers, rules, policies, row security, owner, rights. Pure. */
import { quoteLiteral, quoteName, quoteQualified, retargeted, type Worded } from '../definition-sql.ts';
import { grantsSql } from '../definition-sql/grants.ts';
import type { Grant, NamedDefinition, TableDefinition } from '../definition.ts';
import { placedName } from './placed.ts';
import { rightsSql } from './rights.ts';
import type { ObjectGrant } from './types.ts';

const ANY = { schema: 'any', name: 'any' };

type Part = NamedDefinition & { enabled?: string };

/** Definitions that differ in nothing but the name of the table. */
function subject(definition: string): string {
  try {
    return retargeted(definition, ANY);
  } catch {
    return definition;
  }
}

const KINDS = [
  ['triggers', 'TRIGGER'],
  ['rules', 'RULE'],
  ['policies', 'POLICY'],
] as const;

/** What ALTER TABLE says for pg_trigger.tgenabled and pg_rewrite.ev_enabled. */
export const SWITCH: Readonly<Record<string, string>> = {
  O: 'ENABLE',
  D: 'DISABLE',
  A: 'ENABLE ALWAYS',
  R: 'ENABLE REPLICA',
};

/** A partition has triggers of its parent by itself. */
const isOwn = (part: NamedDefinition & { inherited?: true }): boolean => part.inherited !== true;

function parts(
  before: TableDefinition,
  now: TableDefinition,
  stale: (definition: string) => boolean,
): Worded[] {
  const table = quoteQualified(placedName(before));
  return KINDS.flatMap(([kind, word]) => {
    const same = (one: Part, other: Part): boolean =>
      one.name === other.name &&
      subject(one.definition) === subject(other.definition) &&
      !stale(one.definition);
    const was: readonly Part[] = before[kind].filter(isOwn);
    const is: readonly Part[] = now[kind].filter(isOwn);
    const gone = is.filter((one) => !was.some((other) => same(other, one)));
    const missing = was.filter((one) => !is.some((other) => same(one, other)));
    const on = (name: string): string => `${quoteName(name)} ON ${table}`;
    const switched = was.filter((one) => {
      const there = missing.includes(one) ? 'O' : (is.find(({ name }) => name === one.name)?.enabled ?? 'O');
      return one.enabled !== undefined && one.enabled !== there;
    });
    const said = was.filter((one) => {
      const there = missing.includes(one)
        ? null
        : (is.find(({ name }) => name === one.name)?.comment ?? null);
      return one.comment !== there;
    });
    return [
      ...gone.map(({ name }) => ({
        sql: `DROP ${word} ${on(name)}`,
        words: `Drops ${name} of ${before.name}, which was not so before.`,
      })),
      ...missing.map(({ name, definition }) => ({
        sql: definition,
        words: `Brings ${name} of ${before.name} back.`,
      })),
      ...switched.map(({ name, enabled }) => ({
        sql: `ALTER TABLE ${table} ${SWITCH[enabled ?? 'O'] ?? 'ENABLE'} ${word} ${quoteName(name)}`,
        words: `Switches ${name} of ${before.name} as it was.`,
      })),
      ...said.map(({ name, comment }) => ({
        sql: `COMMENT ON ${word} ${on(name)} IS ${comment === null ? 'NULL' : quoteLiteral(comment)}`,
        words: `Gives ${name} of ${before.name} the comment it had.`,
      })),
    ];
  });
}

/** With those that their holders gave on, which would refuse it; all that were are given again. */
const withGivenOn = (one: Worded): Worded =>
  one.sql.startsWith('REVOKE ') ? { ...one, sql: `${one.sql} CASCADE` } : one;

/** As one text; the order of an access control list says nothing. */
function rights(grants: readonly Grant[] | null, owner: string): string {
  const others = (grants ?? []).filter(({ grantee }) => grantee !== owner);
  const own = (grants ?? []).filter(({ grantee }) => grantee === owner).map(({ privilege }) => privilege);
  const list = others.map(
    ({ grantee, privilege, grantable }) => `${grantee} ${privilege} ${String(grantable)}`,
  );
  return JSON.stringify([list.sort(), grants === null ? 'all' : own.length >= 7 ? 'all' : own.sort()]);
}

function rightsOf({ grants, owner, columns }: TableDefinition, names: ReadonlySet<string>): string {
  const own = columns
    .filter(({ name, grants: given }) => names.has(name) && given !== null)
    .map(({ name, grants: given }) => [name, rights(given, '')]);
  return JSON.stringify([rights(grants, owner), own.sort()]);
}

/** By what differs alone, where the owner and the owner's own rights are as before. */
function rightsBack(
  before: TableDefinition,
  now: TableDefinition,
  shared: ReadonlySet<string>,
  given: readonly string[],
): Worded[] {
  const ofOwner = ({ grants, owner }: TableDefinition): string =>
    rights(grants?.filter(({ grantee }) => grantee === owner) ?? null, owner);
  if (before.owner !== now.owner || ofOwner(before) !== ofOwner(now))
    return grantsSql(before, placedName(before), given).map(withGivenOn);
  const all = ({ grants, owner, columns }: TableDefinition): ObjectGrant[] => [
    ...(grants ?? []).filter(({ grantee }) => grantee !== owner),
    ...columns
      .filter(({ name }) => shared.has(name))
      .flatMap(({ name: column, grants: own }) => (own ?? []).map((grant) => ({ ...grant, column }))),
  ];
  return rightsSql(all(before), all(now), `TABLE ${quoteQualified(placedName(before))}`, before.name);
}

function security(before: TableDefinition, now: TableDefinition): Worded[] {
  const table = `ALTER TABLE ${quoteQualified(placedName(before))}`;
  const { enabled, forced } = before.rowSecurity;
  return [
    ...(enabled === now.rowSecurity.enabled
      ? []
      : [
          {
            sql: `${table} ${enabled ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`,
            words: `Switches row security of ${before.name} ${enabled ? 'on' : 'off'} again.`,
          },
        ]),
    ...(forced === now.rowSecurity.forced
      ? []
      : [
          {
            sql: `${table} ${forced ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY`,
            words: `Sets whether the owner of ${before.name} is under its row security as it was.`,
          },
        ]),
  ];
}

/**
 * For a table that has its name of before again.
 * @param now as it is; columns that come back have their rights already
 * @param stale definitions that read the same and mean another object by now
 */
export function hangingSql(
  before: TableDefinition,
  now: TableDefinition,
  stale: (definition: string) => boolean = () => false,
): Worded[] {
  const names = new Set(now.columns.map(({ name }) => name));
  const shared = new Set(before.columns.map(({ name }) => name).filter((name) => names.has(name)));
  const differ = rightsOf(before, shared) !== rightsOf(now, shared);
  const all = [...(now.grants ?? []), ...now.columns.flatMap(({ grants }) => grants ?? [])];
  const given = [...new Set(all.map(({ grantee }) => grantee))].filter(
    (one) => before.grants !== null || one !== before.owner,
  );
  const owner = before.owner !== '' && before.owner !== now.owner;
  return [
    ...parts(before, now, stale),
    ...security(before, now),
    ...(owner
      ? [
          {
            sql: `ALTER TABLE ${quoteQualified(placedName(before))} OWNER TO ${quoteName(before.owner)}`,
            words: `Makes ${before.owner} the owner of ${before.name} again.`,
          },
        ]
      : []),
    ...(differ ? rightsBack(before, now, shared, given) : []),
  ];
}
