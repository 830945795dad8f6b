/** Definitions as they will be when a step begins, for steps that come after others still to run. */
import type {
  ColumnDefinition,
  ConstraintDefinition,
  IndexDefinition,
  SequenceDefinition,
  TableDefinition,
} from '../definition.ts';
import { definitionAfter } from '../forms/after.ts';
import { tableOfObject } from '../objects/refs.ts';
import { orSentence } from '../forms/unfit.ts';
import type { Catalog, Column, Effect, Statement, Table } from '../types.ts';

const COLUMN: Omit<ColumnDefinition, 'name' | 'type' | 'notNull' | 'default' | 'generated' | 'identity'> = {
  expression: null,
  collation: null,
  storage: null,
  compression: null,
  statisticsTarget: null,
  options: [],
  comment: null,
  grants: null,
};

function fresh(schema: string, name: string): TableDefinition {
  return {
    schema,
    name,
    oid: 0,
    kind: 'r',
    persistence: 'p',
    owner: '',
    tablespace: null,
    options: [],
    replicaIdentity: 'd',
    replicaIndex: null,
    rowSecurity: { enabled: false, forced: false },
    comment: null,
    grants: null,
    columns: [],
    indexes: [],
    constraints: [],
    statistics: [],
    triggers: [],
    rules: [],
    policies: [],
    sequences: [],
    parents: [],
    children: [],
    publications: [],
    heapBytes: 0,
    indexBytes: 0,
    estimatedRows: 0,
  };
}

/** Of a serial column: the sequence that the server makes for it. */
function sequenceOf(table: Table, { name, type, default: value }: Column): SequenceDefinition[] {
  const found = /^nextval\('"?([^"']+)"?'::regclass\)$/.exec(value ?? '')?.[1];
  if (found === undefined) return [];
  const own = table.bare !== undefined && found.startsWith(`${table.schema}.`);
  return [
    {
      schema: table.schema,
      name: own ? found.slice(table.schema.length + 1) : found,
      column: name,
      identity: false,
      settings: `AS ${type}`,
      comment: null,
    },
  ];
}

/** What statements do not tell of a table is taken from what it was, as far as that could be followed. */
function foreseen(table: Table, base: TableDefinition): TableDefinition {
  const columns = table.columns.map((column): ColumnDefinition => {
    const known = base.columns.find(({ name }) => name === column.name);
    return { ...COLUMN, ...known, ...column };
  });
  const constraints = table.constraints.map((constraint): ConstraintDefinition => {
    const known = base.constraints.find(({ name }) => name === constraint.name);
    // A foreign key follows the names of the other table as well, which only the catalog knows.
    const own = known && constraint.type !== 'f' ? { definition: known.definition } : {};
    return { validated: true, comment: null, ...known, ...constraint, ...own };
  });
  const indexes = table.indexes.map((index): IndexDefinition => {
    const known = base.indexes.find(({ name }) => name === index.name);
    const behind = table.constraints.some(
      ({ name, type }) => name === index.name && ['p', 'u', 'x'].includes(type),
    );
    const own = known ? { definition: known.definition } : {};
    return {
      ...{ comment: null, clustered: false, ...known, ...index, ...own },
      constraint: behind ? index.name : null,
    };
  });
  const owned = base.sequences.filter(({ column }) => columns.some(({ name }) => name === column));
  const more = table.columns
    .filter(({ name }) => !owned.some(({ column }) => column === name))
    .flatMap((column) => sequenceOf(table, column));
  return {
    ...base,
    name: table.name,
    ...(table.bare === undefined ? {} : { bare: table.bare }),
    columns,
    constraints,
    indexes,
    sequences: [...owned, ...more],
  };
}

/** Where a table of another schema is. */
function at({ elsewhere }: Catalog, name: string): Partial<Pick<TableDefinition, 'schema' | 'bare'>> {
  const place = elsewhere?.[name];
  return place ? { schema: place.schema, bare: place.name } : {};
}

