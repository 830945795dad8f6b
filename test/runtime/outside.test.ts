/** Statements outside of transactions: each is a part of its step, and what becomes of it is found out whatever happens. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseRunbook } from '../../src/runbook/read.ts';
import { undoPlan } from '../../src/runtime/undo/plan.ts';
import { undoCourse } from '../../src/runtime/undo.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import type { Event, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';
import { startProxy, type Proxy } from './proxy.ts';

const BUILD = 'CREATE UNIQUE INDEX CONCURRENTLY items_email ON items (email)';
const DROP = 'DROP INDEX CONCURRENTLY items_note';

let database: TestDatabase;
let proxy: Proxy;
let run: Harness;
let survey: Survey;

beforeAll(async () => {
  await loadParser();
  database = await freshDatabase({ state: 'empty' });
  proxy = await startProxy(database.url);
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

beforeEach(() =>
  database.use(async (db) => {
    await db.exec('DROP SCHEMA IF EXISTS backout CASCADE');
    await db.exec('DROP SCHEMA IF EXISTS backout_archive CASCADE');
    await db.exec('DROP TABLE IF EXISTS items');
    await db.exec('CREATE TABLE items (id int PRIMARY KEY, email text, note text)');
    await db.exec("INSERT INTO items SELECT g, 'a' || g, 'n' FROM generate_series(1, 100) g");
    await db.exec("CREATE INDEX items_note ON items (note) WHERE note <> ''");
  }),
);
afterEach(() => run.end());

const plans = (...statements: string[]) => {
  const text = `# Back\n\n## Step 1: Indexes\n\n\`\`\`sql\n${statements.join(';\n')};\n\`\`\`\n`;
  const runbook = parseRunbook(text, 'back.md');
  return { runbook, plan: planOf(runbook) };
};

async function begin(url: string, ...statements: string[]): Promise<void> {
  run = await harness(url, plans(...statements));
  survey = await run.survey();
}

const rows = <T>(sql: string): Promise<T[]> => database.use(async (db) => (await db.query(sql)).rows as T[]);
const indexes = () =>
  rows<{ name: string; valid: boolean }>(
    `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
      WHERE indrelid = 'items'::regclass AND NOT indisprimary ORDER BY 1`,
  );
const written = () => rows<{ step: string }>('SELECT step FROM backout.step ORDER BY done_at');
const procedureOf = ({ offers }: Survey, step: string) =>
  offers.find((one) => one.step === step)?.offers.find(({ procedure }) => procedure)?.procedure;
const surveyOf = (events: Event[]): Survey => {
  const found = allOf(events, 'prerequisites-done')[0]?.survey;
  if (!found) throw new Error('the look gave no survey');
  return found;
};

/** Somebody whose transaction has a snapshot: CONCURRENTLY waits for it. */
async function oldTransaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, application_name: 'old report' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await client.query('SELECT count(*) FROM items');
  return client;
}

