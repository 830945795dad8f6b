/** One run at a time on a database: refused, watched, taken over, gone on with, ended. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/file.ts';
import type { Event, OtherRun, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';
import { startProxy, type Proxy } from './proxy.ts';

let database: TestDatabase;
let proxy: Proxy;
let first: Harness;
let second: Harness;
let survey: Survey;

const row = (sql: string): Promise<Record<string, unknown> | undefined> =>
  database.use(async (db) => (await db.query(sql)).rows[0] as Record<string, unknown> | undefined);
const locked = async (): Promise<boolean> =>
  (await row(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)) !==
  undefined;

beforeEach(async () => {
  database = await freshDatabase();
  proxy = await startProxy(database.url);
  first = await harness(proxy.url, { run: '20250101-0000-aaaa', operator: { user: 'ann', host: 'one' } });
  second = await harness(database.url, { run: '20250101-0001-bbbb', operator: { user: 'bob', host: 'two' } });
  survey = await first.survey();
});
afterEach(async () => {
  await first.end();
  await second.end();
  await proxy.close();
  await database.drop();
});

/** Cut off from the server for good, as by the end of its process. */
async function kill(): Promise<void> {
  await proxy.close();
  await until(async () => !(await locked()));
}

/** Its session is ended on the server; its program lives. */
async function cutOff(): Promise<void> {
  await row(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backout/${first.run}'`,
  );
  await until(async () => !(await locked()));
}

async function watched(until: (other: OtherRun | null) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  second.runtime.perform({ type: 'watch' }, (event) => {
    events.push(event);
    if (event.type === 'other-run' && until(event.other)) {
      second.runtime.perform({ type: 'unwatch' }, () => undefined);
    }
  });
  await second.runtime.idle();
  return events;
}

describe('a second run', () => {
  it('is refused while the first is at work, and told whose it is', async () => {
    expect(lastOf(await first.step('step-1', survey)).type).toBe('step-done');
    const theirs = await second.survey();
    const events = await second.step('step-2', theirs);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'step-failed', seconds: 0, error: { sqlstate: '55P03' } });
    const { message } = (events[0] as Extract<Event, { type: 'step-failed' }>).error;
    expect(message).toContain(`run ${first.run} by ann on one`);
    expect(await row('SELECT count(*)::int AS n FROM backout.run')).toEqual({ n: 1 });
  });

  it('sees the first at its check, and while it watches, until that has ended', async () => {
    await first.step('step-1', survey);
    await second.survey();
    const found = allOf(await second.perform({ type: 'check' }), 'other-run').at(-1)?.other;
    expect(found).toMatchObject({
      run: first.run,
      operator: 'ann',
      host: 'one',
      live: true,
      stepsDone: ['step-1'],
    });
    let ended: Promise<unknown> | null = null;
    const events = await watched((other) => {
      if (other?.live) ended ??= first.perform({ type: 'end-run', outcome: 'verified' });
      return other === null;
    });
    await ended;
    expect(allOf(events, 'other-run').at(-1)?.other).toBeNull();
  });

  it('may run once the first has ended', async () => {
    await first.step('step-1', survey);
    await first.perform({ type: 'end-run', outcome: 'verified' });
    const theirs = await second.survey();
    expect(lastOf(await second.step('step-2', theirs)).type).toBe('step-done');
  });

  it('does not take over one that is at work', async () => {
    await first.step('step-1', survey);
    await second.survey();
    const events = await second.perform({ type: 'take-over', run: first.run });
    expect(events).toMatchObject([{ type: 'other-run', other: { run: first.run, live: true } }]);
    expect(second.runtime.run).toBe(second.run);
  });

  it('does not take over a run that has come to its end', async () => {
    await first.step('step-1', survey);
    await first.perform({ type: 'end-run', outcome: 'verified' });
    await second.survey();
    const events = await second.perform({ type: 'take-over', run: first.run });
    expect(events).toMatchObject([{ type: 'trouble', what: 'take-over' }]);
    expect(await locked()).toBe(false);
  });
});

