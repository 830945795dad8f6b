/** What becomes of one table: pure, every function returns a new one. */
import { constraintName, definedColumns } from './symbolic-names.ts';
import { indexDefinition, indexOnRenamedTable, renamedIndex, withRenamedColumn } from './symbolic-text.ts';
import { quoteIdent } from './types-of.ts';
import type { Column, ColumnSpec, Constraint, Effect, Index, Place, Table } from './types.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export function columnFrom(spec: ColumnSpec): Column {
  const { name, type, notNull, identity = '', generated = '' } = spec;
  return { name, type, notNull, default: spec.default, generated, identity };
}

function changeColumn(table: Table, name: string, change: Partial<Column>): Table {
  const columns = table.columns.map((column) => (column.name === name ? { ...column, ...change } : column));
  return { ...table, columns };
}

function addColumn(table: Table, { column, ifNotExists }: Of<'add-column'>): Table {
  const there = table.columns.some((known) => known.name === column.name);
  return there && ifNotExists ? table : { ...table, columns: [...table.columns, columnFrom(column)] };
}

/** With a column go the indexes and constraints over it, silently (manual, sql-altertable, DROP COLUMN). */
function dropColumn(table: Table, name: string): Table {
  return {
    ...table,
    columns: table.columns.filter((column) => column.name !== name),
    indexes: table.indexes.filter((index) => !index.columns.includes(name)),
    constraints: table.constraints.filter((constraint) => !constraint.columns.includes(name)),
  };
}

/** PostgreSQL 18 shows a NOT NULL as a constraint, too. */
function dropNotNull(table: Table, name: string): Table {
  const constraints = table.constraints.filter((one) => one.type !== 'n' || !one.columns.includes(name));
  return changeColumn({ ...table, constraints }, name, { notNull: false });
}

function renameColumn(table: Table, from: string, to: string): Table {
  const within = <T extends Index | Constraint>(thing: T): T =>
    thing.columns.includes(from)
      ? {
          ...thing,
          columns: thing.columns.map((column) => (column === from ? to : column)),
          definition: withRenamedColumn(thing.definition, from, to),
        }
      : thing;
  return {
    ...changeColumn(table, from, { name: to }),
    indexes: table.indexes.map(within),
    constraints: table.constraints.map(within),
  };
}

function backingIndex(table: Table, name: string, type: string, columns: string[]): Index {
  const definition = indexDefinition(
    { name, table: table.bare ?? table.name, columns, unique: true },
    table.schema,
  );
  return { name, definition, columns, unique: type !== 'x', primary: type === 'p', valid: true };
}

/** The name a constraint gets, when the statement gives none. */
export function nameOfConstraint(
  effect: Pick<Of<'add-constraint'>, 'name' | 'table' | 'bare' | 'type' | 'definition'>,
  taken?: ReadonlySet<string>,
): string {
  return (
    effect.name ??
    constraintName(effect.bare ?? effect.table, effect.type, definedColumns(effect.definition), taken)
  );
}

function addConstraint(table: Table, effect: Of<'add-constraint'>, taken: ReadonlySet<string>): Table {
  const columns = definedColumns(effect.definition);
  const name = nameOfConstraint({ ...effect, table: table.bare ?? effect.table }, taken);
  const constraint: Constraint = { name, type: effect.type, definition: effect.definition, columns };
  const added = { ...table, constraints: [...table.constraints, constraint] };
  if (!['p', 'u', 'x'].includes(effect.type)) return added;
  const primary = (index: Index): Index =>
    index.name === name && effect.type === 'p' ? { ...index, primary: true } : index;
  const indexed =
    effect.index === undefined
      ? { ...added, indexes: [...added.indexes, backingIndex(table, name, effect.type, columns)] }
      : { ...added, indexes: added.indexes.map(primary) };
  if (effect.type !== 'p') return indexed;
  return columns.reduce((before, column) => changeColumn(before, column, { notNull: true }), indexed);
}

function dropConstraint(table: Table, name: string): Table {
  const dropped = table.constraints.find((constraint) => constraint.name === name);
  const backed = dropped !== undefined && ['p', 'u', 'x'].includes(dropped.type);
  return {
    ...table,
    constraints: table.constraints.filter((constraint) => constraint.name !== name),
    indexes: backed ? table.indexes.filter((index) => index.name !== name) : table.indexes,
  };
}

