/** Databases that stand beside another on the test's server, a backup of one, and the end of them all. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect } from 'vitest';
import { clients } from '../../backup/support.ts';
import { onName } from '../../escalate/support.ts';
import { freshDatabase, type TestDatabase } from '../../support/server.ts';

/** The PATH of a machine that has pg_dump and pg_restore. */
export const PATH_WITH_CLIENTS = `${clients ?? ''}:${process.env['PATH'] ?? ''}`;

/** `pg_dump -Fc`. */
export async function dump({ url }: TestDatabase, path: string): Promise<string> {
  await promisify(execFile)(join(clients ?? '', 'pg_dump'), ['-Fc', '-f', path, url]);
  return path;
}

/** Of the server that the database is on; from another database, so that nobody is connected to it. */
export async function onServer<T>({ url }: TestDatabase, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: onName(url, 'postgres') });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as T[];
  } finally {
    await client.end();
  }
}

/** The database and those that are called after it. */
export async function besideNames(database: TestDatabase): Promise<string[]> {
  const rows = await onServer<{ name: string }>(
    database,
    'SELECT datname::text AS name FROM pg_database WHERE datname LIKE $1 ORDER BY 1',
    [`${database.name}%`],
  );
  return rows.map(({ name }) => name);
}

export async function rowsIn(database: TestDatabase, name: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: onName(database.url, name) });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM public."${table}"`);
    return rows[0]?.n ?? -1;
  } finally {
    await client.end();
  }
}

/** Waits until a session of `backout escalate` waits for a lock, and returns its pid. */
export async function escalationWaits(database: TestDatabase): Promise<number> {
  const waiting = (): Promise<{ pid: number }[]> =>
    onServer(
      database,
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'backout escalate%' AND wait_event_type = 'Lock'",
    );
  await expect.poll(async () => (await waiting()).length, { interval: 50, timeout: 60_000 }).toBe(1);
  return (await waiting())[0]?.pid ?? 0;
}

/** Waits until no session of an escalation is left on the server. */
export async function escalationGone(database: TestDatabase): Promise<void> {
  const left = (): Promise<unknown[]> =>
    onServer(database, "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'backout escalate%'");
  await expect.poll(async () => (await left()).length, { interval: 50, timeout: 60_000 }).toBe(0);
}

/** Drops the database and all that were made beside it. */
export async function dropAll(database: TestDatabase): Promise<void> {
  const other = await freshDatabase({ state: 'empty' });
  for (const name of await besideNames(database)) {
    await onServer(other, `DROP DATABASE "${name}" WITH (FORCE)`);
  }
  await other.drop();
}
