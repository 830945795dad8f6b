/**
 * Whether a statement that looks at what it changes would find nothing more to do once it has run. Only then do rows
 * that it still finds show that it has not run: a condition that merely mentions the table is no such sign.
 */
import type { InsertStmt, Node, RangeVar, SelectStmt, UpdateStmt } from '@pgsql/types';
import { parseOne } from '../parse.ts';
import { renderStatement } from '../parse-render.ts';
import { cteNames } from '../parse-tree.ts';
import { name } from '../risk/text.ts';
import type { Catalog, Table } from '../types.ts';
import { both, countMatching, countReturned, qualify } from './probe.ts';

function insertedColumns(insert: InsertStmt, table: Table): string[] {
  const named = (insert.cols ?? []).flatMap((node) =>
    'ResTarget' in node ? [node.ResTarget.name ?? ''] : [],
  );
  return named.length > 0 ? named : table.columns.map((column) => column.name);
}

/** The table's rows and those that a query adds to it. Columns that are not given are taken for NULL. */
function withAdded(table: Table, query: string, columns: readonly string[]): Node {
  const own = table.columns.map((column) => name(column.name));
  const added = table.columns.map((column) => {
    const at = columns.indexOf(column.name);
    return `CAST(${at < 0 ? 'NULL' : `backout_added.c${at + 1}`} AS ${column.type})`;
  });
  const names = columns.map((_, at) => `c${at + 1}`);
  const from = `${name(table.schema)}.${name(table.bare ?? table.name)}`;
  return parseOne(
    `SELECT ${own.join(', ')} FROM ${from} UNION ALL SELECT ${added.join(', ')} FROM (${query}) AS backout_added (${names.join(', ')})`,
  );
}

/** Reads the rows given wherever the tree reads the table. */
function reading<T>(tree: T, table: Table, rows: Node): T {
  const hidden = cteNames(tree);
  const isTable = (range: RangeVar): boolean =>
    range.relname === table.name &&
    !hidden.has(table.name) &&
    [undefined, table.schema].includes(range.schemaname);
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const range = (value as { RangeVar?: RangeVar }).RangeVar;
    if (range && isTable(range)) {
      return { RangeSubselect: { subquery: rows, alias: range.alias ?? { aliasname: table.name } } };
    }
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, visit(below)]));
  };
  return visit(tree) as T;
}

/** How many rows an INSERT … SELECT would find to add if it ran a second time; null where that cannot be asked. */
export function countAfterInsert(insert: InsertStmt, catalog: Catalog): Node | null {
  const table = catalog.tables[insert.relation?.relname ?? ''];
  const { selectStmt, withClause } = insert;
  if (!table || !selectStmt || !('SelectStmt' in selectStmt)) return null;
  const query: SelectStmt = { ...selectStmt.SelectStmt, ...(withClause ? { withClause } : {}) };
  const added = renderStatement(qualify<Node>({ SelectStmt: query }, catalog));
  return countReturned(reading(query, table, withAdded(table, added, insertedColumns(insert, table))));
}

/**
 * How many rows an UPDATE would change if it ran a second time; null where that cannot be asked. Rows are followed by
 * themselves: that others of the table have changed too is not seen by a subquery.
 */
export function countAfterUpdate(
  update: UpdateStmt,
  different: Node | undefined,
  catalog: Catalog,
): Node | null {
  const { relation, whereClause, fromClause = [], withClause } = update;
  const table = catalog.tables[relation?.relname ?? ''];
  if (!relation || !table || !different) return null;
  const alias = relation.alias?.aliasname ?? table.name;
  const set = new Map(
    (update.targetList ?? []).flatMap((node) =>
      'ResTarget' in node ? ([[node.ResTarget.name ?? '', node.ResTarget.val]] as const) : [],
    ),
  );
  const targetList = table.columns.map((column): Node => {
    const own: Node = {
      ColumnRef: { fields: [{ String: { sval: alias } }, { String: { sval: column.name } }] },
    };
    const val = set.get(column.name);
    return { ResTarget: { name: column.name, val: val ? cast(val, column.type) : own } };
  });
  const once: Node = {
    SelectStmt: {
      targetList,
      fromClause: [{ RangeVar: relation }, ...fromClause],
      ...(whereClause ? { whereClause } : {}),
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  };
  const counted = countMatching(relation, both([whereClause, different]), fromClause, withClause);
  if (!('SelectStmt' in counted)) return null;
  const rows: Node = { RangeSubselect: { subquery: once, alias: { aliasname: alias } } };
  return { SelectStmt: { ...counted.SelectStmt, fromClause: [rows] } };
}

/** The value as the column would hold it. */
function cast(arg: Node, type: string): Node {
  const tree = parseOne(`SELECT CAST(NULL AS ${type})`);
  const first = 'SelectStmt' in tree ? tree.SelectStmt.targetList?.[0] : undefined;
  const val = first && 'ResTarget' in first ? first.ResTarget.val : undefined;
  return val && 'TypeCast' in val ? { TypeCast: { ...val.TypeCast, arg } } : arg;
}
