/** What statements leave of objects, worked out without running them. */
import type { Catalog, ColumnSpec, Table } from '../types.ts';
import { quoteIdent } from '../types-of.ts';
import { targetAt } from './target.ts';
import { effect } from './names.ts';
import { isRelation, objectKey, renamedTo } from './keys.ts';
import type { ObjectEffect, ObjectRef, ObjectState, ObjectStates } from './types.ts';

/** An object that a statement still to run will make. */
function fresh(effect: ObjectEffect, schema: string): ObjectState {
  return {
    oid: 0,
    kind: '',
    schema: effect.schema ?? schema,
    name: effect.name,
    make: effect.text === undefined ? null : [effect.text],
    target: '',
    owner: effect.sets['owner'] ?? '',
    comment: null,
    grants: null,
    attributes: effect.sets,
    like: null,
    late: false,
    more: [],
    dependents: [],
  };
}

function changed(state: ObjectState, effect: ObjectEffect): ObjectState {
  const { owner = state.owner, comment = state.comment ?? '', ...attributes } = effect.sets;
  const { labels, ...others } = state.attributes;
  const relabelled = Object.keys(attributes).some((name) => name.startsWith('label:'));
  const kept = labels === undefined || relabelled ? others : { ...others, labels };
  return {
    ...state,
    owner,
    comment: comment === '' ? null : comment,
    attributes: { ...kept, ...attributes },
  };
}

function afterEffect(objects: ObjectStates, effect: ObjectEffect, schema: string): ObjectStates {
  const key = objectKey(effect, schema);
  const was = objects[key] ?? null;
  switch (effect.verb) {
    case 'create':
      return was && effect.ifNotExists ? objects : { ...objects, [key]: fresh(effect, schema) };
    case 'replace':
      return { ...objects, [key]: was ? { ...was, ...madeAnew(was, effect) } : fresh(effect, schema) };
    case 'drop': {
      const along = was?.dependents.flatMap(({ ref }) => (ref ? [ref] : [])) ?? [];
      return without(objects, [effect, ...(effect.cascade ? along : [])], schema);
    }
    case 'rename': {
      const to = renamedTo(effect);
      const place = to.schema ?? was?.schema ?? schema;
      const target = was ? targetAt(was, place, to.name) : '';
      const named = was ? { ...was, schema: place, name: to.name, make: null, target } : null;
      return { ...objects, [key]: null, [objectKey(to, schema)]: named };
    }
    default:
      if (!was && effect.withTable) return { ...objects, [key]: fresh(effect, schema) };
      return was ? { ...objects, [key]: changed(was, effect) } : objects;
  }
}

/** Owner, rights and comment stay (manual, sql-createfunction, sql-createview). */
function madeAnew(was: ObjectState, effect: ObjectEffect): Partial<ObjectState> {
  return { make: effect.text === undefined ? null : [effect.text], like: null, attributes: was.attributes };
}

function without(objects: ObjectStates, refs: readonly ObjectRef[], schema: string): ObjectStates {
  const keys = new Set(refs.map((ref) => objectKey(ref, schema)));
  const [first] = refs;
  return Object.fromEntries(
    Object.entries(objects).map(([key, state]) => {
      const same =
        first?.type === 'function' &&
        first.signature === undefined &&
        key.startsWith(`function ${first.name}(`);
      return [key, keys.has(key) || same ? null : state];
    }),
  );
}

function viewTable(effect: ObjectEffect, schema: string): Table {
  return {
    schema,
    name: effect.name,
    oid: 0,
    kind: effect.type === 'view' ? 'v' : 'm',
    owner: '',
    estimatedRows: -1,
    bytes: 0,
    columns: [],
    indexes: [],
    constraints: [],
  };
}

/** Views are among the catalog's tables. */
function relationsAfter(tables: Catalog['tables'], effect: ObjectEffect, schema: string): Catalog['tables'] {
  if (!isRelation(effect) || (effect.schema !== undefined && effect.schema !== schema)) return tables;
  const { [effect.name]: was, ...others } = tables;
  switch (effect.verb) {
    case 'create':
    case 'replace':
      return was && effect.ifNotExists ? tables : { ...others, [effect.name]: viewTable(effect, schema) };
    case 'drop':
      return others;
    case 'rename':
      if (effect.toSchema !== undefined && effect.toSchema !== schema) return others;
      return was ? { ...others, [effect.to ?? '']: { ...was, name: effect.to ?? '' } } : tables;
    default:
      return was ? { ...tables, [effect.name]: withColumnRenamed(was, effect) } : tables;
  }
}

