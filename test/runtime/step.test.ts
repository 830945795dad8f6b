/** One step on a real server: whole or not at all, bound to what was confirmed, honest about what it cannot know. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/file.ts';
import type { Event, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { harness, lastOf, type Harness } from './harness.ts';
import { startProxy, type Proxy } from './proxy.ts';

const EXISTS = `SELECT to_regclass('public.detection_events') IS NOT NULL AS restored,
  to_regclass('public.codebase_snapshots') IS NOT NULL AS untouched`;

let database: TestDatabase;
let proxy: Proxy;
let run: Harness;
let survey: Survey;

const where = () =>
  database.use(async (db) => (await db.query(EXISTS)).rows[0] as { restored: boolean; untouched: boolean });
const step1 = (during?: (event: Event) => void, confirmed = survey.hash) =>
  run.perform({ type: 'run-step', step: 'step-1', attempt: 1, confirmed }, during);

beforeEach(async () => {
  database = await freshDatabase();
  proxy = await startProxy(database.url);
  run = await harness(proxy.url);
  survey = await run.survey();
});
afterEach(async () => {
  await run.end();
  await proxy.close();
  await database.drop();
});

describe('a step', () => {
  it('is committed whole, and the next one has a survey of its own', async () => {
    const events = await step1();
    const done = lastOf(events);
    expect(done.type).toBe('step-done');
    expect(done.type === 'step-done' && done.survey?.position.steps.map((step) => step.state)).toEqual([
      'applied',
      'pending',
      'pending',
      'pending',
    ]);
    expect(await where()).toEqual({ restored: true, untouched: false });
  });

  it('does not run when what was confirmed is not what is there', async () => {
    await database.use((db) => db.exec('ALTER TABLE codebase_snapshots ADD COLUMN somebody_was_here text'));
    expect((await step1()).map((event) => event.type)).toEqual(['survey-changed']);
    expect(await where()).toEqual({ restored: false, untouched: true });
  });

  it('does not run under a hash that nobody was shown', async () => {
    expect((await step1(undefined, 'made up')).map((event) => event.type)).toEqual(['survey-changed']);
    expect(await where()).toEqual({ restored: false, untouched: true });
  });

  it('is rolled back whole when a statement fails, with the statement and the place in it', async () => {
    await database.use((db) =>
      db.exec(`INSERT INTO codebase_snapshots (id, codebase_id, metadata, inserted_at, updated_at)
               VALUES (gen_random_uuid(), 'x', '{"confidence": "high"}', now(), now())`),
    );
    const failed = lastOf(await step1());
    expect(failed).toMatchObject({ type: 'step-failed', cancelled: false, error: { sqlstate: '22P02' } });
    expect(failed.type === 'step-failed' && failed.error.statement).toContain('UPDATE detection_events');
    expect(await where()).toEqual({ restored: false, untouched: true });
  });

  it('gives up waiting for a lock, and leaves no queue behind', async () => {
    await database.use(async (holder) => {
      await holder.exec('BEGIN');
      await holder.exec('LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      expect(lastOf(await step1())).toMatchObject({ type: 'step-failed', error: { sqlstate: '55P03' } });
      const waiting = await holder.query(
        "SELECT FROM pg_locks WHERE NOT granted AND relation = 'codebase_snapshots'::regclass",
      );
      expect(waiting.rows).toHaveLength(0);
      await holder.exec('ROLLBACK');
    });
    expect(lastOf(await step1()).type).toBe('step-done');
  });

  it('is cancelled on the server while it waits, and says so', async () => {
    await database.use(async (holder) => {
      await holder.exec('BEGIN');
      await holder.exec('LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
      let cancelling: Promise<unknown> = Promise.resolve();
      const running = step1((event) => {
        if (event.type !== 'step-started') return;
        cancelling = untilWaiting(holder).then(() => run.perform({ type: 'cancel-step' }));
      });
      expect(lastOf(await running)).toMatchObject({ type: 'step-failed', cancelled: true });
      await cancelling;
      await holder.exec('ROLLBACK');
    });
    expect(await where()).toEqual({ restored: false, untouched: true });
  });

  it.each([
    ['reached the server', 'before-the-answer', { restored: true, untouched: false }, 'applied'],
    ['never reached the server', 'before-the-server', { restored: false, untouched: true }, 'pending'],
  ] as const)(
    'is unknown when the connection is cut at a COMMIT that %s, until the database is asked',
    async (_, cut, there, state) => {
      const unknown = lastOf(
        await step1((event) => {
          if (event.type === 'statement-done' && event.index === 12) proxy.arm(cut);
        }),
      );
      expect(unknown.type).toBe('step-unknown');
      expect(await where()).toEqual(there);
      const again = lastOf(await run.perform({ type: 'check' }));
      expect(again.type === 'prerequisites-done' && again.survey.position.steps[0]?.state).toBe(state);
    },
  );

  it('has its intent to commit on the disk before COMMIT is sent, and none when it never got there', async () => {
    await step1();
    const folder = run.runtime.folder;
    const { events } = await readJournal(folder ?? join(run.runsDir, 'none'));
    expect(events.map((event) => event.type)).toEqual([
      'step-started',
      ...Array.from({ length: 12 }, () => 'statement'),
      'step-committing',
    ]);
    expect(events.find((event) => event.type === 'statement')).toMatchObject({
      step: 'step-1',
      index: 1,
      command: 'DROP INDEX',
    });
  });
});

async function untilWaiting(holder: { query(sql: string): Promise<{ rows: unknown[] }> }): Promise<void> {
  const waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'codebase_snapshots'::regclass";
  while ((await holder.query(waiting)).rows.length === 0)
    await new Promise((resolve) => setImmediate(resolve));
}
