/** A database in which a tool has applied its migrations, the folder they are in, and the command line on both. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { openDesk, type Ended } from '../cli/support/io.ts';
import { orderless, type Snapshot } from '../e2e/support/snapshot.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import type { Database } from '../support/states.ts';

/** What a test server warns of: its superuser, and that nobody named a backup. */
const WARNINGS = ['privileges', 'backup'];

export interface Bench {
  database: TestDatabase;
  /** Writes a file into the project's folder; returns its path. */
  write(name: string, text: string): Promise<string>;
  exec(sql: string): Promise<void>;
  rows<T>(sql: string): Promise<T[]>;
  backout(...words: string[]): Promise<Ended>;
  /** Without a database. */
  offline(...words: string[]): Promise<Ended>;
  /** `backout run FILE`, confirmed, with consent to what every test server warns of and to `more`. */
  run(file: string, ...more: string[]): Promise<Ended>;
  undo(...more: string[]): Promise<Ended>;
  state(): Promise<Snapshot>;
  clear(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const [desk, database] = await Promise.all([openDesk(), freshDatabase({ state: 'empty' })]);
  const backout = (...words: string[]): Promise<Ended> => desk.run([...words, '--database', database.url]);
  const confirmed = ['--confirm', database.name, ...WARNINGS.flatMap((id) => ['--accept', id])];
  return {
    database,
    async write(name, text) {
      const path = join(desk.folder, 'project', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    exec: (sql) => database.use(async (db) => void (await db.exec(sql))),
    rows: <T>(sql: string) => database.use(async (db) => (await db.query(sql)).rows as T[]),
    backout,
    offline: (...words) => desk.run(words),
    run: (file, ...more) => backout('run', file, '--choose', 'rollback', ...confirmed, ...more),
    undo: (...more) => backout('undo', ...confirmed, ...more),
    state: () => database.use(orderless),
    async clear() {
      await database.drop();
      await desk.clear();
    },
  };
}

/** The status and detail of one prerequisite, by `backout plan FILE --json`. */
export async function prerequisite(
  bench: Bench,
  file: string,
  id: string,
): Promise<{ status: string; detail: string; advice: string } | undefined> {
  const { out } = await bench.backout('plan', file, '--json');
  const { prerequisites } = JSON.parse(out) as {
    prerequisites: { id: string; status: string; detail: string; advice: string }[];
  };
  return prerequisites.find((one) => one.id === id);
}

/** pg_locks is the whole server's; tests run side by side in databases of their own. */
const HERE = '(SELECT oid FROM pg_database WHERE datname = current_database())';

/** How a tool takes its lock and gives it back, and how a session that waits for it looks in pg_locks. */
export interface ToolLock {
  take: string;
  give: string;
  waits: string;
}

export const advisory = (key: string): ToolLock => ({
  take: `SELECT pg_advisory_lock(${key})`,
  give: `SELECT pg_advisory_unlock(${key})`,
  waits: "locktype = 'advisory'",
});

export const tableLock = (table: string, mode: string): ToolLock => ({
  take: `BEGIN; LOCK TABLE ${table} IN ${mode} MODE`,
  give: 'ROLLBACK',
  waits: `locktype = 'relation' AND relation = '${table}'::regclass`,
});

/**
 * A tool at work, as far as its lock goes: while it holds that, a run of the file waits and changes nothing; when it
 * lets go, the run goes on to its end.
 */
export async function keepsWaiting(
  bench: Bench,
  file: string,
  tool: Database,
  lock: ToolLock,
  run = (): Promise<Ended> => bench.run(file, '--accept', 'activity'),
): Promise<void> {
  const before = await bench.state();
  await tool.exec(lock.take);
  const running = run();
  const waiting = async (): Promise<number> =>
    (await tool.query(`SELECT FROM pg_locks WHERE ${lock.waits} AND NOT granted AND database = ${HERE}`)).rows
      .length;
  await expect.poll(waiting, { interval: 20, timeout: 30_000 }).toBe(1);
  expect(await bench.state()).toEqual(before);
  await tool.exec(lock.give);
  expect(await running).toMatchObject({ status: 0, err: '' });
}

/**
 * The other way round: while the run waits for a table that the tool's session reads, that session is not given the key.
 * The run goes on to its end once the table is free.
 */
export async function keepsOut(
  bench: Bench,
  file: string,
  tool: Database,
  { key, table }: { key: string; table: string },
): Promise<void> {
  await tool.exec(`BEGIN; LOCK TABLE ${table} IN ACCESS SHARE MODE`);
  const running = bench.run(file, '--accept', 'activity');
  const refused = async (): Promise<boolean> => {
    const { rows } = await tool.query(`SELECT pg_try_advisory_lock(${key}) AS got`);
    if ((rows[0] as { got: boolean }).got) await tool.exec(`SELECT pg_advisory_unlock(${key})`);
    return !(rows[0] as { got: boolean }).got;
  };
  await expect.poll(refused, { interval: 20, timeout: 30_000 }).toBe(true);
  await tool.exec('ROLLBACK');
  expect(await running).toMatchObject({ status: 0, err: '' });
}

/** What was said, whatever the width it was broken to. */
export const said = ({ out }: Ended): string => out.replace(/\s+/g, ' ');
