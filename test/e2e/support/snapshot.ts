/** Everything in a database's schema public, for comparing before and after, however many rows there are. */
import type { Database } from '../../support/states.ts';
import { definitions } from './fingerprint.ts';

export interface Snapshot {
  definitions: string[];
  /** By table: how many rows, and a sum over hashes of what is in them, whatever their order. */
  rows: Record<string, { count: string; sum: string }>;
}

/** Reads all of it in statements of its own: nobody else may be writing. */
export const snapshot = (db: Database): Promise<Snapshot> => read(db, 't::text');

/** As {@link snapshot}; a row's hash goes by its columns' names: an undo in place brings columns back at the end. */
export const orderless = (db: Database): Promise<Snapshot> => read(db, 'to_jsonb(t)::text');

async function read(db: Database, row: string): Promise<Snapshot> {
  const rows: Snapshot['rows'] = {};
  for (const table of await tables(db)) {
    const found = await db.query(
      `SELECT count(*)::text AS count, COALESCE(sum(hashtextextended(${row}, 0)), 0)::text AS sum FROM public."${table}" t`,
    );
    rows[table] = found.rows[0] as { count: string; sum: string };
  }
  return { definitions: await definitions(db), rows };
}

/** The tables of schema public, sorted. */
export async function tables(db: Database): Promise<string[]> {
  const { rows } = await db.query(
    "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  return rows.map((row) => (row as { name: string }).name);
}

/** Whether a session of backout waits for a lock in this database now. */
export async function waitsForLock(db: Database): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'backout/%' AND wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}