describe('a run whose session is gone', () => {
  it('is taken over under its own id, goes on from where it is, and its former owner runs nothing more', async () => {
    await first.step('step-1', survey);
    await cutOff();
    await second.survey();
    const [found] = allOf(await second.perform({ type: 'check' }), 'other-run');
    expect(found?.other).toMatchObject({ run: first.run, live: false, stepsDone: ['step-1'] });
    const told = await second.perform({ type: 'take-over', run: first.run });
    const [taken] = allOf(told, 'taken-over');
    expect(allOf(told, 'archived').map(({ step, objects }) => [step, objects.length > 0])).toEqual([
      ['step-1', true],
    ]);
    expect(taken?.resumed.titles['step-1']).toContain('Restore');
    expect(taken).toMatchObject({
      run: first.run,
      resumed: { run: first.run, doneBefore: ['step-1'], operator: 'ann', host: 'one' },
    });
    expect(second.runtime.run).toBe(first.run);
    expect(await row('SELECT operator, host, ended_at FROM backout.run')).toEqual({
      operator: 'bob',
      host: 'two',
      ended_at: null,
    });
    expect(lastOf(await second.step('step-2', taken!.survey)).type).toBe('step-done');
    const rows = await database.use(
      async (db) => (await db.query('SELECT run, step FROM backout.step ORDER BY step')).rows,
    );
    expect(rows).toEqual([
      { run: first.run, step: 'step-1' },
      { run: first.run, step: 'step-2' },
    ]);
    // Its program is still there, and connects again by itself.
    const theirs = await first.survey();
    const refused = await first.step('step-3', theirs);
    expect(refused).toMatchObject([{ type: 'step-failed', error: { sqlstate: '55P03' } }]);
    expect(refused[0]?.type === 'step-failed' && refused[0].error.message).toContain('taken over');
  });

  it('goes on in its own journal where that is on this machine', async () => {
    await first.end();
    first = await harness(proxy.url, { run: first.run, runsDir: second.runsDir });
    survey = await first.survey();
    await first.step('step-1', survey);
    const before = (await first.journal()).length;
    await kill();
    await second.survey();
    await second.perform({ type: 'take-over', run: first.run });
    await second.perform({ type: 'record', event: { type: 'note', text: 'gone on with' } });
    const { events, torn } = await readJournal(join(second.runsDir, first.run));
    expect(torn).toBe(false);
    expect(events.slice(before)).toMatchObject([
      { type: 'note', text: expect.stringContaining('stands above') as string, seq: before + 1 },
      { type: 'note', text: 'gone on with' },
    ]);
    expect(existsSync(join(second.runsDir, second.run))).toBe(false);
  });

  it('gets a new journal here that says where it came from', async () => {
    await second.perform({
      type: 'record',
      event: {
        type: 'run-started',
        version: '0',
        surface: 'plain',
        environment: 'PRODUCTION',
        runbook: { path: 'x', title: 'x', sha256: 'x', migration: null },
        operator: { user: 'bob', host: 'two' },
      },
    });
    await first.step('step-1', survey);
    await kill();
    await second.survey();
    await second.perform({ type: 'take-over', run: first.run });
    const { events } = await readJournal(join(second.runsDir, first.run));
    expect(events).toMatchObject([{ type: 'note' }, { type: 'run-started' }]);
    expect(events[0]?.type === 'note' && events[0].text).toContain('begun by ann on one');
    const left = await readJournal(join(second.runsDir, second.run));
    expect(left.events.at(-1)).toMatchObject({
      type: 'note',
      text: expect.stringContaining(first.run) as string,
    });
  });

  it('is gone on with at the first check by whoever was started to resume it', async () => {
    await first.step('step-1', survey);
    await kill();
    const third = await harness(database.url, { run: first.run, resume: first.run });
    try {
      await third.runtime.connect();
      const events = await third.perform({ type: 'check' });
      expect(allOf(events, 'taken-over')).toMatchObject([{ resumed: { doneBefore: ['step-1'] } }]);
      const [checked] = allOf(events, 'prerequisites-done');
      expect(lastOf(await third.step('step-2', checked!.survey!)).type).toBe('step-done');
    } finally {
      await third.end();
    }
  });
});

describe('the end of a run', () => {
  it.each([
    ['verified', true],
    ['verification-failed', true],
    ['stopped', false],
    ['sql-failed', false],
    ['unknown', false],
  ] as const)('%s, with a step done: written down as ended: %s', async (outcome, ends) => {
    await first.step('step-1', survey);
    await first.perform({ type: 'end-run', outcome });
    expect(await row('SELECT ended_at IS NOT NULL AS ended FROM backout.run')).toEqual({ ended: ends });
    expect(await locked()).toBe(false);
  });

  it('is written down over a new connection when the old one was lost after the last step', async () => {
    await first.step('step-1', survey);
    await cutOff();
    await first.perform({ type: 'end-run', outcome: 'verified' });
    expect(await row('SELECT outcome FROM backout.run')).toEqual({ outcome: 'verified' });
    expect(await locked()).toBe(false);
  });

  it('stopped, with nothing done, leaves nothing to go on with', async () => {
    await database.use((db) =>
      db.exec(`INSERT INTO codebase_snapshots (id, metadata, inserted_at, updated_at)
               VALUES (gen_random_uuid(), '{"confidence": "high"}', now(), now())`),
    );
    expect(lastOf(await first.step('step-1', survey)).type).toBe('step-failed');
    await first.perform({ type: 'end-run', outcome: 'stopped' });
    expect(await row('SELECT count(*)::int AS n FROM backout.run WHERE ended_at IS NULL')).toEqual({ n: 0 });
  });
});
