import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  archivedRows,
  endRun,
  otherRun,
  prepareStore,
  registerRun,
  releaseRunLock,
  runLockHolder,
  runRow,
  stepOutcome,
  stepRows,
  storeState,
  takeRunLock,
  undosOf,
  unfinishedRuns,
} from '../../src/postgres/store.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { archivedSql, makeLogin, makeRole, RUN, stepSql } from './journal-rows.ts';
import { databaseError, openBench, rejection, type Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  for (const role of ['app', 'mallory']) await makeLogin(bench, role);
});
afterEach(async () => {
  await releaseRunLock(bench.session);
  await run('DROP SCHEMA IF EXISTS backout CASCADE', 'DROP SCHEMA IF EXISTS backout_archive CASCADE');
});
afterAll(async () => bench.close());

async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await bench.session.query(statement);
}

describe('making the store', () => {
  test('is done once, and once more changes nothing', async () => {
    expect(await storeState(bench.session)).toEqual({ state: 'absent', words: [] });
    await prepareStore(bench.session);
    expect(await storeState(bench.session)).toEqual({ state: 'ready', words: [] });
    const { rows } = await bench.session.query("SELECT 'backout.run'::regclass::oid::text AS oid");
    await prepareStore(bench.session);
    expect((await bench.session.query("SELECT 'backout.run'::regclass::oid::text AS oid")).rows).toEqual(
      rows,
    );
  });

  test('eight at once end in one store', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => bench.open()));
    await Promise.all(sessions.map((session) => prepareStore(session)));
    for (const session of sessions) expect((await storeState(session)).state).toBe('ready');
    await Promise.all(sessions.map((session) => session.close()));
  });

  test('what is missing of it is made', async () => {
    await prepareStore(bench.session);
    await run('DROP TABLE backout.archived', 'DROP SCHEMA backout_archive');
    expect((await storeState(bench.session)).state).toBe('absent');
    await prepareStore(bench.session);
    expect((await storeState(bench.session)).state).toBe('ready');
  });

  test('default privileges show it to nobody', async () => {
    await run(
      'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO mallory, PUBLIC',
      'ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO mallory',
    );
    await prepareStore(bench.session);
    const { rows } = await bench.session.query(
      `SELECT has_table_privilege('mallory', 'backout.run', 'SELECT, INSERT, TRIGGER')
           OR has_schema_privilege('mallory', 'backout', 'USAGE, CREATE')
           OR has_schema_privilege('mallory', 'backout_archive', 'USAGE, CREATE') AS may`,
    );
    expect(rows).toEqual([{ may: 'f' }]);
    await run(
      'ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM mallory, PUBLIC',
      'ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM mallory',
    );
  });

  test('a role that may not create schemas is told so, and nothing is made', async () => {
    const app = await bench.open('backout/test', 'app');
    const { state, words } = await storeState(app);
    expect(state).toBe('cannot-create');
    expect(words).toEqual([
      'app may not create schema backout in this database',
      'app may not create schema backout_archive in this database',
    ]);
    expect(await rejection(prepareStore(app))).toMatchObject({ name: 'UserError', exitStatus: 77 });
    await app.close();
    expect((await storeState(bench.session)).state).toBe('absent');
  });

  test('the embedded database has one too', async () => {
    const db = await freshPglite();
    const session = sessionOn(db);
    await prepareStore(session);
    expect(await storeState(session)).toEqual({ state: 'ready', words: [] });
    await registerRun(session, RUN);
    expect(await takeRunLock(session)).toBe(true);
    expect(await otherRun(session, RUN.run)).toBeNull();
    expect(await runRow(session, RUN.run)).toMatchObject(RUN);
    expect(await stepOutcome(session, RUN.run, 'step-1', { xid: '3' })).toBe('not-done');
    await db.close();
  });
});

