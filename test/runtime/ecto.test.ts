/**
 * A migration tool at the same time: whoever comes second waits, in each of the lock modes of Ecto's Postgres adapter
 * (`migration_lock`, lib/ecto/adapters/postgres.ex, lock_for_migrations). The tool is emulated: its lock is taken on a
 * connection of its own, the migration runs in a transaction on another one and writes its version at its end.
 */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { harness, lastOf, type Harness } from './harness.ts';
import { startProxy, type Proxy } from './proxy.ts';

const LOCKS = {
  'table_lock, the default': ['BEGIN', 'LOCK TABLE "schema_migrations" IN SHARE UPDATE EXCLUSIVE MODE'],
  // What :erlang.phash2 makes of the repository's name is the key.
  pg_advisory_lock: ['SELECT pg_try_advisory_lock(59748985)'],
  'migration_lock: false': [],
} as const;
type Mode = keyof typeof LOCKS;
const MODES = Object.keys(LOCKS) as Mode[];

const CHANGES = {
  'the same table': 'ALTER TABLE codebase_snapshots ADD COLUMN later text',
  'another table': 'CREATE TABLE something_else (id int)',
} as const;
type Change = keyof typeof CHANGES;
/** Each mode and each change; all of both with `npm run test:all`. */
const BOTH = MODES.flatMap((mode) =>
  (Object.keys(CHANGES) as Change[]).map((change) => [mode, change] as const),
).filter(([mode, change]) => {
  if (process.env['BACKOUT_TEST'] === 'all' || mode === 'migration_lock: false') return true;
  return (mode === 'pg_advisory_lock') === (change === 'another table');
});

const VERSION = 'INSERT INTO schema_migrations (version, inserted_at) VALUES (20260101000000, now())';

let database: TestDatabase;
let proxy: Proxy;
let run: Harness;
let survey: Survey;
/** With as many tries as it takes. */
let patient: Harness;
let lock: pg.Client;
let migration: pg.Client;

beforeEach(async () => {
  database = await freshDatabase();
  proxy = await startProxy(database.url);
  const lockPolicy = { tryMs: 100, firstPauseMs: 10, longestPauseMs: 10, tries: 3 };
  run = await harness(proxy.url, { lockPolicy });
  patient = await harness(proxy.url, { lockPolicy: { ...lockPolicy, tries: 1000 } });
  survey = await run.survey();
  [lock, migration] = await Promise.all([connected(), connected()]);
});
afterEach(async () => {
  await Promise.all([lock.end(), migration.end()]);
  await run.end();
  await patient.end();
  await proxy.close();
  await database.drop();
});

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // Not the tool's own: it would wait for as long as it takes.
  await client.query("SET lock_timeout = '100ms'");
  return client;
}

/** The first statement that had to wait, or null: it got through to its end. */
async function migrate(mode: Mode, change: Change): Promise<string | null> {
  const statements: [pg.Client, string][] = [
    ...LOCKS[mode].map((sql): [pg.Client, string] => [lock, sql]),
    [migration, 'BEGIN'],
    [migration, CHANGES[change]],
    [migration, VERSION],
    [migration, 'COMMIT'],
  ];
  for (const [client, sql] of statements) {
    try {
      await client.query(sql);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error;
      return sql;
    }
  }
  return null;
}

const done = async () =>
  database.use(
    async (db) => (await db.query("SELECT to_regclass('detection_events') IS NOT NULL AS yes")).rows[0],
  );

describe('a step at work', () => {
  it.each(BOTH)('keeps the tool from getting to its end: %s, %s', async (mode, change) => {
    const last = survey.offers[0]?.offers[0]?.procedure?.actions.at(-1)?.index;
    const running = run.step('step-1', survey, (event) => {
      if (event.type === 'statement-done' && event.index === last) proxy.arm('kept-back');
    });
    await proxy.kept;
    const waitedAt = await migrate(mode, change);
    const expected =
      LOCKS[mode].find((sql) => sql.startsWith('LOCK')) ??
      (change === 'the same table' ? CHANGES[change] : VERSION);
    expect(waitedAt).toBe(expected);
    proxy.release();
    expect(lastOf(await running).type).toBe('step-done');
  });
});

describe('the tool at work', () => {
  it.each(BOTH)('keeps the step from beginning: %s, %s', async (mode, change) => {
    for (const sql of LOCKS[mode]) await lock.query(sql);
    for (const sql of ['BEGIN', CHANGES[change], VERSION]) await migration.query(sql);
    expect(lastOf(await run.step('step-1', survey))).toMatchObject({
      type: 'step-failed',
      error: { sqlstate: '55P03' },
    });
    expect(await done()).toEqual({ yes: false });
    await migration.query('COMMIT');
  });

  it('that has only taken its lock keeps the step from beginning as well, in the default mode', async () => {
    for (const sql of LOCKS['table_lock, the default']) await lock.query(sql);
    expect(lastOf(await run.step('step-1', survey))).toMatchObject({ error: { sqlstate: '55P03' } });
    await lock.query('COMMIT');
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
  });

  it.each(MODES)(
    'has changed the table by the time the step may begin: its confirmation is void: %s',
    async (mode) => {
      await migration.query('SET lock_timeout = 0');
      for (const sql of LOCKS[mode]) await lock.query(sql);
      for (const sql of ['BEGIN', 'SELECT FROM codebase_snapshots']) await migration.query(sql);
      const goOn = async (): Promise<void> => {
        for (const sql of [CHANGES['the same table'], VERSION, 'COMMIT']) await migration.query(sql);
        if (LOCKS[mode].some((sql) => sql === 'BEGIN')) await lock.query('COMMIT');
      };
      let going: Promise<void> | null = null;
      const events = await patient.step('step-1', await patient.survey(), (event) => {
        if (event.type === 'lock-waiting') going ??= goOn();
      });
      await going;
      expect(lastOf(events).type).toBe('survey-changed');
      expect(await done()).toEqual({ yes: false });
    },
  );
});
