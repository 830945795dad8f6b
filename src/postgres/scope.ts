/**
 * Whose names a query sees. Our own queries see the server's alone: a function or operator that somebody made in the
 * runbook's schema would otherwise run with the operator's rights. A runbook's queries see its schema.
 */
import type { QueryResult, Session } from '../sql/session.ts';
import { asText } from '../sql/values.ts';

const OURS = 'pg_catalog, pg_temp';

/** The name as SQL, always in quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The name of a table or index, as SQL. */
export function qualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** From now on unqualified names are looked up in this schema (after pg_catalog, which always comes first). */
export async function withSchema(session: Session, schema: string): Promise<void> {
  await setPath(session, `${quoteIdentifier(schema)}, pg_temp`);
}

async function setPath(session: Session, path: string): Promise<void> {
  await session.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
}

/** Does the work with our own search_path and puts the former back. Not for use inside a transaction. */
export async function pinned<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { rows } = await session.query("SELECT pg_catalog.current_setting('search_path') AS path");
  const former = asText(rows[0]?.['path']);
  if (former === OURS) return work();
  await setPath(session, OURS);
  try {
    return await work();
  } finally {
    if (!session.lost) await setPath(session, former);
  }
}

/** Milliseconds a query that a runbook asks before anything runs may take. */
const PROBE_TIMEOUT_MS = 60_000;

/**
 * A query of the runbook that is only asked: in a read-only transaction that is rolled back, on the runbook's schema,
 * stopped after a minute. Not for use inside a transaction.
 * @throws {DatabaseError}
 */
export async function ask(
  session: Session,
  schema: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<QueryResult> {
  await session.query('BEGIN READ ONLY');
  try {
    await session.query(`SET LOCAL search_path = ${quoteIdentifier(schema)}, pg_temp`);
    await session.query(`SET LOCAL statement_timeout = ${PROBE_TIMEOUT_MS}`);
    return await session.query(sql, params);
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}
