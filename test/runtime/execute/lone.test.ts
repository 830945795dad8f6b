/** Sending a statement outside of transactions, on the embedded PostgreSQL: the session is afterwards what it was. */
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BEFORE_WORK, AMID_WORK } from '../../../src/sql/execute/lock-policy.ts';
import { runStep, type StepResult } from '../../../src/sql/execute.ts';
import type { Action, Procedure } from '../../../src/sql/procedure/types.ts';
import type { Session } from '../../../src/sql/session.ts';
import { freshPglite, sessionOn } from '../../support/pglite.ts';

let db: PGlite;
let session: Session;

beforeAll(async () => {
  db = await freshPglite();
  session = sessionOn(db);
  await db.exec("CREATE TABLE items (id int); INSERT INTO items VALUES (1), (1); SET work_mem = '5MB'");
});
afterAll(() => db.close());

const outside = (...sql: string[]): Procedure => {
  const action = (text: string, at: number): Action => ({
    index: at + 1,
    role: 'statement',
    carries: [at + 1],
    sql: text,
    command: '',
    words: '',
    outside: true,
  });
  return {
    step: 'step-1',
    title: '',
    form: 'as-written',
    actions: sql.map(action),
    locks: [],
    guarded: [],
    archive: [],
    cost: { lock: '', readers: true, writers: true, bytes: 0, basis: '', archiveBytes: 0 },
    notUndoable: [],
    hash: '',
    lone: { name: 'It', proof: { kind: 'none' }, settings: ['work_mem'] },
  };
};

const SETTINGS =
  "SELECT name, setting FROM pg_settings WHERE name IN ('search_path', 'lock_timeout', 'statement_timeout', 'work_mem')";

async function run(
  procedure: Procedure,
  stopped = () => false,
): Promise<{ result: StepResult; heard: string[] }> {
  const heard: string[] = [];
  const result = await runStep({
    session,
    schema: 'public',
    procedures: [procedure],
    locks: [],
    lockTimeoutMs: 1000,
    policies: { before: BEFORE_WORK, amid: AMID_WORK },
    unchanged: () => Promise.resolve(true),
    hooks: {
      lockTrying: () => undefined,
      lockMissed: () => undefined,
      lockTaken: () => undefined,
      actionStarted: (_step, { index }) => heard.push(`started ${index}`),
      notice: () => undefined,
      actionDone: (_step, { index }) => heard.push(`done ${index}`),
      actionFailed: (_step, { index }) => heard.push(`failed ${index}`),
      committing: () => Promise.resolve(void heard.push('committing')),
      leaving: () => Promise.resolve(void heard.push('leaving')),
    },
    stopped,
    now: Date.now,
    random: () => 0,
    pause: () => Promise.resolve(),
  });
  return { result, heard };
}

it('puts back what was set, whether it succeeds or fails', async () => {
  const before = (await session.query(SETTINGS)).rows;
  const good = await run(
    outside("SET work_mem = '7MB'", 'CREATE INDEX CONCURRENTLY good ON items (id)', 'VACUUM items'),
  );
  expect(good.result.kind).toBe('committed');
  expect(good.heard).toEqual([
    'leaving',
    ...[1, 2, 3].flatMap((at) => [`started ${at}`, `done ${at}`]),
    'committing',
  ]);
  expect((await session.query(SETTINGS)).rows).toEqual(before);

  const bad = await run(
    outside("SET work_mem = '7MB'", 'CREATE UNIQUE INDEX CONCURRENTLY bad ON items (id)'),
  );
  expect(bad.result).toMatchObject({ kind: 'broken-off', cancelled: false, at: { action: { index: 2 } } });
  expect(bad.heard.at(-1)).toBe('failed 2');
  expect((await session.query(SETTINGS)).rows).toEqual(before);
});

it('that is stopped before it is sent has changed nothing, and says so', async () => {
  let asked = 0;
  // After the look, the intent and the first commit.
  const { result, heard } = await run(outside('DROP TABLE items'), () => (asked += 1) > 2);
  expect(result).toMatchObject({ kind: 'rolled-back', cancelled: true });
  expect(heard).toEqual(['leaving']);
  expect((await session.query('SELECT count(*)::int AS rows FROM items')).rows).toEqual([{ rows: '2' }]);
});

it('never runs as one of several in a transaction', async () => {
  const both = { ...outside('VACUUM items'), step: 'step-2' };
  await expect(
    runStep({ procedures: [outside('VACUUM items'), both], now: Date.now } as never),
  ).rejects.toThrow('outside of transactions');
});
