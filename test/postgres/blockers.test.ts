import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actOnBlocker, blockersOf, waitedFor } from '../../src/postgres/blockers.ts';
import type { PostgresSession } from '../../src/postgres/connect.ts';
import { makeLogin } from './journal-rows.ts';
import { openBench, type Bench } from './support.ts';

let bench: Bench;
let holder: PostgresSession;
let waiter: PostgresSession;

beforeAll(async () => {
  bench = await openBench();
  for (const role of ['clerk', 'porter']) await makeLogin(bench, role);
  await bench.session.query('CREATE TABLE public.held (id int)');
  await bench.session.query('GRANT SELECT ON public.held TO clerk');
});
afterAll(async () => bench.close());
beforeEach(async () => {
  holder = await bench.open('psql \u001b[31m', 'clerk');
  waiter = await bench.open('waiter');
});
afterEach(async () => {
  await waiter.close();
  await holder.close();
});

/** Begins to wait for the table; resolves when the server says so. */
async function wait(): Promise<{ done: Promise<unknown> }> {
  await waiter.query('BEGIN');
  const done = waiter
    .query('LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE')
    .catch((error: unknown) => error);
  await expect.poll(async () => (await blockersOf(bench.session, pidOf(waiter))).length).toBeGreaterThan(0);
  return { done };
}

function pidOf(session: PostgresSession): number {
  return session.processId ?? 0;
}