describe('a step with a statement outside of transactions', () => {
  it('is run part by part, each with its own row', async () => {
    await begin(
      database.url,
      'ALTER TABLE items ADD COLUMN kind text',
      BUILD,
      'ALTER TABLE items DROP COLUMN note',
    );
    expect(survey.position.steps.map(({ id, state }) => [id, state])).toEqual([
      ['step-1-part-1-of-3', 'pending'],
      ['step-1-part-2-of-3', 'pending'],
      ['step-1-part-3-of-3', 'pending'],
    ]);
    expect(survey.offers[1]?.offers.map(({ form, procedure }) => [form, procedure !== null])).toEqual([
      ['as-written', true],
      ['copy-and-swap', false],
      ['rewrite', false],
    ]);
    for (const id of ['step-1-part-1-of-3', 'step-1-part-2-of-3', 'step-1-part-3-of-3']) {
      const done = lastOf(await run.step(id, survey));
      if (done.type !== 'step-done' || !done.survey) throw new Error(`${id} ended in ${done.type}`);
      survey = done.survey;
    }
    expect(await indexes()).toContainEqual({ name: 'items_email', valid: true });
    expect(await written()).toEqual([
      { step: 'step-1-part-1-of-3' },
      { step: 'step-1-part-2-of-3' },
      { step: 'step-1-part-3-of-3' },
    ]);
    expect(await rows('SELECT step, ended_at IS NULL AS open FROM backout.begun')).toEqual([
      { step: 'step-1-part-2-of-3', open: false },
    ]);
    expect(survey.position.steps.every(({ state }) => state === 'applied')).toBe(true);
  });

  it('is carried out with what is SET for it', async () => {
    await begin(
      database.url,
      "SET LOCAL lock_timeout = '123s'",
      "SET work_mem = '77kB'",
      BUILD,
      'VACUUM (ANALYZE) items',
    );
    expect(survey.position.steps.map(({ id, statements }) => [id, statements.length])).toEqual([
      ['step-1-part-1-of-2', 3],
      ['step-1-part-2-of-2', 1],
    ]);
    const seen: string[] = [];
    let events = await run.step('step-1-part-1-of-2', survey, (event) => {
      if (event.type === 'statement-started') seen.push(String(event.index));
    });
    const built = lastOf(events);
    if (built.type !== 'step-done' || !built.survey) throw new Error(built.type);
    expect(built.survey.position.steps.map(({ state }) => state)).toEqual(['applied', 'pending']);
    events = await run.step('step-1-part-2-of-2', built.survey);
    expect(lastOf(events).type).toBe('step-done');
    expect(seen).toHaveLength(6);
    expect(
      await rows("SELECT last_vacuum IS NOT NULL AS done FROM pg_stat_user_tables WHERE relname = 'items'"),
    ).toEqual([{ done: true }]);
    const survived = await run.runtime.position();
    expect(survived.position.steps.map(({ state }) => state)).toEqual(['applied', 'pending']);
    expect(await run.perform({ type: 'verify' })).toMatchObject([
      { type: 'verified', verification: { ok: true } },
    ]);
  });

  it('is parted where a new value of an enum is used', async () => {
    await database.use(async (db) => {
      await db.exec('DROP TYPE IF EXISTS mood CASCADE');
      await db.exec("CREATE TYPE mood AS ENUM ('good')");
      await db.exec('ALTER TABLE items ADD COLUMN mood mood');
    });
    await begin(
      database.url,
      "ALTER TYPE mood ADD VALUE 'bad'",
      'ALTER TABLE items ADD COLUMN more text',
      "UPDATE items SET mood = 'bad'",
    );
    expect(survey.offers.map(({ step }) => step)).toEqual(['step-1-part-1-of-2', 'step-1-part-2-of-2']);
    const first = lastOf(await run.step('step-1-part-1-of-2', survey));
    if (first.type !== 'step-done' || !first.survey) throw new Error(JSON.stringify(first));
    expect(lastOf(await run.step('step-1-part-2-of-2', first.survey)).type).toBe('step-done');
    expect(await rows('SELECT DISTINCT mood::text FROM items')).toEqual([{ mood: 'bad' }]);
  });

  it('that fails on its rows leaves an invalid index, says so, and removes it when it is tried again', async () => {
    await database.use((db) => db.exec("UPDATE items SET email = 'same' WHERE id < 3"));
    await begin(database.url, BUILD);
    const failed = lastOf(await run.step('step-1', survey));
    expect(failed).toMatchObject({ type: 'step-failed', cancelled: false, error: { sqlstate: '23505' } });
    expect(failed.type === 'step-failed' && failed.left?.[0]).toContain(
      'Index items_email on items is left behind, invalid',
    );
    expect(await indexes()).toContainEqual({ name: 'items_email', valid: false });
    expect(await written()).toEqual([]);

    await database.use((db) => db.exec("UPDATE items SET email = 'other' WHERE id = 2"));
    survey = surveyOf(await run.perform({ type: 'check' }));
    expect(survey.position.steps[0]?.statements[0]).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('invalid') as string,
    });
    expect(
      procedureOf(survey, 'step-1')
        ?.actions.filter(({ outside }) => outside)
        .map(({ sql }) => sql),
    ).toEqual(['DROP INDEX CONCURRENTLY "public"."items_email"', BUILD]);
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
    expect(await indexes()).toContainEqual({ name: 'items_email', valid: true });
  });

  it('does not take an invalid index of another table or over other columns for its own', async () => {
    await database.use(async (db) => {
      await db.exec("UPDATE items SET note = 'same'");
      await db.exec('CREATE UNIQUE INDEX CONCURRENTLY items_email ON items (note)').catch(() => undefined);
    });
    await begin(database.url, BUILD);
    expect(survey.position.steps[0]?.state).toBe('conflict');
  });

  it('is not begun when something changed since it was confirmed', async () => {
    await begin(database.url, BUILD);
    await database.use((db) => db.exec('ALTER TABLE items ADD COLUMN later text'));
    expect(lastOf(await run.step('step-1', survey)).type).toBe('survey-changed');
    expect(await indexes()).toHaveLength(1);
  });
});

