/** A table's definition after statements that have not run: what the copy is made from. */
import type { Node } from '@pgsql/types';
import type { ColumnDefinition, IndexDefinition, TableDefinition } from '../definition.ts';
import { renderExpression, renderStatement } from '../parse-render.ts';
import { name } from '../risk/text.ts';
import { constraintName, definedColumns, shorten } from '../symbolic-names.ts';
import { NOT_VALID } from '../symbolic-table.ts';
import type { Effect, Statement } from '../types.ts';
import {
  constraintDefinition,
  constraintUses,
  indexUses,
  inConstraint,
  inIndex,
  inStatistics,
  statisticsUse,
} from './definitions.ts';
import { columnsOf, expressionOf, withColumns } from './nodes.ts';
import { refuse, rendered } from './unfit.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

function changeColumn(
  table: TableDefinition,
  name: string,
  change: Partial<ColumnDefinition>,
): TableDefinition {
  const columns = table.columns.map((column) => (column.name === name ? { ...column, ...change } : column));
  return { ...table, columns };
}

const FRESH: Omit<ColumnDefinition, 'name' | 'type' | 'notNull' | 'default'> = {
  generated: '',
  expression: null,
  identity: '',
  collation: null,
  storage: null,
  compression: null,
  statisticsTarget: null,
  options: [],
  comment: null,
  grants: null,
};

/** The default's expression as it is written; null when it is taken away. */
function defaultOf(tree: Node, column: string): string | null {
  if (!('AlterTableStmt' in tree)) return null;
  for (const node of tree.AlterTableStmt.cmds ?? []) {
    if (!('AlterTableCmd' in node)) continue;
    const { subtype, name, def } = node.AlterTableCmd;
    if (subtype === 'AT_ColumnDefault' && name === column && def) return text(def);
    if (subtype !== 'AT_AddColumn' || !def || !('ColumnDef' in def) || def.ColumnDef.colname !== column)
      continue;
    for (const each of def.ColumnDef.constraints ?? []) {
      if ('Constraint' in each && each.Constraint.contype === 'CONSTR_DEFAULT' && each.Constraint.raw_expr)
        return text(each.Constraint.raw_expr);
    }
  }
  return null;
}

const text = (expression: Node): string => rendered(() => renderExpression(expression), 'A default');

function addColumn(table: TableDefinition, { column }: Of<'add-column'>, tree: Node): TableDefinition {
  const { name, type, notNull } = column;
  const value = column.default === null ? null : defaultOf(tree, name);
  const added = { ...table, columns: [...table.columns, { ...FRESH, name, type, notNull, default: value }] };
  return notNull ? namedNotNull(added, name) : added;
}

/** With a column go what is made of it, without a word (manual, sql-altertable, DROP COLUMN). */
function dropColumn(table: TableDefinition, name: string): TableDefinition {
  return {
    ...table,
    columns: table.columns.filter((column) => column.name !== name),
    indexes: table.indexes.filter((index) => !indexUses(index, name)),
    constraints: table.constraints.filter((constraint) => !constraintUses(constraint, name)),
    statistics: table.statistics.filter((statistics) => !statisticsUse(statistics, name)),
  };
}

function renameColumn(table: TableDefinition, from: string, to: string): TableDefinition {
  const listed = (columns: string[]): string[] => columns.map((column) => (column === from ? to : column));
  const generated = (column: ColumnDefinition): ColumnDefinition => {
    if (column.expression === null) return column;
    const tree = expressionOf(column.expression);
    if (!columnsOf(tree).includes(from)) return column;
    const changed = withColumns(tree, (name) =>
      name === from ? { ColumnRef: { fields: [{ String: { sval: to } }] } } : null,
    );
    return { ...column, expression: text(changed) };
  };
  return {
    ...changeColumn(table, from, { name: to }),
    columns: changeColumn(table, from, { name: to }).columns.map(generated),
    indexes: table.indexes.map((index) =>
      indexUses(index, from)
        ? { ...index, columns: listed(index.columns), definition: inIndex(index, from, to) }
        : index,
    ),
    constraints: table.constraints.map((constraint) =>
      constraintUses(constraint, from)
        ? {
            ...constraint,
            columns: listed(constraint.columns),
            definition: inConstraint(constraint, from, to),
          }
        : constraint,
    ),
    statistics: table.statistics.map((statistics) =>
      statisticsUse(statistics, from)
        ? { ...statistics, definition: inStatistics(statistics, from, to) }
        : statistics,
    ),
  };
}

/** From PostgreSQL 18 on a NOT NULL has a name, made of the names at that time. */
function namedNotNull(table: TableDefinition, column: string): TableDefinition {
  if (!table.constraints.some(({ type }) => type === 'n')) return table;
  if (table.constraints.some(({ type, columns }) => type === 'n' && columns[0] === column)) return table;
  const name = shorten(table.bare ?? table.name, column, 'not_null');
  const constraint = { name, type: 'n', definition: '', validated: true, columns: [column], comment: null };
  return { ...table, constraints: [...table.constraints, constraint] };
}

function withoutNotNull(table: TableDefinition, column: string): TableDefinition {
  const constraints = table.constraints.filter(({ type, columns }) => type !== 'n' || columns[0] !== column);
  return changeColumn({ ...table, constraints }, column, { notNull: false });
}

/** The index that a key brings with it. */
function behindSql(
  { schema, name: table }: TableDefinition,
  index: string,
  columns: readonly string[],
): string {
  return `CREATE UNIQUE INDEX ${name(index)} ON ${name(schema)}.${name(table)} USING btree (${columns.map(name).join(', ')})`;
}

