/** A COMMIT that the server is still at work on: neither done nor not done, and asked again until it is. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSession } from '../../src/postgres/connect.ts';
import { prepareStore, registerRun } from '../../src/postgres/store.ts';
import { resolveUnknown, type Pending } from '../../src/runtime/unknown.ts';
import type { Event } from '../../src/wizard/types.ts';
import { RUN, stepSql } from '../postgres/journal-rows.ts';
import { openBench, type Bench } from '../postgres/support.ts';

let bench: Bench;
let worker: PostgresSession;
let pending: Pending;
let heard: Event[];

beforeEach(async () => {
  heard = [];
  bench = await openBench();
  worker = await bench.open('worker');
  await prepareStore(bench.session);
  await registerRun(worker, RUN);
  await worker.query('BEGIN');
  const { rows } = await worker.query('SELECT pg_current_xact_id()::text AS xid');
  await worker.query(stepSql('step-1'));
  pending = { run: RUN.run, steps: ['step-1', 'step-2'], xid: String(rows[0]?.['xid']), recorded: true };
});
afterEach(() => bench.close());

/** `now`: what the clock says each time it is looked at. */
const resolve = (now: () => number): Promise<boolean> =>
  resolveUnknown(pending, { session: bench.session, emit: (event) => heard.push(event), now });

const found = (what: string) => pending.steps.map((step) => ({ type: 'step-found', step, found: what }));

describe('a transaction that is still running', () => {
  it('is told as that when the time is over, for all of its steps, and nothing may be run yet', async () => {
    let looks = 0;
    expect(await resolve(() => (looks++ === 0 ? 0 : 60_000))).toBe(false);
    expect(heard).toEqual(found('still-running'));
  });

  it.each([
    ['COMMIT', 'done'],
    ['ROLLBACK', 'not-done'],
  ])('is waited for: after %s it is %s', async (end, outcome) => {
    let looks = 0;
    let ended: Promise<unknown> | null = null;
    const known = await resolve(() => {
      looks += 1;
      // The first is the time it began: from the second on it was found running.
      if (looks === 2) ended = worker.query(end);
      return 0;
    });
    await ended;
    expect(known).toBe(true);
    expect(looks).toBeGreaterThan(1);
    expect(heard).toEqual(found(outcome));
  });

  it('without a row to come is left to the tables', async () => {
    pending = { ...pending, recorded: false };
    expect(await resolve(() => 0)).toBe(true);
    expect(heard).toEqual([]);
  });
});
