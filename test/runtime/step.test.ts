/** One step on a real server: whole or not at all, bound to what was confirmed, honest about what it cannot know. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';

const EXISTS = `SELECT to_regclass('public.detection_events') IS NOT NULL AS restored,
  to_regclass('public.codebase_snapshots') IS NOT NULL AS untouched`;
const UNTOUCHED = { restored: false, untouched: true };
const RESTORED = { restored: true, untouched: false };

let database: TestDatabase;
let run: Harness;
let survey: Survey;

const where = () =>
  database.use(async (db) => (await db.query(EXISTS)).rows[0] as { restored: boolean; untouched: boolean });
const journalRows = () =>
  database.use(async (db) => {
    const { rows } = await db.query(
      'SELECT step, procedure, xid, run FROM backout.step ORDER BY done_at, step',
    );
    return rows as { step: string; procedure: string; xid: string; run: string }[];
  });
const step1 = (during?: (event: Event) => void, given = survey) => run.step('step-1', given, during);
const changed = (sql: string) => database.use((db) => db.exec(sql));

beforeEach(async () => {
  database = await freshDatabase();
  run = await harness(database.url);
  survey = await run.survey();
});
afterEach(async () => {
  await run.end();
  await database.drop();
});

describe('a step', () => {
  it('is committed whole with its row in the journal, and the next one has a survey of its own', async () => {
    const events = await step1();
    const done = lastOf(events);
    expect(done.type).toBe('step-done');
    expect(done.type === 'step-done' && done.survey?.position.steps.map((step) => step.state)).toEqual([
      'applied',
      'pending',
      'pending',
      'pending',
    ]);
    expect(await where()).toEqual(RESTORED);
    const confirmed = survey.offers[0]?.offers[0]?.procedure?.hash;
    expect(await journalRows()).toMatchObject([{ step: 'step-1', run: run.run, procedure: confirmed }]);
  });

  it('takes a definition that calls a function of the schema for the same as when it was read', async () => {
    await changed(`CREATE FUNCTION public.folded(name text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower(name)';
      CREATE INDEX folded_ids ON codebase_snapshots (folded(codebase_id))`);
    expect(lastOf(await step1(undefined, await run.survey())).type).toBe('step-done');
    expect(await where()).toEqual(RESTORED);
  });

  it('tells what it keeps, counted by the database, before it is told to be done', async () => {
    const events = await step1();
    const types = events.map(({ type }) => type);
    expect(types.indexOf('archived')).toBe(types.indexOf('step-done') - 1);
    const [archived] = allOf(events, 'archived');
    const columns = archived?.objects.find(({ kind }) => kind === 'columns');
    expect(columns).toMatchObject({ step: 'step-1', object: 'codebase_snapshots' });
    await database.use(async (db) => {
      const { rows } = await db.query(
        `SELECT count(*)::int AS n FROM backout_archive."${columns?.archived}"`,
      );
      expect(columns?.rows).toBe((rows[0] as { n: number }).n);
    });
  });

  it('is followed by a look at who may do what, and at code that would run as us in the next', async () => {
    const planted = `CREATE ROLE mallory_between; GRANT CREATE ON SCHEMA public TO mallory_between;
      CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      ALTER FUNCTION public.planted() OWNER TO mallory_between;
      CREATE TRIGGER planted BEFORE UPDATE ON public.git_agent_sessions FOR EACH ROW EXECUTE FUNCTION public.planted()`;
    await changed(planted);
    try {
      const done = lastOf(await step1(undefined, await run.survey()));
      const again = (done.type === 'step-done' && done.survey?.again) || [];
      expect(again.map(({ id }) => id).sort()).toEqual(['archive', 'hostile-code', 'privileges']);
      expect(again.find(({ id }) => id === 'hostile-code')).toMatchObject({ status: 'fail' });
    } finally {
      await changed(
        'DROP FUNCTION public.planted() CASCADE; DROP OWNED BY mallory_between; DROP ROLE mallory_between',
      );
    }
  });

  it('does not run under a hash that nobody was shown', async () => {
    const events = await run.perform({
      type: 'run-step',
      step: 'step-1',
      attempt: 1,
      confirmed: 'made up',
      forms: {},
    });
    expect(events.map((event) => event.type)).toEqual(['survey-changed']);
    expect(await where()).toEqual(UNTOUCHED);
  });

  it('that was confirmed for one run is not confirmed for another: the archive’s names are others', async () => {
    const other = await harness(database.url);
    try {
      const theirs = await other.survey();
      expect((await step1(undefined, theirs)).map(({ type }) => type)).toEqual(['survey-changed']);
    } finally {
      await other.end();
    }
  });

  it('is rolled back whole when a statement fails, with the statement and the place in it', async () => {
    await changed(`INSERT INTO codebase_snapshots (id, codebase_id, metadata, inserted_at, updated_at)
                   VALUES (gen_random_uuid(), 'x', '{"confidence": "high"}', now(), now())`);
    const failed = lastOf(await run.step('step-1', survey, undefined, 'as-written'));
    expect(failed).toMatchObject({ type: 'step-failed', cancelled: false, error: { sqlstate: '22P02' } });
    expect(failed.type === 'step-failed' && failed.error.statement).toContain('UPDATE detection_events');
    expect(await where()).toEqual(UNTOUCHED);
    expect(await journalRows()).toEqual([]);
  });

  it('is cancelled on the server while it works, and says so', async () => {
    await database.use(async (holder) => {
      await holder.exec('BEGIN');
      await holder.exec('LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      let cancelling: Promise<unknown> = Promise.resolve();
      const running = step1((event) => {
        if (event.type !== 'lock-waiting' || event.wait.nextTryAt === null) return;
        cancelling = run.perform({ type: 'cancel-step' });
      });
      expect(lastOf(await running)).toMatchObject({ type: 'step-failed', cancelled: true });
      await cancelling;
      await holder.exec('ROLLBACK');
    });
    expect(await where()).toEqual(UNTOUCHED);
  });

  it('has its intent to commit on the disk before COMMIT is sent, with what identifies the transaction', async () => {
    await step1();
    const events = await run.journal();
    const types = events.map((event) => event.type);
    expect([types[0], types.at(-1)]).toEqual(['step-started', 'step-committing']);
    expect(new Set(types.slice(1, -1))).toEqual(new Set(['statement']));
    const [row] = await journalRows();
    expect(events.at(-1)).toMatchObject({ step: 'step-1', xid: row?.xid, timeline: 1 });
    const said = events.flatMap((event) => (event.type === 'statement' ? [event] : []));
    expect(said.map(({ index }) => index)).toEqual(said.map((_, at) => at + 1));
    expect(said.at(-1)).toMatchObject({ role: 'record' });
    expect(said.flatMap(({ carries }) => carries ?? [])).toContain(1);
  });
});

describe('what changed between confirmation and run', () => {
  it.each([
    ['a column', 'ALTER TABLE codebase_snapshots ADD COLUMN somebody_was_here text'],
    ['a grant', 'GRANT SELECT ON codebase_snapshots TO pg_monitor'],
    ['a grant on a column', 'GRANT SELECT (metadata) ON codebase_snapshots TO pg_monitor'],
    ['a comment', "COMMENT ON TABLE codebase_snapshots IS 'hands off'"],
    ['a policy', 'CREATE POLICY mine ON codebase_snapshots USING (true)'],
    ['a view', 'CREATE VIEW seen AS SELECT id FROM codebase_snapshots'],
    [
      'a trigger',
      `CREATE TRIGGER watching BEFORE UPDATE ON codebase_snapshots
         FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ],
    [
      'a table of the same name',
      'ALTER TABLE schema_migrations RENAME TO gone; CREATE TABLE schema_migrations (LIKE gone)',
    ],
  ])('voids the confirmation: %s', async (_, sql) => {
    await changed(sql);
    expect((await step1()).map((event) => event.type)).toEqual(['survey-changed']);
    expect(await where()).toEqual(UNTOUCHED);
  });

  it('does not: rows that were written', async () => {
    await changed(
      'INSERT INTO codebase_snapshots (id, inserted_at, updated_at) VALUES (gen_random_uuid(), now(), now())',
    );
    await changed('ANALYZE codebase_snapshots');
    expect(lastOf(await step1()).type).toBe('step-done');
  });

  it('is seen under the locks, when it came after the last look', async () => {
    const events = await database.use(async (holder) => {
      await holder.exec('BEGIN');
      await holder.exec('GRANT SELECT ON codebase_snapshots TO pg_monitor');
      await holder.exec('LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      let ended: Promise<unknown> | null = null;
      return step1((event) => {
        if (event.type === 'lock-waiting') ended ??= holder.exec('COMMIT');
      });
    });
    expect(events.map(({ type }) => type)).toContain('lock-taken');
    expect(lastOf(events).type).toBe('survey-changed');
    expect(await where()).toEqual(UNTOUCHED);
  });
});

describe('the whole plan in one transaction', () => {
  it('is one transaction: every step has its row, all rows have one xid', async () => {
    const events = await run.whole(survey);
    expect(allOf(events, 'step-done').map(({ step }) => step)).toEqual([
      'step-1',
      'step-2',
      'step-3',
      'step-4',
    ]);
    const surveys = allOf(events, 'step-done').map((event) => event.survey);
    expect(surveys.slice(0, -1)).toEqual([null, null, null]);
    expect(surveys.at(-1)?.position.steps.every(({ state }) => state === 'applied')).toBe(true);
    const rows = await journalRows();
    expect(rows.map(({ step }) => step)).toEqual(['step-1', 'step-2', 'step-3', 'step-4']);
    expect(new Set(rows.map(({ xid }) => xid)).size).toBe(1);
    const committing = (await run.journal()).find(({ type }) => type === 'step-committing');
    expect(committing).toMatchObject({ steps: ['step-1', 'step-2', 'step-3', 'step-4'], xid: rows[0]?.xid });
  });

  it('leaves nothing when its last step fails', async () => {
    await changed(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
                   AS $f$ BEGIN RAISE EXCEPTION 'not this one'; END $f$`);
    await changed(
      'CREATE TRIGGER refuse BEFORE DELETE ON schema_migrations FOR EACH ROW EXECUTE FUNCTION public.refuse()',
    );
    survey = await run.survey();
    const events = await run.whole(survey);
    expect(lastOf(events)).toMatchObject({
      type: 'step-failed',
      step: 'step-4',
      error: { sqlstate: 'P0001' },
    });
    expect(await where()).toEqual(UNTOUCHED);
    expect(await journalRows()).toEqual([]);
  });

  it('is confirmed as a whole: the hash of one step alone is not enough', async () => {
    const steps = survey.offers.map(({ step }) => step);
    const confirmed = survey.offers[0]?.offers[0]?.procedure?.hash ?? '';
    const events = await run.perform({
      type: 'run-step',
      step: 'step-1',
      steps,
      attempt: 1,
      confirmed,
      forms: {},
    });
    expect(events.map(({ type }) => type)).toEqual(['survey-changed']);
  });
});

describe('without the archive', () => {
  it('nothing is kept, and the step still has its row', async () => {
    const done = (await run.perform({ type: 'check', withoutArchive: true })).find(
      (event) => event.type === 'prerequisites-done',
    );
    const bare = done?.type === 'prerequisites-done' ? (done.survey ?? survey) : survey;
    const events = await step1(undefined, bare);
    expect(lastOf(events).type).toBe('step-done');
    expect(allOf(events, 'archived')).toEqual([]);
    expect((await journalRows()).map(({ step }) => step)).toEqual(['step-1']);
    await database.use(async (db) => {
      const { rows } = await db.query(
        "SELECT FROM pg_class WHERE relnamespace = 'backout_archive'::regnamespace AND relkind = 'r'",
      );
      expect(rows).toEqual([]);
    });
  });
});
