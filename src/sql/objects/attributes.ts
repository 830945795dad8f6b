/** What an object is given beyond its definition: owner, rights, comment, labels, settings. Pure. */
import { quoteLiteral, quoteName, type Worded } from '../definition-sql.ts';
import { attributesSql } from './composite.ts';
import { domainSql } from './domain.ts';
import { SWITCH } from './hanging.ts';
import { right, rightsSql, role } from './rights.ts';
import { dictionarySql, mappingsSql } from './text-search.ts';
import type { ObjectGrant, ObjectState } from './types.ts';

/** GRANT knows views as tables, and procedures by their own word. */
function grantTarget({ target }: ObjectState): string {
  return target.replace(/^(?:MATERIALIZED VIEW|VIEW) /, 'TABLE ');
}

function commentTarget({ target }: ObjectState): string {
  return target;
}

function grantsOf(state: ObjectState, taken: readonly ObjectGrant[]): Worded[] {
  const target = grantTarget(state);
  const grants = state.grants ?? [];
  const from = [...new Set([state.owner, '', ...taken.map(({ grantee }) => grantee)])];
  const named = state.name;
  return [
    {
      // With those that they gave on: all that were are given again.
      sql: `REVOKE ALL ON ${target} FROM ${from.map(role).join(', ')} CASCADE`,
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

const isSchema = ({ target }: ObjectState): boolean => target.startsWith('SCHEMA ');

const hungOn = (state: ObjectState): Worded[] =>
  state.more.map((sql) => ({ sql, words: `Gives ${state.name} what hung on it.` }));

/** Default privileges of a schema: when everything is back in it, so that nothing is given by them. */
export function finishedLast(state: ObjectState): Worded[] {
  return isSchema(state) ? hungOn(state) : [];
}

/** Default privileges may have given it what it did not have. */
function newRights(state: ObjectState): Worded[] {
  const { grants, plainGrants = [], defaultGrantees = [] } = state;
  if (grants === null && defaultGrantees.length === 0) return [];
  const given = defaultGrantees.map((grantee) => ({ grantee, privilege: '', grantable: false }));
  return grantsOf({ ...state, grants: grants ?? plainGrants }, given);
}

/** What an object that was just made lacks. */
export function finishedSql(state: ObjectState): Worded[] {
  return [
    ...(isSchema(state) ? [] : hungOn(state)),
    ...(state.comment === null ? [] : [commentOf(state)]),
    ...newRights(state),
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

/** A composite type that columns have: an attribute that was added to it stays, with what is in it. */
function columnsHaveIt({ dependents }: ObjectState): boolean {
  return dependents.some(({ type }) => type === 'table column');
}

/** An event trigger, or a trigger of a foreign key; those of people are in their table's definition. */
function enabledSql(before: ObjectState, now: ObjectState): Worded[] {
  const was = SWITCH[before.attributes['enabled'] ?? ''];
  if (was === undefined || before.attributes['enabled'] === now.attributes['enabled']) return [];
  const words = `Switches ${before.name} as it was.`;
  const on = /^TRIGGER (".*") ON (".*")$/s.exec(now.target);
  if (on) return [{ sql: `ALTER TABLE ${on[2] ?? ''} ${was} TRIGGER ${on[1] ?? ''}`, words }];
  return now.target.startsWith('EVENT TRIGGER ') ? [{ sql: `ALTER ${now.target} ${was}`, words }] : [];
}

/** Of extended statistics; -1 is the default. */
function targetSql(before: ObjectState, now: ObjectState): Worded[] {
  const target = before.attributes['target'];
  if (target === undefined || target === now.attributes['target']) return [];
  return [
    { sql: `ALTER ${now.target} SET STATISTICS ${target}`, words: `Gives ${before.name} the target it had.` },
  ];
}

/** Defaults of a view's columns, and comments on the columns of views. */
function viewColumnsSql(before: ObjectState, now: ObjectState): Worded[] {
  if (!/^(MATERIALIZED )?VIEW /.test(now.target)) return [];
  const place = now.target.replace(/^(MATERIALIZED )?VIEW /, '');
  return Object.entries(before.attributes).flatMap(([name, value]): Worded[] => {
    const [, what, column = ''] = /^(default|comment) of (.*)$/s.exec(name) ?? [];
    if (what === undefined || now.attributes[name] === value) return [];
    const words = `Gives ${column} of ${before.name} the ${what} it had.`;
    const said = value === '' ? 'NULL' : quoteLiteral(value);
    if (what === 'comment')
      return [{ sql: `COMMENT ON COLUMN ${place}.${quoteName(column)} IS ${said}`, words }];
    const set = value === '' ? 'DROP DEFAULT' : `SET DEFAULT ${value}`;
    return [{ sql: `ALTER ${now.target} ALTER COLUMN ${quoteName(column)} ${set}`, words }];
  });
}

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
    ...domainSql(here, now),
    ...attributesSql(before, now, columnsHaveIt(now)),
    ...mappingsSql(before, now),
    ...dictionarySql(before, now),
    ...enabledSql(before, now),
    ...targetSql(before, now),
    ...viewColumnsSql(before, now),
    ...sequenceSql(before, now),
    ...switched,
    ...(before.comment === now.comment ? [] : [commentOf(here)]),
    ...(rightsOf(before) === rightsOf(now) ? [] : grantsAgain(here, now)),
    ...(before.owner === now.owner ? [] : [ownerOf(here)]),
  ];
}

/** No list means what every new object has: the owner everything, PUBLIC what its kind gives. */
function grantsAgain(before: ObjectState, now: ObjectState): Worded[] {
  const all = ({ grants, plainGrants }: ObjectState): readonly ObjectGrant[] => grants ?? plainGrants ?? [];
  // With the owner the server changes whose rights the owner's are, and who gave them.
  if (before.owner === now.owner) return rightsSql(all(before), all(now), grantTarget(now), before.name);
  const extra = (now.grants ?? []).filter(
    ({ grantee }) => grantee !== before.owner || before.grants !== null,
  );
  return grantsOf({ ...before, grants: before.grants ?? before.plainGrants ?? [] }, extra);
}
