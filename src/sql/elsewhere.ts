/**
 * Names with a schema in front. A name in the run's own schema means what it means without it; a table of another schema
 * is known as `schema.name` wherever a plan, a catalog or an archive speaks of it.
 */
import type { Node, RangeVar } from '@pgsql/types';
import { effectsOf } from './effects.ts';
import { cteNames, textsOf, walk } from './parse-tree.ts';
import { quoteIdent } from './types-of.ts';
import type { Catalog, ColumnSpec, Effect, Elsewhere, Place, Plan, Statement } from './types.ts';

const keyOf = ({ schema, name }: Place): string => `${schema}.${name}`;

/** Schemas of the server: nothing of them is taken back. */
const OF_SERVER = /^(pg_|information_schema$)/;

type Fields = Record<string, unknown>;

/** Parts of the tree that name a relation. */
const RANGES = new Set(['RangeVar', 'relation', 'pktable', 'constrrel', 'rel', 'name']);

function placesIn(statement: Statement): Place[] {
  const found: Place[] = [];
  walk(statement.tree, (kind, fields) => {
    const { schemaname: schema, relname: name } = fields as RangeVar;
    if (RANGES.has(kind) && schema && name) found.push({ schema, name });
  });
  for (const effect of statement.effects) {
    if (effect.schema === undefined) continue;
    const { schema } = effect;
    if ('table' in effect) found.push({ schema, name: effect.table });
    else if (effect.kind === 'rename-table')
      found.push({ schema, name: effect.from }, { schema, name: effect.to });
    else found.push(...indexesOf(effect).map((name) => ({ schema, name })));
  }
  return found;
}

/** The indexes that an effect names. */
function indexesOf(effect: Effect): string[] {
  if (effect.kind === 'rename-index') return [effect.from, effect.to];
  return ['drop-index', 'reindex', 'create-index'].includes(effect.kind) && 'name' in effect
    ? [effect.name ?? '']
    : [];
}

/** The tables that the plan names in other schemas than the run's, by the names they are known by. */
export function elsewhereOf(plan: Plan, schema: string): Elsewhere {
  const places = plan.steps
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => [...placesIn(statement), ...renamedTo(statement)])
    .filter((place) => place.schema !== schema && !OF_SERVER.test(place.schema));
  const effects = plan.steps.flatMap(({ statements }) => statements).flatMap((one) => one.effects);
  const own = effects.filter((effect) => effect.schema === undefined || effect.schema === schema);
  const hidden = [...new Set(own.flatMap(indexesOf))].sort();
  const more = hidden.length === 0 ? {} : { hidden };
  return Object.fromEntries(places.map((place) => [keyOf(place), { ...place, ...more }]));
}

/** ALTER TABLE s.a RENAME TO b: the new name stands alone in the tree. */
function renamedTo({ effects }: Statement): Place[] {
  return effects.flatMap((effect) =>
    effect.kind === 'rename-table' && effect.schema !== undefined
      ? [{ schema: effect.schema, name: effect.to }]
      : [],
  );
}

interface Names {
  home: string;
  elsewhere: Elsewhere;
  ctes: ReadonlySet<string>;
}

/** What a relation is called: without the run's schema, or by the name of one elsewhere; null: as it stands. */
function called({ schema, name }: Place, { home, elsewhere, ctes }: Names): Place | string | null {
  // A name of the server's would win over ours, and one of WITH hides a table.
  if (schema === home) return name.startsWith('pg_') || ctes.has(name) ? null : name;
  return elsewhere[keyOf({ schema, name })] ?? null;
}

function rangeOf(range: RangeVar & { place?: Place }, names: Names): RangeVar {
  const { schemaname: schema, relname: name } = range;
  if (!schema || !name) return range;
  const found = called({ schema, name }, names);
  if (found === null) return range;
  const rest = { ...range };
  delete rest.schemaname;
  if (typeof found === 'string') return { ...rest, relname: found };
  // Columns are named by the table's own name, so it stays as an alias.
  const alias = range.alias ?? { aliasname: name };
  return { ...rest, relname: keyOf(found), alias, place: found } as RangeVar;
}

/** `[schema, table]` or `[schema, table, column]` of a DROP or COMMENT. */
function listed(items: Node[], names: Names): Node[] {
  const [schema = '', name = '', ...rest] = textsOf(items);
  const found = called({ schema, name }, { ...names, ctes: new Set() });
  if (found === null) return items;
  const first = typeof found === 'string' ? found : keyOf(found);
  return [first, ...rest].map((sval): Node => ({ String: { sval } }));
}

/** How many names an object of a DROP or COMMENT has with its schema. */
const WITH_SCHEMA: Readonly<Record<string, number>> = {
  OBJECT_TABLE: 2,
  OBJECT_COLUMN: 3,
  OBJECT_TABCONSTRAINT: 3,
};

/** Indexes and types of the run's own schema lose it; those of others keep it. */
const OWN_ALONE: Readonly<Record<string, number>> = { OBJECT_INDEX: 2 };

function objectOf(node: Node, type: string, names: Names): Node {
  if (!('List' in node)) return node;
  const items = node.List.items ?? [];
  if (items.length === WITH_SCHEMA[type]) return { List: { ...node.List, items: listed(items, names) } };
  if (items.length !== OWN_ALONE[type]) return node;
  return { List: { ...node.List, items: listed(items, { ...names, elsewhere: {} }) } };
}

