/** Questions that finders ask of the database: read-only, with every name of ours qualified. */
import { ask } from '../../postgres/scope.ts';
import { asNumber, asText } from '../../sql/values.ts';
import { quoteIdent } from '../../sql/types-of.ts';
import type { RepairContext } from '../find.ts';

type Place = Pick<RepairContext, 'session' | 'schema'>;

/** A name as it is written in a runbook: in quotes only where it needs them. */
export const name = quoteIdent;

export const names = (list: readonly string[]): string => list.map(quoteIdent).join(', ');

/** A table of the run's schema, for a query of ours. */
export const table = ({ schema }: Pick<Place, 'schema'>, of: string): string =>
  `${quoteIdent(schema)}.${quoteIdent(of)}`;

/** The one number of a query. @throws {DatabaseError} */
export async function countOf({ session, schema }: Place, sql: string): Promise<number> {
  const { rows, fields } = await ask(session, schema, sql);
  return asNumber(rows[0]?.[fields[0] ?? '']);
}

/** Rows as texts, column by column. @throws {DatabaseError} */
export async function textsOf(
  { session, schema }: Place,
  sql: string,
  params: readonly unknown[] = [],
): Promise<string[][]> {
  const { rows, fields } = await ask(session, schema, sql, params);
  return rows.map((row) => fields.map((field) => asText(row[field])));
}

/** "1 row", "12 rows". */
export const rowsOf = (number: number): string => `${number} ${number === 1 ? 'row' : 'rows'}`;
