/** Rows that stand in the way of a constraint or an index. */
import { name } from '../../../sql/risk/text.ts';
import type { Table } from '../../../sql/types.ts';
import type { RepairContext } from '../../find.ts';
import { counted } from './asking.ts';

export const from = ({ schema, name: table }: Pick<Table, 'schema' | 'name'>): string =>
  `${name(schema)}.${name(table)}`;

/** Values of these columns that occur more than once; null where it cannot be counted, as for an expression. */
export async function duplicates(
  context: RepairContext,
  table: Table,
  columns: readonly string[],
): Promise<number | null> {
  if (columns.some((column) => !table.columns.some((known) => known.name === column))) return null;
  const list = columns.map(name).join(', ');
  const given = columns.map((column) => `${name(column)} IS NOT NULL`).join(' AND ');
  return counted(
    context,
    `SELECT pg_catalog.count(*) FROM (SELECT FROM ${from(table)} WHERE ${given} GROUP BY ${list} HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1) AS twice`,
  );
}

/** Rows without a value in this column. */
export const nulls = (context: RepairContext, table: Table, column: string): Promise<number | null> =>
  counted(context, `SELECT pg_catalog.count(*) FROM ${from(table)} WHERE ${name(column)} IS NULL`);