/** Foreign keys of a table that nothing changes follow the tables that they point at, or go with them. */
function pointing(now: TableDefinition, then: Table | undefined): TableDefinition {
  const constraints = now.constraints.flatMap((one): ConstraintDefinition[] => {
    if (one.type !== 'f' || !then) return [one];
    const found = then.constraints.find(({ name }) => name === one.name);
    return found ? [{ ...one, definition: found.definition }] : [];
  });
  return { ...now, constraints };
}

export interface Then {
  definitions: TableDefinition[];
  /** Tables, by their names then, that earlier statements change. */
  touched: Set<string>;
}

function tablesIn(effect: Effect): string[] {
  if (effect.kind === 'rename-table') return [effect.from];
  if (effect.kind === 'select' || effect.kind === 'comment' || effect.kind === 'not-understood') return [];
  if (effect.kind === 'create-extension' || effect.kind === 'upkeep') return [];
  if (effect.kind === 'object') return [tableOfObject(effect) ?? []].flat();
  return 'table' in effect ? [effect.table] : [];
}

/** Tables, by their names before it, whose definition the effect may change. */
function affected(effect: Effect, holding: (index: string) => string[]): string[] {
  if (effect.kind === 'drop-index' || effect.kind === 'reindex') return holding(effect.name);
  if (effect.kind === 'rename-index') return holding(effect.from);
  return tablesIn(effect);
}

/** Where a definition cannot be followed, it stays as it was: the catalog has what is known of it. */
function followed(one: TableDefinition, effect: Effect, statement: Statement): TableDefinition {
  const after = orSentence(() => definitionAfter(one, effect, statement, new Set()));
  if (typeof after === 'string') return one;
  if (effect.kind !== 'rename-column') return after;
  const sequences = one.sequences.map((sequence) =>
    sequence.column === effect.from ? { ...sequence, column: effect.to } : sequence,
  );
  return { ...after, sequences };
}

/**
 * @param now definitions as they are
 * @param earlier the statements that run before the step, in order
 * @param catalog as they leave it
 */
export function definitionsThen(
  now: readonly TableDefinition[],
  earlier: readonly Statement[],
  catalog: Catalog,
): Then {
  /** Names then → definitions, as far as the statements could be followed. */
  const names = new Map<string, TableDefinition>(now.map((one) => [one.name, one]));
  const touched = new Set<string>();
  const holding = (index: string): string[] =>
    [...names].flatMap(([name, one]) => (one.indexes.some((each) => each.name === index) ? [name] : []));
  for (const [effect, statement] of earlier.flatMap((one) =>
    one.effects.map((each) => [each, one] as const),
  )) {
    if (effect.schema !== undefined && effect.schema !== catalog.schema) continue;
    for (const table of tablesIn(effect)) touched.add(table);
    if (effect.kind === 'drop-index' || effect.kind === 'reindex')
      for (const table of holding(effect.name)) touched.add(table);
    if (effect.kind === 'rename-index') for (const table of holding(effect.from)) touched.add(table);
    if (effect.kind === 'create-table' && !names.has(effect.table))
      names.set(effect.table, { ...fresh(catalog.schema, effect.table), ...at(catalog, effect.table) });
    for (const name of affected(effect, holding)) {
      const one = names.get(name);
      if (one) names.set(name, followed(one, effect, statement));
    }
    if (effect.kind === 'drop-table') names.delete(effect.table);
    if (effect.kind === 'rename-table') {
      const one = names.get(effect.from);
      if (one) names.set(effect.to, one);
      names.delete(effect.from);
      touched.delete(effect.from);
      touched.add(effect.to);
    }
  }
  const definitions = [...names].flatMap(([name, one]): TableDefinition[] => {
    if (!touched.has(name)) return [pointing(one, catalog.tables[name])];
    const table = catalog.tables[name];
    return table ? [foreseen(table, one)] : [];
  });
  return { definitions, touched };
}
