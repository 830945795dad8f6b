/** The wizard in a terminal of 120 columns and 40 rows on a real server: what others do there meanwhile, and failures. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { both } from '../support/states.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  CLOSE,
  LEAVE,
  PREREQUISITES,
  TARGET,
  WARNING,
  acceptWarnings,
  answerCriteria,
  confirmByKey,
  confirmStep,
  decide,
  done,
  runStep,
  toStepOne,
  typing,
  waiting,
} from './support/questions.ts';
import { snapshot, tables, waitsForLock, type Snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const SIZE = { columns: 120, rows: 40 };
const failed = (step: number): RegExp => new RegExp(`Step ${step} is rolled back\\. What now\\?`);

const triesOn = (screen: string): number => Number(/try (\d+) of \d+/.exec(screen)?.[1] ?? 0);

beforeAll(() => built());

describe('a rollback, with two steps that fail on the way', () => {
  let database: TestDatabase;
  let operator: Operator;
  let before: Snapshot;
  const now = (): Promise<Snapshot> => database.use(snapshot);
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    operator = await atTerminal(['--database', database.url], SIZE);
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('says PRODUCTION, and which database on which server as whom', async () => {
    await operator.untilAsked(TARGET);
    const { host } = new URL(database.url);
    const [first = ''] = operator.pty.screen();
    expect(first).toMatch(/^!! PRODUCTION !! /);
    expect(first).toContain(`${host} ${database.name}  as postgres`);
    expect(operator.pty.text()).not.toContain('PRACTICE');
    expect(operator.pty.text()).toMatch(/password +\(set\) +--database/);
  });

  it('asks for consent to each warning; Enter is no consent', async () => {
    await operator.answer(TARGET, 'enter');
    await operator.answer(WARNING, 'enter');
    await operator.answer(/Not accepted: .* What now\?/, 'enter');
    await operator.untilAsked(WARNING);
    expect(await operator.journalOf('consent')).toEqual([]);
    expect(await acceptWarnings(operator)).toHaveLength(2);
    expect((await operator.journalOf('consent')).map(({ id }) => id)).toEqual(['privileges', 'backup']);
  });

  it('has changed nothing by the time it asks for the name', async () => {
    before = await now();
    await operator.answer(PREREQUISITES, 'enter');
    await answerCriteria(operator);
    await decide(operator);
    expect(await now()).toEqual(before);
  });

  it('a value written meanwhile makes Step 1 fail: the statement, SQLSTATE, the runbook’s word, nothing changed', async () => {
    const mended = `WHERE id = (SELECT min(id::text)::uuid FROM codebase_snapshots)`;
    await database.use((db) =>
      db.exec(`UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "high"}' ${mended}`),
    );
    before = await now();
    await confirmStep(operator, 1, database.name);
    await operator.untilAsked(failed(1));
    // The heart of it needs no scrolling.
    const first = operator.shown();
    expect(first).toContain('The step was rolled back; the database is as before it.');
    expect(first).toContain('SQLSTATE 22P02: invalid input syntax for type double precision: "high"');
    const said = await operator.read();
    expect(said).toContain("COALESCE((metadata->>'confidence')::float, 1.0)");
    expect(said).toContain("The runbook's troubleshooting: Invalid input syntax for type double precision");
    expect(said).toContain('Find the rows, decide what each should say');
    expect(said).toMatch(/✗ FAIL +7\. Sets event_type/);
    expect(said).toMatch(/· waiting +23\. Writes the step into the journal, in the same transaction/);
    expect(await now()).toEqual(before);
    await database.use((db) =>
      db.exec(`UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": 0.5}' ${mended}`),
    );
  });

  it('Enter at the failed step does not try again by itself; trying again asks for the name once more', async () => {
    expect(operator.asked()).toMatch(/› s Stop here/);
    await operator.answer(failed(1), 'r');
    await runStep(operator, 1, database.name);
    expect(await database.use(tables)).toContain('detection_events');
    expect((await operator.journalOf('step-started')).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('a type that is gone makes Step 3 fail: the caret points at it, Steps 1 and 2 stay done', async () => {
    await operator.answer(done(1), 'enter');
    await runStep(operator, 2, database.name);
    await operator.answer(done(2), 'enter');
    await operator.untilAsked(typing(3));
    await database.use((db) => db.exec('ALTER TYPE vector RENAME TO vector_elsewhere'));
    before = await now();
    await confirmStep(operator, 3, database.name);
    await operator.untilAsked(failed(3));
    const said = await operator.read();
    expect(said).toMatch(/SQLSTATE 42704: type "vector" does not exist/);
    expect(said).toContain('Step 1, Step 2 stay done.');
    expect(said).toMatch(/embedding vector\(768\),? \^ /);
    expect(await now()).toEqual(before);
    await database.use((db) => db.exec('ALTER TYPE vector_elsewhere RENAME TO vector'));
    await operator.answer(failed(3), 'r');
    await runStep(operator, 3, database.name);
  });

  it('a session that the server ended meanwhile is opened anew, and looks again before it runs anything', async () => {
    await operator.answer(done(3), 'enter');
    await operator.untilAsked(/Run Step 4 now/);
    await database.use((db) =>
      db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'backout/%'`),
    );
    await confirmByKey(operator, 4);
    await operator.untilAsked(/Step 4 is done\. Enter goes on to the verification/);
  });

  it('verifies, reports, and ends with 0; the database is the old one, and the migration is not recorded', async () => {
    await operator.answer(/Step 4 is done/, 'enter');
    await operator.untilAsked(/Enter goes on to the checklist/);
    expect(operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
    await operator.pty.press('enter');
    await operator.answer(/Is this done\?/, 'up', 'up', 'q');
    await operator.answer(LEAVE, 'y');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    expect(operator.pty.text()).toContain('Rolled back and verified');
    expect(await database.use(tables)).toEqual([
      'detection_events',
      'git_sessions',
      'schema_migrations',
      'technology_knowledge',
    ]);
    const left = await database.use((db) =>
      db.query('SELECT version FROM schema_migrations WHERE version = 20250101000014'),
    );
    expect(left.rows).toEqual([]);
  });
});

describe('others at work in the database', () => {
  let database: TestDatabase;
  let operator: Operator;
  let before: Snapshot;
  const now = (): Promise<Snapshot> => database.use(snapshot);
  const again = (step: number): Promise<void> => operator.answer(failed(step), 'r');
  /** By hand, as the pauses grow; the last tries come by themselves, so that no key comes after the end. */
  const tryAgainUntilLate = async (): Promise<void> => {
    for (let tried = 1; tried < 18;) {
      await operator.pty.press('r');
      const screen = await operator.pty.waitFor((text) => triesOn(text) > tried);
      tried = triesOn(screen);
    }
  };
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    before = await now();
    operator = await atTerminal(['--database', database.url], SIZE);
    await toStepOne(operator);
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('a lock that another session holds: who it is; 55P03 once all tries are used up, nothing changed', async () => {
    await database.use(async ({ client }) => {
      await client.query('BEGIN; LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      await confirmStep(operator, 1, database.name);
      await operator.untilAsked(waiting(1));
      expect(operator.shown()).toContain('Holds ACCESS SHARE on codebase_snapshots.');
      await tryAgainUntilLate();
      await operator.untilAsked(failed(1));
      await client.query('ROLLBACK');
    });
    const said = await operator.read();
    expect(said).toContain('SQLSTATE 55P03: canceling statement due to lock timeout');
    expect(said).toContain("The runbook's troubleshooting: Canceling statement due to lock timeout");
    expect(await now()).toEqual(before);
    const finished = (await operator.journalOf('step-finished')).at(-1);
    expect(finished).toMatchObject({ outcome: 'rolled-back', error: { sqlstate: '55P03' } });
    expect(finished?.seconds).toBeGreaterThan(2.9);
  });

  it('Ctrl-C while the step waits for a lock cancels it on the server', async () => {
    await again(1);
    await database.use(async (db) => {
      await db.client.query('BEGIN; LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      await confirmStep(operator, 1, database.name);
      await expect.poll(() => waitsForLock(db), { interval: 20, timeout: 10_000 }).toBe(true);
      await operator.pty.press('ctrl-c');
      await operator.untilAsked(failed(1));
      expect(operator.shown()).toContain('Cancelled, as you asked.');
      expect(await waitsForLock(db)).toBe(false);
      await db.client.query('ROLLBACK');
    });
    expect(await now()).toEqual(before);
  });

  it('Ctrl-C in the middle of a long statement cancels it on the server, and nothing of the step is left', async () => {
    await again(1);
    await operator.untilAsked(typing(1));
    await database.use((db) =>
      db.exec(`INSERT INTO codebase_snapshots (id, metadata, inserted_at, updated_at)
               SELECT gen_random_uuid(), '{"event_type": "scan", "detector": "test", "confidence": 1}', now(), now()
                 FROM generate_series(1, 300000)`),
    );
    const whole = await now();
    await confirmStep(operator, 1, database.name);
    await operator.pty.waitFor(/running +7\. Sets event_type/);
    await operator.pty.press('ctrl-c');
    await operator.untilAsked(failed(1));
    expect(operator.shown()).toContain('Cancelled, as you asked.');
    expect(await operator.read()).toContain('SQLSTATE 57014');
    expect(await now()).toEqual(whole);
    await database.use((db) =>
      db.exec(
        `DELETE FROM codebase_snapshots WHERE metadata = '{"event_type": "scan", "detector": "test", "confidence": 1}'`,
      ),
    );
    expect(await now()).toEqual(before);
  });

  it('a definition changed since the screen was shown: the confirmation is void, and what changed is said', async () => {
    await again(1);
    await operator.untilAsked(typing(1));
    await database.use((db) => db.exec('CREATE INDEX added_meanwhile ON codebase_snapshots (updated_at)'));
    before = await now();
    await confirmStep(operator, 1, database.name);
    await operator.pty.waitFor('The confirmation of Step 1 is void');
    await operator.untilAsked(typing(1));
    expect(await operator.read()).toContain('What changed since you saw the plan');
    expect(await now()).toEqual(before);
  });

  it.each([
    [
      'made while the step waits for its locks',
      'CREATE INDEX added_later ON codebase_snapshots (updated_at)',
    ],
    ['dropped while the step looks at it', 'DROP INDEX added_meanwhile, added_later'],
  ])('an index %s: the same', async (_, change) => {
    await database.use(async ({ client }) => {
      await client.query(`BEGIN; ${change}`);
      await confirmStep(operator, 1, database.name);
      await operator.untilAsked(/Step 1 (is running|waits for)/);
      await database.use((db) =>
        expect.poll(() => waitsForLock(db), { interval: 20, timeout: 10_000 }).toBe(true),
      );
      await client.query('COMMIT');
    });
    before = await now();
    await operator.pty.waitFor('The confirmation of Step 1 is void');
    await operator.untilAsked(typing(1));
    expect(await now()).toEqual(before);
  });

  it('then runs what is confirmed anew, and stops where it is told to: exit status 13', async () => {
    await runStep(operator, 1, database.name);
    await operator.answer(done(1), 's');
    await operator.answer(CLOSE, 'enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 13, signal: 0 });
    expect(await database.use(tables)).toContain('detection_events');
    const finished = await operator.journalOf('step-finished');
    // Void before it began leaves nothing finished; void under its locks was begun and not run.
    const outcomes = ['rolled-back', 'rolled-back', 'rolled-back', 'not-run', 'done'];
    expect(finished.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect((await operator.journalOf('step-committing')).map(({ step }) => step)).toEqual(['step-1']);
  });
});

describe('a database that cannot be reached, or not be rolled back', () => {
  let database: TestDatabase | null = null;
  let operator: Operator | null = null;
  afterEach(async () => {
    await operator?.dispose();
    await database?.drop();
    operator = database = null;
  });

  it('a refused connection and a wrong password, until the right one is named; no password is ever shown', async () => {
    database = await freshDatabase();
    const refused = new URL(database.url);
    refused.port = '1';
    refused.password = 'canary-refused';
    const wrong = new URL(database.url);
    wrong.password = 'canary-wrong';
    operator = await atTerminal(['--database', refused.href], { columns: 80, rows: 24 });
    const unreached = /The database could not be reached\. What now\?/;
    await operator.untilAsked(unreached);
    // On the smallest of usual terminals the reason needs no scrolling.
    expect(operator.shown()).toContain('Nothing listens at this host and port');
    await operator.pty.press('c');
    const hidden = (url: URL | string): RegExp => new RegExp(`•{${Math.min(60, String(url).length)}}`);
    await operator.untilAsked(/Connection URL of the other database/);
    await operator.pty.submit(wrong.href, hidden(wrong));
    await operator.pty.waitFor('SQLSTATE 28P01');
    await operator.answer(unreached, 'c');
    await operator.untilAsked(/Connection URL of the other database/);
    const name = `${database.name}_later`;
    const { href } = new URL(`/${name}`, database.url);
    await operator.pty.submit(href, hidden(href));
    await operator.pty.waitFor('SQLSTATE 3D000');
    await database.drop();
    database = await freshDatabase({ name });
    await operator.answer(unreached, 'r');
    await operator.untilAsked(TARGET);
    expect(operator.pty.screen()[0]).toContain(name);
    await operator.pty.press('ctrl-c');
    await operator.answer(LEAVE, 'ctrl-c');
    expect(await operator.pty.exit).toEqual({ exitCode: 11, signal: 0 });
    const folder = await operator.folder();
    const files = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    const { password } = new URL(database.url);
    for (const secret of ['canary-refused', 'canary-wrong', password]) {
      expect(operator.pty.raw()).not.toContain(secret);
      expect(files.join('')).not.toContain(secret);
    }
  });

  it('old and new tables side by side: the rollback does not start, and says what is in the way; exit status 10', async () => {
    database = await freshDatabase({ state: both });
    const before = await database.use(snapshot);
    operator = await atTerminal(['--database', database.url], SIZE);
    await operator.answer(TARGET, 'enter');
    await operator.untilAsked(/The rollback does not start here\. What now\?/);
    expect(await operator.read()).toContain('detection_events beside codebase_snapshots');
    await operator.pty.press('f');
    // Several repairs are found, and none is carried out unless that is chosen: Enter alone ends with the report.
    await operator.answer(/Take repairs in or out/, 'enter');
    await operator.answer(CLOSE, 'enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 10, signal: 0 });
    expect(await database.use(snapshot)).toEqual(before);
  });
});