describe('blockers', () => {
  test('nobody, when nothing is waited for', async () => {
    expect(await blockersOf(bench.session, pidOf(waiter))).toEqual([]);
  });

  test('one that waits for the waiting session in turn is told to, and what is waited for has its name', async () => {
    await bench.session.query('CREATE TABLE public.ours (id int)');
    const theirs = await bench.open('application');
    await theirs.query('BEGIN');
    await theirs.query('SELECT count(*) FROM public.held');
    await waiter.query("SET deadlock_timeout = '1h'");
    await theirs.query("SET deadlock_timeout = '1h'");
    const ours = await bench.open('look');
    await waiter.query('BEGIN');
    await waiter.query('LOCK TABLE public.ours IN SHARE ROW EXCLUSIVE MODE');
    const inTurn = theirs.query('INSERT INTO public.ours VALUES (1)').catch((error: unknown) => error);
    await expect.poll(async () => (await blockersOf(ours, pidOf(theirs))).length).toBe(1);
    const waiting = waiter
      .query('LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE')
      .catch((error: unknown) => error);
    await expect.poll(async () => (await blockersOf(ours, pidOf(waiter)))[0]?.waitsForUs).toBe(true);
    expect(await waitedFor(ours, pidOf(waiter))).toEqual({ table: 'held', level: 'ACCESS EXCLUSIVE' });
    await theirs.cancel();
    await Promise.all([inTurn, waiting]);
    expect(await waitedFor(ours, pidOf(waiter))).toBeNull();
    await Promise.all([theirs.close(), ours.close()]);
  });

  test('an idle transaction: who, what it holds, and that cancelling has no effect', async () => {
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM public.held');
    const { done } = await wait();
    const [blocker, ...more] = await blockersOf(bench.session, pidOf(waiter));
    expect(more).toEqual([]);
    expect(blocker).toMatchObject({
      pid: holder.processId,
      user: 'clerk',
      application: 'psql ?[31m',
      state: 'idle in transaction',
      query: 'SELECT count(*) FROM public.held',
      holds: ['ACCESS SHARE on held'],
      mayCancel: false,
      mayTerminate: true,
      waitsForUs: false,
    });
    expect(blocker?.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(blocker?.backendStart).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await actOnBlocker(bench.session, pidOf(waiter), blocker!, 'cancel')).toMatch(
      /^Nothing was done to pid \d+: it is idle in transaction and runs no query, so cancelling has no effect/,
    );
    expect(await blockersOf(bench.session, pidOf(waiter))).toHaveLength(1);
    expect(await actOnBlocker(bench.session, pidOf(waiter), blocker!, 'terminate')).toMatch(
      /^Ended the session of pid/,
    );
    expect(await done).toMatchObject({ command: 'LOCK TABLE' });
    expect(await actOnBlocker(bench.session, pidOf(waiter), blocker!, 'terminate')).toMatch(
      /^Nothing was done: pid \d+ does not block us any more/,
    );
  });

  test('a running query is cancelled, and its query text passes no control characters', async () => {
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM public.held');
    const running = holder
      .query("SELECT pg_sleep(600), '\u001b[31m' AS red")
      .catch((error: unknown) => error);
    const { done } = await wait();
    await expect.poll(async () => (await blockersOf(bench.session, pidOf(waiter)))[0]?.state).toBe('active');
    const [blocker] = await blockersOf(bench.session, pidOf(waiter));
    expect(blocker).toMatchObject({ mayCancel: true, query: "SELECT pg_sleep(600), '\\x1B[31m' AS red" });
    expect(await actOnBlocker(bench.session, pidOf(waiter), blocker!, 'cancel')).toMatch(
      /^Asked pid \d+ to cancel/,
    );
    expect(await running).toMatchObject({ sqlstate: '57014' });
    expect(await done).toMatchObject({ command: 'LOCK TABLE' });
    expect(holder.lost).toBe(false);
  });

  test('who is no blocker, or another session with that pid, is left alone', async () => {
    const bystander = await bench.open('bystander');
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM public.held');
    const { done } = await wait();
    const [blocker] = await blockersOf(bench.session, pidOf(waiter));
    const { rows } = await bystander.query(
      'SELECT to_char(backend_start AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') AS start FROM pg_stat_activity WHERE pid = pg_backend_pid()',
    );
    const innocent = { pid: pidOf(bystander), backendStart: String(rows[0]?.['start']) };
    const refused = /^Nothing was done: pid \d+ does not block us any more, or is another session/;
    expect(await actOnBlocker(bench.session, pidOf(waiter), innocent, 'terminate')).toMatch(refused);
    const reused = { ...blocker!, backendStart: '2020-01-01T00:00:00Z' };
    expect(await actOnBlocker(bench.session, pidOf(waiter), reused, 'terminate')).toMatch(refused);
    const unknown = { ...blocker!, backendStart: '' };
    expect(await actOnBlocker(bench.session, pidOf(waiter), unknown, 'terminate')).toMatch(refused);
    expect((await bystander.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
    expect((await holder.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
    await holder.query('ROLLBACK');
    await done;
    await bystander.close();
  });

  test('a role sees and ends only what it may', async () => {
    const porter = await bench.open('porter', 'porter');
    const clerk = await bench.open('clerk', 'clerk');
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM public.held');
    const { done } = await wait();
    const [hidden] = await blockersOf(porter, pidOf(waiter));
    expect(hidden).toMatchObject({ pid: holder.processId, mayCancel: false, mayTerminate: false, state: '' });
    expect(hidden?.query).toBe('<insufficient privilege>');
    const [full] = await blockersOf(bench.session, pidOf(waiter));
    for (const start of [hidden?.backendStart ?? '', full?.backendStart ?? '']) {
      const text = await actOnBlocker(
        porter,
        pidOf(waiter),
        { pid: pidOf(holder), backendStart: start },
        'terminate',
      );
      expect(text).toMatch(/^Nothing was done/);
    }
    const [same] = await blockersOf(clerk, pidOf(waiter));
    expect(same).toMatchObject({ mayTerminate: true, state: 'idle in transaction' });
    // A superuser's session is a superuser's to end.
    const queue = await bench.open('queue', 'clerk');
    const queued = queue.query('SELECT count(*) FROM public.held');
    await expect.poll(async () => (await blockersOf(bench.session, pidOf(queue))).length).toBe(1);
    await bench.session.query('GRANT pg_signal_backend TO porter');
    expect(await blockersOf(porter, pidOf(queue))).toMatchObject([
      { pid: waiter.processId, mayTerminate: false },
    ]);
    expect(await blockersOf(porter, pidOf(waiter))).toMatchObject([{ mayTerminate: true }]);
    expect(await blockersOf(bench.session, pidOf(queue))).toMatchObject([
      { pid: waiter.processId, holds: ['waits for ACCESS EXCLUSIVE on held'] },
    ]);
    await bench.session.query('REVOKE pg_signal_backend FROM porter');
    await holder.query('ROLLBACK');
    await done;
    await waiter.query('ROLLBACK');
    await queued;
    for (const session of [porter, clerk, queue]) await session.close();
  });

  test('a prepared transaction has no session, and says how it is ended', async () => {
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM public.held');
    await holder.query("PREPARE TRANSACTION 'left behind'");
    const { done } = await wait();
    expect(await blockersOf(bench.session, pidOf(waiter))).toMatchObject([
      {
        pid: 0,
        state: 'prepared transaction',
        query: "it has no session: end it with COMMIT PREPARED or ROLLBACK PREPARED ('left behind')",
        holds: ['ACCESS SHARE on held'],
        mayTerminate: false,
      },
    ]);
    expect(
      await actOnBlocker(bench.session, pidOf(waiter), { pid: 0, backendStart: '' }, 'terminate'),
    ).toMatch(/^A prepared transaction has no session/);
    await bench.session.query("ROLLBACK PREPARED 'left behind'");
    await done;
  });
});