describe('a store that is not ours is refused and not used', () => {
  const HIT = `CREATE FUNCTION public.hit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$`;
  test.each<[string, string[], RegExp]>([
    [
      'a schema of somebody else',
      ['CREATE SCHEMA backout AUTHORIZATION mallory'],
      /backout belongs to mallory/,
    ],
    [
      'an archive of somebody else',
      ['CREATE SCHEMA backout_archive AUTHORIZATION mallory'],
      /_archive belongs to/,
    ],
    [
      'a table of somebody else',
      ['ALTER TABLE backout.step OWNER TO mallory'],
      /backout.step belongs to mallory/,
    ],
    [
      'a view in place of a table',
      ['DROP TABLE backout.archived', 'CREATE VIEW backout.archived AS SELECT 1 AS run'],
      /backout.archived is no table/,
    ],
    [
      'a trigger',
      [HIT, 'CREATE TRIGGER x BEFORE INSERT ON backout.run FOR EACH ROW EXECUTE FUNCTION public.hit()'],
      /has a trigger, x/,
    ],
    ['a rule', ['CREATE RULE r AS ON INSERT TO backout.step DO INSTEAD NOTHING'], /has a rule, r/],
    ['row security', ['ALTER TABLE backout.run ENABLE ROW LEVEL SECURITY'], /row security/],
    ['another column', ['ALTER TABLE backout.run ADD COLUMN x int'], /other columns/],
    ['another default', ['ALTER TABLE backout.run ALTER started_at SET DEFAULT now()'], /other columns/],
    ['another check', ['ALTER TABLE backout.run ADD CHECK (length(run) > 1)'], /other constraints/],
    [
      'an index',
      ['CREATE INDEX i ON backout.run (lower(operator))'],
      /an index that is not the journal's, i/,
    ],
    [
      'the right to put triggers on it',
      ['GRANT TRIGGER ON backout.run TO mallory'],
      /mallory may put triggers on/,
    ],
  ])('%s', async (_name, sql, words) => {
    if (!/SCHEMA/.test(sql[0] ?? '')) await prepareStore(bench.session);
    await run(...sql);
    const fresh = await bench.open();
    const found = await storeState(fresh);
    expect(found.state).toBe('foreign');
    expect(found.words.join('; ')).toMatch(words);
    const error = await rejection(prepareStore(fresh));
    expect(error).toMatchObject({ name: 'UserError', exitStatus: 10 });
    expect(await unfinishedRuns(fresh)).toEqual([]);
    expect(await otherRun(fresh, null)).toBeNull();
    await fresh.close();
    await run('DROP FUNCTION IF EXISTS public.hit() CASCADE');
  });

  test('a member of the role that owns it uses it; a stranger does not', async () => {
    await makeRole(bench.session, 'team');
    await run('GRANT team TO app', `GRANT CREATE ON DATABASE ${bench.database.name} TO team`);
    const app = await bench.open('backout/test', 'app');
    await app.query('SET ROLE team');
    await prepareStore(app);
    await app.query('RESET ROLE');
    expect(await storeState(app)).toEqual({ state: 'ready', words: [] });
    await registerRun(app, RUN);
    const mallory = await bench.open('backout/test', 'mallory');
    expect((await storeState(mallory)).state).toBe('foreign');
    // A superuser counts as a member of everything, which is no reason to trust it.
    expect((await storeState(bench.session)).state).toBe('foreign');
    await app.close();
    await mallory.close();
  });

  test('who may only read the journal reads it, and may not write', async () => {
    await prepareStore(bench.session);
    await registerRun(bench.session, RUN);
    await run(`ALTER DATABASE ${bench.database.name} OWNER TO app`, 'GRANT USAGE ON SCHEMA backout TO app');
    await run('GRANT SELECT ON ALL TABLES IN SCHEMA backout TO app');
    const app = await bench.open('backout/test', 'app');
    const { state, words } = await storeState(app);
    expect(state).toBe('cannot-create');
    expect(words).toContain('app may not read and write backout.run');
    expect(await runRow(app, RUN.run)).toMatchObject({ run: RUN.run });
    await app.close();
    await run(`ALTER DATABASE ${bench.database.name} OWNER TO postgres`);
  });
});

