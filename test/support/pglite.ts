/** PostgreSQL within the test's own process, with pgvector: fast, but one session, no cancel, no waiting for locks. */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { readFile } from 'node:fs/promises';
import { PRACTICE_DATABASE } from '../../src/practice/prepared-name.ts';

/** Made by the global set-up. */
const EMPTY = new URL('../../node_modules/.cache/backout/empty.tar', import.meta.url);

let empty: Promise<Blob> | undefined;

/** A database with the type vector and nothing else. Close it when done: each one takes some 100 MB. */
export async function freshPglite(): Promise<PGlite> {
  empty ??= readFile(EMPTY).then((file) => new Blob([file]));
  return PGlite.create({
    loadDataDir: await empty,
    extensions: { vector },
    database: PRACTICE_DATABASE,
  });
}

/**
 * Empties a database that a test has used, for the next one: several times faster than a fresh one, and in the same
 * memory. Schemas other than public go too; settings of the session are as at its start.
 */
export async function emptyPglite(db: PGlite): Promise<void> {
  await db.exec('ROLLBACK');
  await db.exec('DISCARD ALL');
  const { rows } = await db.query<{ sql: string }>(
    `SELECT format('DROP SCHEMA %I CASCADE', nspname) AS sql FROM pg_catalog.pg_namespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  );
  await db.exec(rows.map((row) => row.sql).join(';'));
  await db.exec('CREATE SCHEMA public; CREATE EXTENSION vector SCHEMA public');
}

export { sessionOn } from './pglite-session.ts';