/** The constraint as the statement says it, with all that belongs to it. */
function constraintText(tree: Node, effect: Of<'add-constraint'>): string {
  const commands = 'AlterTableStmt' in tree ? (tree.AlterTableStmt.cmds ?? []) : [];
  const added = commands.flatMap((node) => {
    const def = 'AlterTableCmd' in node ? node.AlterTableCmd.def : undefined;
    return def && 'Constraint' in def ? [def.Constraint] : [];
  });
  const found = added.filter(({ conname }) => (conname ?? null) === effect.name);
  const [only] = found;
  if (!only || found.length > 1) return refuse('A constraint is added in a way that is not followed here.');
  return constraintDefinition(only);
}

function addConstraint(
  table: TableDefinition,
  effect: Of<'add-constraint'>,
  tree: Node,
  taken: ReadonlySet<string>,
): TableDefinition {
  const { type } = effect;
  const definition = constraintText(tree, effect);
  const columns = definedColumns(effect.definition);
  if (effect.name === null && type !== 'p' && type !== 'u')
    return refuse('A constraint without a name is added.');
  const called = effect.name ?? constraintName(table.bare ?? effect.table, type, columns, taken);
  const constraint = { name: called, type, definition, validated: !effect.notValid, columns, comment: null };
  const added = { ...table, constraints: [...table.constraints, constraint] };
  if (type !== 'p' && type !== 'u') return added;
  const behind: IndexDefinition = {
    name: called,
    definition: behindSql(table, called, columns),
    comment: null,
    constraint: called,
    unique: true,
    primary: type === 'p',
    valid: true,
    clustered: false,
    columns,
  };
  const indexed = { ...added, indexes: [...added.indexes, behind] };
  if (type === 'u') return indexed;
  return columns.reduce(
    (before, column) => namedNotNull(changeColumn(before, column, { notNull: true }), column),
    indexed,
  );
}

function dropConstraint(table: TableDefinition, name: string): TableDefinition {
  return {
    ...table,
    constraints: table.constraints.filter((constraint) => constraint.name !== name),
    indexes: table.indexes.filter((index) => index.constraint !== name),
  };
}

/** A constraint and the index behind it always have the same name. */
function renamePart(table: TableDefinition, from: string, to: string): TableDefinition {
  return {
    ...table,
    constraints: table.constraints.map((one) => (one.name === from ? { ...one, name: to } : one)),
    indexes: table.indexes.map((one) => {
      if (one.name !== from) return one;
      if (one.constraint === null) return refuse(`The index ${from} is given another name.`);
      return { ...one, name: to, constraint: to };
    }),
  };
}

function addIndex(table: TableDefinition, effect: Of<'create-index'>, tree: Node): TableDefinition {
  if (!('IndexStmt' in tree)) return table;
  const { relation, ...rest } = tree.IndexStmt;
  const whole: Node = {
    IndexStmt: {
      ...rest,
      idxname: effect.name,
      relation: { ...relation, schemaname: table.schema, relname: table.bare ?? table.name },
    },
  };
  const index: IndexDefinition = {
    name: effect.name,
    definition: rendered(() => renderStatement(whole), `The index ${effect.name}`),
    comment: null,
    constraint: null,
    unique: effect.unique,
    primary: false,
    valid: true,
    clustered: false,
    columns: effect.columns,
  };
  return { ...table, indexes: [...table.indexes, index] };
}

/** ALTER TYPE forgets how the column was stored (ATExecAlterColumnType; see the tests). */
function alterType(table: TableDefinition, { column, type }: Of<'alter-type'>): TableDefinition {
  return changeColumn(table, column, { type, collation: null, storage: null, compression: null });
}

function validated(table: TableDefinition, constraint: string): TableDefinition {
  const constraints = table.constraints.map((one) =>
    one.name === constraint
      ? { ...one, validated: true, definition: one.definition.replace(NOT_VALID, '') }
      : one,
  );
  return { ...table, constraints };
}

/**
 * The definition after one effect on the table itself.
 *
 * @param taken names that an unnamed constraint cannot get
 * @throws {DoesNotFit}
 */
export function definitionAfter(
  table: TableDefinition,
  effect: Effect,
  statement: Statement,
  taken: ReadonlySet<string>,
): TableDefinition {
  switch (effect.kind) {
    case 'rename-table':
      return { ...table, name: effect.to };
    case 'add-column':
      return addColumn(table, effect, statement.tree);
    case 'drop-column':
      return dropColumn(table, effect.column);
    case 'rename-column':
      return renameColumn(table, effect.from, effect.to);
    case 'set-not-null':
      return namedNotNull(changeColumn(table, effect.column, { notNull: true }), effect.column);
    case 'drop-not-null':
      return withoutNotNull(table, effect.column);
    case 'set-default':
      return changeColumn(table, effect.column, { default: defaultOf(statement.tree, effect.column) });
    case 'drop-default':
      return changeColumn(table, effect.column, { default: null });
    case 'alter-type':
      return alterType(table, effect);
    case 'add-constraint':
      return addConstraint(table, effect, statement.tree, taken);
    case 'drop-constraint':
      return dropConstraint(table, effect.name);
    case 'rename-constraint':
    case 'rename-index':
      return renamePart(table, effect.from, effect.to);
    case 'create-index':
      return addIndex(table, effect, statement.tree);
    case 'validate-constraint':
      return validated(table, effect.name);
    case 'reindex':
      return {
        ...table,
        indexes: table.indexes.map((one) => (one.name === effect.name ? { ...one, valid: true } : one)),
      };
    case 'drop-index':
      return { ...table, indexes: table.indexes.filter((index) => index.name !== effect.name) };
    default:
      return table;
  }
}
