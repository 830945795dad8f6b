/** Questions that finders ask of the database: read-only, with every name of ours qualified. */
import type { QueryResult, Session } from '../../sql/session.ts';
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

/** Longer than this nobody waits for advice. Milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * In a read-only transaction that is rolled back, with our own search_path: no function or operator that somebody made
 * in the schema of the tables runs. Not for use inside a transaction.
 */
async function ours(session: Session, sql: string, params: readonly unknown[]): Promise<QueryResult> {
  await session.query('BEGIN READ ONLY');
  try {
    await session.query('SET LOCAL search_path = pg_catalog, pg_temp');
    await session.query(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
    return await session.query(sql, params);
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}

/** The one number of a query. @throws {DatabaseError} */
export async function countOf({ session }: Place, sql: string): Promise<number> {
  const { rows, fields } = await ours(session, sql, []);
  return asNumber(rows[0]?.[fields[0] ?? '']);
}

/** Rows as texts, column by column. @throws {DatabaseError} */
export async function textsOf(
  { session }: Place,
  sql: string,
  params: readonly unknown[] = [],
): Promise<string[][]> {
  const { rows, fields } = await ours(session, sql, params);
  return rows.map((row) => fields.map((field) => asText(row[field])));
}

/** "1 row", "12 rows". */
export const rowsOf = (number: number): string => `${number} ${number === 1 ? 'row' : 'rows'}`;
