/** What an object is given beyond its definition: owner, rights, comment, labels, settings. Pure. */
import { quoteLiteral, quoteName, type Worded } from '../definition-sql.ts';
import type { ObjectGrant, ObjectState } from './types.ts';

const role = (name: string): string => (name === '' ? 'PUBLIC' : quoteName(name));

/** GRANT knows views as tables, and procedures by their own word. */
function grantTarget({ target }: ObjectState): string {
  return target.replace(/^(?:MATERIALIZED VIEW|VIEW) /, 'TABLE ');
}

function commentTarget({ target }: ObjectState): string {
  return target;
}

/** A right is one of the server's own words; anything else is not written into SQL. */
function right({ privilege, column }: ObjectGrant): string {
  if (!/^[A-Z]+$/.test(privilege)) throw new Error(`This is no right: ${privilege}`);
  return column === undefined ? privilege : `${privilege} (${quoteName(column)})`;
}

function grantsOf(state: ObjectState, taken: readonly ObjectGrant[]): Worded[] {
  const target = grantTarget(state);
  const grants = state.grants ?? [];
  const from = [...new Set([state.owner, '', ...taken.map(({ grantee }) => grantee)])];
  const named = state.name;
  return [
    {
      sql: `REVOKE ALL ON ${target} FROM ${from.map(role).join(', ')}`,
      words: `Takes all rights on ${named}, to give those that were.`,
    },
    ...grants.map((grant) => ({
      sql: `GRANT ${right(grant)} ON ${target} TO ${role(grant.grantee)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`,
      words: `Gives ${grant.grantee || 'everybody'} the right on ${named} that they had.`,
    })),
  ];
}

const ownerOf = (state: ObjectState): Worded => ({
  sql: `ALTER ${state.target} OWNER TO ${quoteName(state.owner)}`,
  words: `Makes ${state.owner} the owner of ${state.name}.`,
});

const commentOf = (state: ObjectState): Worded => ({
  sql: `COMMENT ON ${commentTarget(state)} IS ${state.comment === null ? 'NULL' : quoteLiteral(state.comment)}`,
  words: `Gives ${state.name} the comment it had.`,
});

/** An extension has no owner that could be changed, and no rights. */
const isOwned = ({ target }: ObjectState): boolean => !target.startsWith('EXTENSION');

/** What an object that was just made lacks. */
export function finishedSql(state: ObjectState): Worded[] {
  return [
    ...state.more.map((sql) => ({ sql, words: `Gives ${state.name} what hung on it.` })),
    ...(state.comment === null ? [] : [commentOf(state)]),
    ...(state.grants === null ? [] : grantsOf(state, [])),
    ...(isOwned(state) && state.owner !== '' ? [ownerOf(state)] : []),
  ];
}

/** Settings of CREATE and ALTER SEQUENCE, as pg_sequence has them. */
const SETTINGS: Readonly<Record<string, string>> = {
  as: 'AS',
  increment: 'INCREMENT BY',
  minvalue: 'MINVALUE',
  maxvalue: 'MAXVALUE',
  start: 'START WITH',
  cache: 'CACHE',
};

function sequenceSql(before: ObjectState, now: ObjectState): Worded[] {
  const changed = (name: string): boolean => before.attributes[name] !== now.attributes[name];
  const parts = Object.entries(SETTINGS)
    .filter(([name]) => before.attributes[name] !== undefined && changed(name))
    .map(([name, words]) => `${words} ${before.attributes[name] ?? ''}`);
  if (before.attributes['cycle'] !== undefined && changed('cycle'))
    parts.push(before.attributes['cycle'] === 'yes' ? 'CYCLE' : 'NO CYCLE');
  if (before.attributes['owned by'] !== undefined && changed('owned by'))
    parts.push(`OWNED BY ${before.attributes['owned by']}`);
  if (parts.length === 0) return [];
  return [
    { sql: `ALTER ${now.target} ${parts.join(' ')}`, words: `Gives ${before.name} the settings it had.` },
  ];
}

const labelsOf = ({ attributes }: ObjectState): string[] =>
  JSON.parse(attributes['labels'] ?? '[]') as string[];

/** Values that were added stay: the server has no way to take them away. Those that were renamed stand where they stood. */
function labelsSql(before: ObjectState, now: ObjectState): Worded[] {
  const was = labelsOf(before);
  const is = labelsOf(now);
  const added = is.length - was.length;
  const left = added > 0 ? withoutAdded(was, is) : is;
  if (left.length !== was.length) return [];
  return left.flatMap((label, at) => {
    const old = was[at] ?? '';
    if (label === old) return [];
    return [
      {
        sql: `ALTER ${now.target} RENAME VALUE ${quoteLiteral(label)} TO ${quoteLiteral(old)}`,
        words: `Gives the value ${label} of ${before.name} the name ${old} again.`,
      },
    ];
  });
}

/** Only where every value of before is still there under its name can those that were added be told. */
function withoutAdded(was: readonly string[], is: readonly string[]): string[] {
  const left = is.filter((label) => was.includes(label));
  return left.length === was.length ? left : [];
}

/** As one text; where every object has them, those of its kind. */
export const rightsOf = (state: ObjectState): string =>
  JSON.stringify(
    (state.grants ?? state.plainGrants ?? []).map(({ grantee, privilege, grantable, column }) => [
      grantee,
      privilege,
      grantable,
      column ?? '',
    ]),
  );

const SWITCHES: Readonly<Record<string, readonly [string, string]>> = {
  'row security': ['ENABLE ROW LEVEL SECURITY', 'DISABLE ROW LEVEL SECURITY'],
  'forced row security': ['FORCE ROW LEVEL SECURITY', 'NO FORCE ROW LEVEL SECURITY'],
};

/** What makes one state of the same object the other. */
export function differencesSql(before: ObjectState, now: ObjectState, named: string): Worded[] {
  const here = { ...before, target: now.target };
  const switched = Object.entries(SWITCHES).flatMap(([name, [on, off]]) => {
    const value = before.attributes[name];
    if (!now.target.startsWith('TABLE ') || value === undefined || value === now.attributes[name]) return [];
    return [
      {
        sql: `ALTER ${now.target} ${value === 'on' ? on : off}`,
        words: `Sets the ${name} of ${named} as it was.`,
      },
    ];
  });
  return [
    ...labelsSql(before, now),
    ...sequenceSql(before, now),
    ...switched,
    ...(before.comment === now.comment ? [] : [commentOf(here)]),
    ...(rightsOf(before) === rightsOf(now) ? [] : grantsAgain(here, now)),
    ...(before.owner === now.owner ? [] : [ownerOf(here)]),
  ];
}

/** No list means what every new object has: the owner everything, PUBLIC what its kind gives. */
function grantsAgain(before: ObjectState, now: ObjectState): Worded[] {
  const extra = (now.grants ?? []).filter(
    ({ grantee }) => grantee !== before.owner || before.grants !== null,
  );
  return grantsOf({ ...before, grants: before.grants ?? before.plainGrants ?? [] }, extra);
}