describe('what waits for an old transaction', () => {
  let old: pg.Client;
  beforeEach(async () => {
    old = await oldTransaction();
    await begin(proxy.url, BUILD);
  });
  afterEach(() => old.end());

  /** Heard once it is seen to wait. */
  const whenWaiting = (work: () => Promise<unknown> | void): ((event: Event) => void) => {
    let heard = false;
    return (event) => {
      if (event.type !== 'lock-waiting' || heard) return;
      heard = true;
      void work();
    };
  };

  it('shows who that is, and goes on when it has ended', async () => {
    const events = await run.step(
      'step-1',
      survey,
      whenWaiting(() => old.query('COMMIT')),
    );
    const [waiting] = allOf(events, 'lock-waiting');
    expect(waiting?.wait).toMatchObject({ during: 'outside', blockers: [{ application: 'old report' }] });
    expect(lastOf(events).type).toBe('step-done');
    expect(allOf(events, 'statement-notice').map(({ text }) => text)).toContainEqual(
      expect.stringContaining('Building the index: '),
    );
  });

  it('ends the session of the one in the way when it is told to', async () => {
    const events = await run.step('step-1', survey, (event) => {
      if (event.type !== 'lock-waiting' || event.wait.acting !== null) return;
      const [blocker] = event.wait.blockers;
      if (blocker) void run.perform({ type: 'lock-action', action: 'terminate', ...blocker });
    });
    expect(allOf(events, 'lock-acted')[0]?.text).toContain('Ended the session');
    expect(lastOf(events).type).toBe('step-done');
  });

  it('can be cancelled: what is left is said', async () => {
    const events = await run.step(
      'step-1',
      survey,
      whenWaiting(() => run.perform({ type: 'cancel-step' })),
    );
    expect(lastOf(events)).toMatchObject({
      type: 'step-failed',
      cancelled: true,
      left: [expect.stringContaining('items_email') as string],
    });
    expect(await indexes()).toContainEqual({ name: 'items_email', valid: false });
  });

  it('and is cut off is still at work, then found done and written down', async () => {
    const events = await run.step(
      'step-1',
      survey,
      whenWaiting(() => proxy.loseAll()),
    );
    expect(lastOf(events).type).toBe('step-unknown');
    const looking = run.perform({ type: 'check' });
    await old.query('COMMIT');
    const looked = await looking;
    expect(allOf(looked, 'step-found')).toEqual([{ type: 'step-found', step: 'step-1', found: 'done' }]);
    expect(surveyOf(looked).position.steps[0]?.state).toBe('applied');
    expect(await written()).toEqual([{ step: 'step-1' }]);
  });

  it('and whose session is ended is found not done, and its index removed by the next attempt', async () => {
    const events = await run.step(
      'step-1',
      survey,
      whenWaiting(() =>
        database.use((db) =>
          db.exec(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE UNIQUE INDEX%'",
          ),
        ),
      ),
    );
    expect(lastOf(events).type).toBe('step-unknown');
    await old.query('COMMIT');
    const looked = await run.perform({ type: 'check' });
    expect(allOf(looked, 'step-found')).toMatchObject([{ found: 'not-done' }]);
    expect(lastOf(await run.step('step-1', surveyOf(looked))).type).toBe('step-done');
    expect(await indexes()).toContainEqual({ name: 'items_email', valid: true });
  });
});

describe('a run whose program was killed', () => {
  it('is gone on with: what had come to its end unheard is written down, and counts as done', async () => {
    const old = await oldTransaction();
    await begin(proxy.url, BUILD, 'ALTER TABLE items DROP COLUMN note');
    await run.step('step-1-part-1-of-2', survey, (event) => {
      if (event.type === 'lock-waiting') proxy.loseAll();
    });
    const { run: first, runsDir } = run;
    await old.query('COMMIT');
    await old.end();
    await until(async () => (await indexes()).some(({ name, valid }) => name === 'items_email' && valid));
    // As the server does once it notices that nobody is there.
    const sessions = `FROM pg_stat_activity WHERE application_name LIKE 'backout%' AND datname = current_database()`;
    await until(async () => (await rows(`SELECT pg_terminate_backend(pid) ${sessions}`)).length === 0);
    const again = await harness(database.url, {
      ...plans(BUILD, 'ALTER TABLE items DROP COLUMN note'),
      runsDir,
    });
    try {
      await again.runtime.connect();
      const events = await again.perform({ type: 'take-over', run: first });
      expect(allOf(events, 'taken-over')[0]?.resumed.doneBefore).toEqual(['step-1-part-1-of-2']);
      expect(await written()).toEqual([{ step: 'step-1-part-1-of-2' }]);
    } finally {
      await again.end();
    }
  });
});

describe('what was dropped outside of transactions', () => {
  it('is kept as a definition before it goes, and an undo builds it again', async () => {
    await begin(database.url, DROP);
    const before = await rows("SELECT pg_get_indexdef('items_note'::regclass) AS sql");
    expect(procedureOf(survey, 'step-1')?.archive).toMatchObject([
      { kind: 'definition', object: 'items_note' },
    ]);
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
    expect(await indexes()).toEqual([]);
    const [{ run: first }] = (await rows<{ run: string }>('SELECT run FROM backout.step')) as [
      { run: string },
    ];
    await run.end();
    const plan = undoPlan({ run: first, steps: [{ id: 'step-1', title: 'Indexes' }] });
    const { runbook } = plans(DROP);
    run = await harness(database.url, {
      plan,
      runbook,
      course: undoCourse({ plan, runbook, undoes: first, schema: 'public' }),
    });
    survey = await run.survey();
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
    expect(await rows("SELECT pg_get_indexdef('items_note'::regclass) AS sql")).toEqual(before);
  });
});
