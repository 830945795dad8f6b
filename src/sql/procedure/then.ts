/** Definitions as they will be when a step begins, for steps that come after others still to run. */
import type {
  ColumnDefinition,
  ConstraintDefinition,
  IndexDefinition,
  TableDefinition,
} from '../definition.ts';
import type { Catalog, Effect, Statement, Table } from '../types.ts';

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

function fresh(table: Table): TableDefinition {
  return {
    schema: table.schema,
    name: table.name,
    oid: 0,
    kind: table.kind,
    persistence: 'p',
    owner: table.owner,
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

/** What statements do not tell of a table is taken from what it is now. */
function foreseen(table: Table, now: TableDefinition | undefined): TableDefinition {
  const base = now ?? fresh(table);
  const columns = table.columns.map((column): ColumnDefinition => {
    const known = base.columns.find(({ name }) => name === column.name);
    return { ...COLUMN, ...known, ...column };
  });
  const constraints = table.constraints.map((constraint): ConstraintDefinition => {
    const known = base.constraints.find(({ name }) => name === constraint.name);
    return { validated: true, comment: null, ...known, ...constraint };
  });
  const indexes = table.indexes.map((index): IndexDefinition => {
    const known = base.indexes.find(({ name }) => name === index.name);
    const behind = table.constraints.some(
      ({ name, type }) => name === index.name && ['p', 'u', 'x'].includes(type),
    );
    return { comment: null, clustered: false, ...known, ...index, constraint: behind ? index.name : null };
  });
  return { ...base, name: table.name, columns, constraints, indexes };
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
  return 'table' in effect ? [effect.table] : [];
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
  /** Names then → definition now; undefined for a table that the statements create. */
  const names = new Map<string, TableDefinition | undefined>(now.map((one) => [one.name, one]));
  const touched = new Set<string>();
  const holding = (index: string): string[] =>
    [...names].flatMap(([name, one]) => (one?.indexes.some((each) => each.name === index) ? [name] : []));
  for (const effect of earlier.flatMap(({ effects }) => effects)) {
    if (effect.schema !== undefined && effect.schema !== catalog.schema) continue;
    for (const table of tablesIn(effect)) touched.add(table);
    if (effect.kind === 'drop-index') for (const table of holding(effect.name)) touched.add(table);
    if (effect.kind === 'rename-index') for (const table of holding(effect.from)) touched.add(table);
    if (effect.kind === 'create-table' && !names.has(effect.table)) names.set(effect.table, undefined);
    if (effect.kind === 'drop-table') names.delete(effect.table);
    if (effect.kind === 'rename-table') {
      names.set(effect.to, names.get(effect.from));
      names.delete(effect.from);
      touched.delete(effect.from);
      touched.add(effect.to);
    }
  }
  const definitions = [...names].flatMap(([name, one]): TableDefinition[] => {
    if (one && !touched.has(name)) return [pointing(one, catalog.tables[name])];
    const table = catalog.tables[name];
    return table ? [foreseen(table, one)] : [];
  });
  return { definitions, touched };
}