/** ALTER VIEW … RENAME COLUMN says that one column goes and another comes. */
function withColumnRenamed(view: Table, { sets }: ObjectEffect): Table {
  const named = (value: string): string | undefined =>
    Object.keys(sets)
      .find((name) => name.startsWith('column:') && sets[name] === value)
      ?.slice('column:'.length);
  const [from, to] = [named('no'), named('yes')];
  if (from === undefined || to === undefined) return view;
  return {
    ...view,
    columns: view.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
  };
}

/** Columns are of the type that was renamed, whatever it is called by now. */
function typesAfter(tables: Catalog['tables'], effect: ObjectEffect, schema: string): Catalog['tables'] {
  if (effect.verb !== 'rename' || (effect.type !== 'type' && effect.type !== 'domain')) return tables;
  const { name, schema: at } = renamedTo(effect);
  const place = quoteIdent(effect.schema ?? schema);
  const to = at === undefined || at === schema ? quoteIdent(name) : `${quoteIdent(at)}.${quoteIdent(name)}`;
  const old = [quoteIdent(effect.name), `${place}.${quoteIdent(effect.name)}`];
  const renamed = (type: string): string => {
    const [, element = type, array = ''] = /^(.*?)((?:\[\])*)$/s.exec(type) ?? [];
    return old.includes(element) ? `${to}${array}` : type;
  };
  return Object.fromEntries(
    Object.entries(tables).map(([key, table]) => [
      key,
      { ...table, columns: table.columns.map((column) => ({ ...column, type: renamed(column.type) })) },
    ]),
  );
}

export function applyObject(catalog: Catalog, effect: ObjectEffect): Catalog {
  const views = relationsAfter(catalog.tables, effect, catalog.schema);
  const tables = typesAfter(views, effect, catalog.schema);
  if (!catalog.objects) return { ...catalog, tables };
  return { ...catalog, tables, objects: afterEffect(catalog.objects, effect, catalog.schema) };
}

/** As PostgreSQL names it, where the name is free and not too long (CREATE TABLE's manual page, SERIAL). */
const sequenceName = (table: string, { name, default: value }: ColumnSpec): string =>
  /^nextval\('([^'"]+)'::regclass\)$/.exec(value ?? '')?.[1] ?? `${table}_${name}_seq`;

/** New columns, and the table if it is new, of which the plan asks as objects too: for rights, owner or comment. */
export function objectsMade(
  catalog: Catalog,
  table: string,
  columns: readonly ColumnSpec[],
  isNew: boolean,
): Catalog {
  if (!catalog.objects) return catalog;
  const made: ObjectRef[] = [
    ...(isNew ? [{ type: 'table', name: table } as const] : []),
    ...columns.map((column) => ({ type: 'sequence', name: sequenceName(table, column) }) as const),
  ];
  const asked = made.filter((ref) => catalog.objects?.[objectKey(ref, catalog.schema)] === null);
  if (asked.length === 0) return catalog;
  const objects = asked.map((ref) => [
    objectKey(ref, catalog.schema),
    fresh(effect(ref, 'create'), catalog.schema),
  ]);
  return { ...catalog, objects: { ...catalog.objects, ...Object.fromEntries(objects) } };
}

/** Triggers, policies and rules go with their table, and follow its name. */
export function objectsOfTable(catalog: Catalog, table: string, to: string | null): Catalog {
  if (!catalog.objects) return catalog;
  const end = ` on ${table}`;
  const own = `table ${table}`;
  const objects: Record<string, ObjectState | null> = {};
  for (const [key, state] of Object.entries(catalog.objects)) {
    const mine = key.endsWith(end) || key === own;
    if (!mine) objects[key] ??= state;
    else {
      objects[key] = null;
      if (to !== null) objects[key === own ? `table ${to}` : `${key.slice(0, -end.length)} on ${to}`] = state;
    }
  }
  return { ...catalog, objects };
}