function rewritten(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Fields).map(([key, below]): [string, unknown] => {
      if (RANGES.has(key) && typeof below === 'object' && below !== null && 'relname' in below)
        return [key, rangeOf(below as RangeVar, names)];
      if (key === 'DropStmt' || key === 'CommentStmt') return [key, named(below as Fields, names)];
      if (key === 'TypeName') return [key, typed(below as Fields, names.home)];
      if (key === 'typeName') return [key, typed(below as Fields, names.home)];
      return [key, rewritten(below, names)];
    }),
  );
}

function named(fields: Fields, names: Names): Fields {
  const type = String(fields.removeType ?? fields.objtype ?? '');
  const { objects, object } = fields as { objects?: Node[]; object?: Node };
  return {
    ...fields,
    ...(objects ? { objects: objects.map((node) => objectOf(node, type, names)) } : {}),
    ...(object ? { object: objectOf(object, type, names) } : {}),
  };
}

/** A type of the run's schema reads without it in the catalog too. */
function typed(fields: Fields, home: string): Fields {
  const { names } = fields as { names?: Node[] };
  const parts = textsOf(names);
  return parts.length === 2 && parts[0] === home ? { ...fields, names: names?.slice(1) } : fields;
}

function withoutSchema(effect: Effect): Effect {
  const rest = { ...effect };
  delete rest.schema;
  return rest;
}

/** An index of another schema is known by its bare name alone, where no table of a third one has such an index. */
function indexOf(effect: Effect, catalog: Catalog): Effect {
  const { schema } = effect;
  if (schema === undefined) return effect;
  if (!['drop-index', 'rename-index', 'reindex'].includes(effect.kind)) return effect;
  const names = indexesOf(effect);
  const known = Object.values(catalog.elsewhere ?? {}).some((place) => place.schema === schema);
  const foreign = Object.values(catalog.tables).some(
    (table) => table.schema !== schema && table.indexes.some((index) => names.includes(index.name)),
  );
  const meant = Object.values(catalog.elsewhere ?? {}).some(({ hidden = [] }) =>
    names.some((name) => hidden.includes(name)),
  );
  return !known || foreign || meant ? effect : withoutSchema(effect);
}

/** The name that its sequences, and constraints without a name, get theirs from. */
function withBare(effect: Effect, { elsewhere = {} }: Catalog): Effect {
  const place = 'table' in effect ? elsewhere[effect.table] : undefined;
  if (!place) return effect;
  const named = { ...effect, bare: place.name };
  const serial = ({ name, default: value, ...column }: ColumnSpec): ColumnSpec => {
    const made = `nextval('${quoteIdent(`${keyOf(place)}_${name}_seq`)}'::regclass)`;
    const is = `nextval('${quoteIdent(place.schema)}.${quoteIdent(`${place.name}_${name}_seq`)}'::regclass)`;
    return { ...column, name, default: value === made ? is : value };
  };
  if (named.kind === 'create-table') return { ...named, columns: named.columns.map(serial) };
  return named.kind === 'add-column' ? { ...named, column: serial(named.column) } : named;
}

function effectOf(effect: Effect, was: Effect | undefined, catalog: Catalog): Effect {
  const here = withBare(effect.schema === catalog.schema ? withoutSchema(effect) : effect, catalog);
  const reads = (names: readonly string[]): string[] =>
    names.map((name) =>
      name.startsWith(`${catalog.schema}.`) ? name.slice(catalog.schema.length + 1) : name,
    );
  switch (here.kind) {
    case 'rename-table': {
      const from = catalog.elsewhere?.[here.from];
      return from ? { ...here, to: keyOf({ ...from, name: here.to }) } : here;
    }
    case 'create-table':
      return here.as ? { ...here, as: { ...here.as, reads: reads(here.as.reads) } } : here;
    case 'create-index':
      // The name that the server makes up is made of the table's own.
      return was?.kind === 'create-index' ? { ...here, name: was.name } : here;
    case 'update':
    case 'insert':
    case 'delete':
    case 'select':
      return { ...here, reads: reads(here.reads) };
    default:
      return indexOf(here, catalog);
  }
}

function statementOf(statement: Statement, catalog: Catalog): Statement {
  const { schema: home } = catalog;
  // What is no table has a place of its own in its effect.
  const elsewhere = statement.effects.some(({ kind }) => kind === 'object') ? {} : (catalog.elsewhere ?? {});
  const tree = rewritten(statement.tree, { home, elsewhere, ctes: cteNames(statement.tree) }) as Node;
  const same = JSON.stringify(tree) === JSON.stringify(statement.tree);
  const effects = (same ? statement.effects : effectsOf(tree)).map((effect, at) =>
    effectOf(effect, statement.effects[at], catalog),
  );
  return { ...statement, tree: same ? statement.tree : tree, effects };
}

/** Whether a statement names anything with its schema. Cheap: a plan that does not is left as it is. */
const qualifies = ({ tree, effects }: Statement): boolean =>
  /"schemaname"|"names":\[\{"String":\{"sval":"[^"]*"\}\},\{|"List":/.test(JSON.stringify(tree)) ||
  effects.some(({ schema }) => schema !== undefined);

/**
 * The plan with its names as the catalog has them. Its texts, and so its hash, stay as they are: what is sent to the
 * database is what was written.
 */
export function localPlan(plan: Plan, catalog: Catalog): Plan {
  const steps = plan.steps.map((step) => ({
    ...step,
    statements: step.statements.map((one) => (qualifies(one) ? statementOf(one, catalog) : one)),
  }));
  return { ...plan, steps };
}
