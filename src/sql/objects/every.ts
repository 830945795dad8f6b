/**
 * Statements about all objects of a kind: GRANT … ON ALL TABLES IN SCHEMA, DISABLE TRIGGER ALL. Each becomes an effect for
 * each object, once the database has said which there are.
 */
import type { Effect, Table } from '../types.ts';
import { maySame, refOnly, renamedTo } from './keys.ts';
import { effect } from './names.ts';
import type { SessionRoles } from './session-roles.ts';
import type { Every, ObjectEffect, ObjectRef } from './types.ts';

/** What is there of such objects; read where a plan asks for it. */
export interface Around {
  roles: SessionRoles;
  asked: { schemas: readonly string[]; places: readonly string[]; tables: readonly string[] };
  /** Of schemas, by name. */
  members: Readonly<Record<string, readonly Member[]>>;
  /** Of tables, by `schema.name`. */
  triggers: Readonly<Record<string, readonly { name: string; internal: boolean }[]>>;
}

export interface Member {
  ref: ObjectRef;
  /** The table that a sequence belongs to. */
  table: string | null;
  column: string | null;
}

const SWITCHES: Readonly<Record<string, [Every['what'], string]>> = {
  AT_EnableTrigAll: ['triggers', 'O'],
  AT_DisableTrigAll: ['triggers', 'D'],
  AT_EnableTrigUser: ['user triggers', 'O'],
  AT_DisableTrigUser: ['user triggers', 'D'],
};

/** ENABLE and DISABLE TRIGGER ALL and USER; null for every other subcommand. */
export function everyTrigger(table: ObjectRef, subtype: string): ObjectEffect[] | null {
  const [what, enabled] = SWITCHES[subtype] ?? [];
  if (what === undefined || enabled === undefined) return null;
  const { name, schema } = table;
  const every: Every = { what, table: name, ...(schema === undefined ? {} : { schema }) };
  return [effect(table, 'alter', { every, sets: { enabled }, again: true })];
}

/** How these are called in words: `every table in schema public`. */
export function everyWords({ what, schema, table }: Every): string {
  if (what === 'triggers') return `every trigger of ${table ?? ''}, those of its foreign keys too`;
  if (what === 'user triggers') return `every trigger of ${table ?? ''} but those of its foreign keys`;
  const one = what === 'routines' ? 'function and procedure' : what.replace(/s$/, '');
  return `every ${one} in schema ${schema ?? ''}`;
}

/** What a plan asks for that is in no catalog of tables. */
export function everyOf(effects: readonly Effect[]): Every[] {
  return effects.flatMap((one) => (one.kind === 'object' && one.every ? [one.every] : []));
}

const TYPES: Readonly<Record<string, readonly ObjectRef['type'][]>> = {
  tables: ['table'],
  sequences: ['sequence'],
  functions: ['function'],
  procedures: ['procedure'],
  routines: ['function', 'procedure'],
};

interface Here {
  schema: string;
  tables: Readonly<Record<string, Table>>;
  around?: Around;
}

function inSchema(every: Every, here: Here, before: readonly Effect[]): ObjectRef[] {
  const types = TYPES[every.what] ?? [];
  const own = every.schema === here.schema;
  const found = (here.around?.members[every.schema ?? ''] ?? []).filter(({ ref }) =>
    types.includes(ref.type),
  );
  const changed = before.filter((one): one is ObjectEffect => one.kind === 'object');
  const goes = (ref: ObjectRef): boolean =>
    changed.some((one) => (one.verb === 'drop' || one.verb === 'rename') && maySame(one, ref, here.schema));
  const withTable = ({ table, column }: Member): boolean =>
    table !== null &&
    own &&
    (here.tables[table] === undefined ||
      (column !== null && !here.tables[table].columns.some(({ name }) => name === column)));
  const made = changed.flatMap((one): ObjectRef[] => {
    const ref = one.verb === 'rename' ? renamedTo(one) : refOnly(one);
    const here = ref.schema === undefined ? own : ref.schema === every.schema;
    return here && types.includes(ref.type) && ['create', 'replace', 'rename'].includes(one.verb)
      ? [ref]
      : [];
  });
  const there = found.filter((one) => !goes(one.ref) && !withTable(one)).map(({ ref }) => ref);
  // The catalog that the statements before it leave has the schema's tables.
  const tables: ObjectRef[] = Object.values(here.tables)
    .filter(({ schema }) => schema === here.schema)
    .map(({ name }) => ({ type: 'table', name }));
  if (every.what === 'tables') return own ? tables : there;
  return [...there, ...made.filter((ref) => !there.some((one) => maySame(one, ref, here.schema)))];
}

function ofTable(every: Every, here: Here, before: readonly Effect[]): ObjectRef[] | null {
  const on = every.table ?? '';
  const names = [on];
  for (const one of [...before].reverse())
    if (one.kind === 'rename-table' && one.to === names.at(-1)) names.push(one.from);
  const schema = every.schema ?? here.schema;
  const known = names.map((name) => here.around?.triggers[`${schema}.${name}`]).find((one) => one);
  if (here.tables[on]?.kind === 'p') return null;
  const at = every.schema === undefined ? {} : { schema: every.schema };
  const found = (known ?? [])
    .filter(({ internal }) => every.what === 'triggers' || !internal)
    .map(({ name }): ObjectRef => ({ type: 'trigger', name, on, ...at }));
  const changed = before.filter(
    (one): one is ObjectEffect => one.kind === 'object' && one.type === 'trigger',
  );
  const same = (one: ObjectRef, other: ObjectRef): boolean =>
    one.name === other.name && names.includes(one.on ?? '');
  const made = changed.filter((one) => one.verb === 'create' && names.includes(one.on ?? ''));
  const gone = changed.filter(({ verb }) => verb === 'drop');
  return [
    ...found.filter((ref) => !gone.some((one) => same(one, ref))),
    ...made
      .filter((ref) => !found.some((one) => same(ref, one)))
      .map(({ name }): ObjectRef => ({ type: 'trigger', name, on, ...at })),
  ];
}

/** The effects with one for each object. @param before those of the statements before it */
export function expanded(
  effects: readonly Effect[],
  here: Here,
  before: readonly Effect[],
): readonly Effect[] {
  if (here.around === undefined || everyOf(effects).length === 0) return effects;
  return effects.flatMap((one): Effect[] => {
    if (one.kind !== 'object' || !one.every) return [one];
    const { every, sets, verb, again } = one;
    const refs = every.table === undefined ? inSchema(every, here, before) : ofTable(every, here, before);
    if (refs === null)
      return [
        {
          kind: 'not-understood',
          what: `the triggers of the partitions of ${every.table ?? ''} would be switched too`,
        },
      ];
    if (refs.length === 0)
      return [{ kind: 'nothing', why: `There is no ${everyWords(every).replace(/^every /, '')}.` }];
    return refs.map((ref) => effect(ref, verb, { every, sets, again }));
  });
}