/** pg_get_constraintdef writes NOT VALID at the end, as long as it is so. */
export const NOT_VALID = / NOT VALID$/;

function validateConstraint(table: Table, name: string): Table {
  const constraints = table.constraints.map((one) =>
    one.name === name ? { ...one, definition: one.definition.replace(NOT_VALID, '') } : one,
  );
  return { ...table, constraints };
}

/** A constraint and the index behind it always have the same name. */
export function renameIndexOrConstraint(table: Table, from: string, to: string): Table {
  return {
    ...table,
    constraints: table.constraints.map((constraint) =>
      constraint.name === from ? { ...constraint, name: to } : constraint,
    ),
    indexes: table.indexes.map((index) =>
      index.name === from
        ? { ...index, name: to, definition: renamedIndex(index.definition, from, to) }
        : index,
    ),
  };
}

function addIndex(table: Table, effect: Of<'create-index'>): Table {
  const { name, columns, unique } = effect;
  const definition = indexDefinition({ ...effect, table: table.bare ?? effect.table }, table.schema);
  return {
    ...table,
    // An invalid one of that name is removed before it is built by itself (src/sql/lone/left-over.ts).
    indexes: [
      ...table.indexes.filter((index) => index.name !== name || index.valid),
      { name, definition, columns, unique, primary: false, valid: true },
    ],
  };
}

/** @param place where it is made, when that is another schema */
export function newTable(
  schema: string,
  effect: Of<'create-table'>,
  taken: ReadonlySet<string>,
  place?: Place,
): Table {
  const table: Table = {
    schema: place?.schema ?? schema,
    name: effect.table,
    ...(place ? { bare: place.name } : {}),
    ...(effect.as?.open || effect.of?.open ? { open: true as const } : {}),
    oid: 0,
    kind: effect.partitioned === undefined ? 'r' : 'p',
    owner: '',
    estimatedRows: 0,
    bytes: 0,
    columns: effect.columns.map(columnFrom),
    indexes: [],
    constraints: [],
  };
  const key = {
    name: null,
    type: 'p',
    definition: `PRIMARY KEY (${effect.primaryKey.map(quoteIdent).join(', ')})`,
  };
  const declared = [...(effect.primaryKey.length > 0 ? [key] : []), ...(effect.constraints ?? [])];
  return declared.reduce(
    (before, constraint) =>
      addConstraint(
        before,
        { kind: 'add-constraint', table: effect.table, notValid: false, ...constraint },
        taken,
      ),
    table,
  );
}

/** A table under a new name: its own columns, indexes and constraints keep theirs. */
export function underNewName(table: Table, to: string): Table {
  const bare = table.bare === undefined ? undefined : to.slice(table.schema.length + 1);
  return {
    ...table,
    name: to,
    ...(bare === undefined ? {} : { bare }),
    indexes: table.indexes.map((index) => ({
      ...index,
      definition: indexOnRenamedTable(index.definition, table.bare ?? table.name, bare ?? to),
    })),
  };
}

/**
 * An effect that concerns one table alone; others leave it as it is.
 *
 * @param taken names of relations and constraints in the schema, which an unnamed constraint cannot get
 */
export function changeTable(table: Table, effect: Effect, taken: ReadonlySet<string>): Table {
  switch (effect.kind) {
    case 'add-column':
      return addColumn(table, effect);
    case 'drop-column':
      return dropColumn(table, effect.column);
    case 'rename-column':
      return renameColumn(table, effect.from, effect.to);
    case 'set-not-null':
      return changeColumn(table, effect.column, { notNull: true });
    case 'drop-not-null':
      return dropNotNull(table, effect.column);
    case 'set-default':
      return changeColumn(table, effect.column, { default: effect.expression });
    case 'drop-default':
      return changeColumn(table, effect.column, { default: null });
    case 'alter-type':
      return changeColumn(table, effect.column, { type: effect.type });
    case 'add-constraint':
      return addConstraint(table, effect, taken);
    case 'drop-constraint':
      return dropConstraint(table, effect.name);
    case 'validate-constraint':
      return validateConstraint(table, effect.name);
    case 'rename-constraint':
      return renameIndexOrConstraint(table, effect.from, effect.to);
    case 'create-index':
      return addIndex(table, effect);
    default:
      return table;
  }
}