describe('runs and their rows', () => {
  test('are written and read back', async () => {
    await prepareStore(bench.session);
    expect(await runRow(bench.session, RUN.run)).toBeNull();
    await registerRun(bench.session, RUN);
    const row = await runRow(bench.session, RUN.run);
    expect(row).toMatchObject({ ...RUN, endedAt: null, outcome: null });
    expect(row?.backendPid).toBe(bench.session.processId);
    expect(row?.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await run(
      stepSql('step-2'),
      stepSql('step-1'),
      archivedSql('step-1', 1, 'r1_s1_1_t'),
      archivedSql('step-2', 1),
    );
    const steps = await stepRows(bench.session, RUN.run);
    expect(steps.map(({ step, form, undoneBy }) => [step, form, undoneBy])).toEqual([
      ['step-2', 'as-written', null],
      ['step-1', 'as-written', null],
    ]);
    expect(steps[0]).toMatchObject({
      xid: expect.stringMatching(/^\d+$/),
      snapshot: expect.stringMatching(/^\d+:\d+:/),
    });
    expect(steps[0]?.detail).toEqual({ schema: 'public' });
    expect(
      (await archivedRows(bench.session, RUN.run)).map(({ step, archived, rows }) => [step, archived, rows]),
    ).toEqual([
      ['step-2', null, null],
      ['step-1', 'r1_s1_1_t', 7],
    ]);
    expect((await unfinishedRuns(bench.session)).map(({ run: id }) => id)).toEqual([RUN.run]);
    await registerRun(bench.session, { ...RUN, run: 'u', kind: 'undo', undoes: RUN.run });
    expect((await undosOf(bench.session, RUN.run)).map(({ run: id }) => id)).toEqual(['u']);
    await endRun(bench.session, RUN.run, 'verified');
    expect(await runRow(bench.session, RUN.run)).toMatchObject({ outcome: 'verified' });
    expect((await unfinishedRuns(bench.session)).map(({ run: id }) => id)).toEqual(['u']);
  });

  test('a run that is taken over is open again, and has a new worker; another plan is refused', async () => {
    await prepareStore(bench.session);
    await registerRun(bench.session, RUN);
    await endRun(bench.session, RUN.run, 'stopped');
    const second = await bench.open();
    await registerRun(second, { ...RUN, operator: 'bob', host: 'b' });
    expect(await runRow(second, RUN.run)).toMatchObject({
      operator: 'bob',
      host: 'b',
      endedAt: null,
      outcome: null,
      backendPid: second.processId,
    });
    expect((await databaseError(registerRun(second, { ...RUN, plan: 'other' }))).sqlstate).toBe('23505');
    await second.close();
  });

  test('without a store there is nothing to read', async () => {
    expect(await unfinishedRuns(bench.session)).toEqual([]);
    expect(await stepRows(bench.session, 'x')).toEqual([]);
    expect(await archivedRows(bench.session, 'x')).toEqual([]);
    expect(await stepOutcome(bench.session, 'x', 'y')).toBe('not-done');
  });
});

describe('what became of a step', () => {
  test('the row decides; while the transaction runs it is still running; a number not given yet is none', async () => {
    await prepareStore(bench.session);
    const worker = await bench.open();
    await registerRun(worker, RUN);
    await worker.query('BEGIN');
    const { rows } = await worker.query('SELECT pg_current_xact_id()::text AS xid');
    const xid = String(rows[0]?.['xid']);
    await worker.query(stepSql('step-1'));
    const ask = (more = {}) => stepOutcome(bench.session, RUN.run, 'step-1', more);
    expect(await ask({ xid })).toBe('still-running');
    expect(await ask()).toBe('still-running');
    await worker.query('ROLLBACK');
    expect(await ask({ xid })).toBe('not-done');
    expect(await ask()).toBe('not-done');
    expect(await ask({ xid: '4000000000000' })).toBe('not-done');
    await worker.query(stepSql('step-1'));
    expect(await ask({ xid })).toBe('done');
    expect(await ask({ xid: '4000000000000' })).toBe('done');
    // The number of a transaction that was lost may have been given to one that was committed: the row decides.
    const other = await worker.query('SELECT pg_current_xact_id()::text AS xid');
    expect(await stepOutcome(bench.session, RUN.run, 'step-2', { xid: String(other.rows[0]?.['xid']) })).toBe(
      'not-done',
    );
    await worker.close();
  });
});

describe('one run at a time', () => {
  test('the lock is tried for, held by one, and goes with its session', async () => {
    const first = await bench.open('backout/a');
    expect(await runLockHolder(bench.session)).toBeNull();
    expect(await takeRunLock(first)).toBe(true);
    expect(await takeRunLock(first)).toBe(true);
    expect(await takeRunLock(bench.session)).toBe(false);
    expect(await runLockHolder(bench.session)).toMatchObject({
      pid: first.processId,
      application: 'backout/a',
      state: 'idle',
      own: false,
    });
    expect(await runLockHolder(first)).toMatchObject({ own: true });
    await releaseRunLock(first);
    expect(await takeRunLock(bench.session)).toBe(true);
    await releaseRunLock(bench.session);
    await releaseRunLock(bench.session);
    expect(await takeRunLock(first)).toBe(true);
    await first.close();
    await expect.poll(() => runLockHolder(bench.session)).toBeNull();
  });

  test('another run is seen live, then as left behind, with what it has done', async () => {
    await prepareStore(bench.session);
    const worker = await bench.open('backout/x');
    await takeRunLock(worker);
    expect(await otherRun(bench.session, 'mine')).toMatchObject({
      run: 'x',
      live: true,
      pid: worker.processId,
    });
    await registerRun(worker, { ...RUN, operator: 'ali\u001bce' });
    await worker.query(stepSql('step-1'));
    expect(await otherRun(bench.session, 'mine')).toMatchObject({
      run: RUN.run,
      kind: 'rollback',
      operator: 'ali\\x1Bce',
      host: RUN.host,
      live: true,
      pid: worker.processId,
      stepsDone: ['step-1'],
      activity: expect.stringMatching(/^its session is idle for 0 seconds$/),
    });
    expect(await otherRun(bench.session, RUN.run)).toBeNull();
    expect(await otherRun(worker, RUN.run)).toBeNull();
    const busy = worker.query('SELECT pg_sleep(60)').catch(() => undefined);
    await expect
      .poll(async () => (await otherRun(bench.session, 'mine'))?.activity)
      .toMatch(/^its session is at work for 0 seconds: SELECT pg_sleep/);
    await worker.cancel();
    await busy;
    await worker.close();
    await expect.poll(async () => (await otherRun(bench.session, 'mine'))?.live).toBe(false);
    expect(await otherRun(bench.session, 'mine')).toMatchObject({
      run: RUN.run,
      pid: null,
      stepsDone: ['step-1'],
      activity: 'its session is gone',
      undoes: null,
      plan: RUN.plan,
      runbook: RUN.runbook.title,
    });
    expect(await otherRun(bench.session, 'mine', RUN.run)).toBeNull();
    expect(await otherRun(bench.session, RUN.run)).toBeNull();
    await endRun(bench.session, RUN.run, 'verified');
    expect(await otherRun(bench.session, 'mine')).toBeNull();
  });
});
