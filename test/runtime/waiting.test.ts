/** A step that waits for a lock: who is in the way, what can be done about it, and how long it goes on. */
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event, LockWait, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';

const POLICY = { tryMs: 150, firstPauseMs: 20, longestPauseMs: 20, tries: 6 };

let database: TestDatabase;
let run: Harness;
let survey: Survey;

beforeEach(async () => {
  database = await freshDatabase();
  run = await harness(database.url, { lockPolicy: POLICY });
  survey = await run.survey();
});
afterEach(async () => {
  await run.end();
  await database.drop();
});

/** With a transaction of another session open on the table of Step 1. */
function blocked<T>(work: (holder: pg.Client, pid: number) => Promise<T>): Promise<T> {
  return database.use(async ({ client }) => {
    // Its session may be ended by what is tried.
    client.on('error', () => undefined);
    await client.query("SET application_name = 'the app'");
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM codebase_snapshots');
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return work(client, (rows[0] as { pid: number }).pid);
  });
}

const waits = (events: Event[]): LockWait[] => allOf(events, 'lock-waiting').map(({ wait }) => wait);

describe('who is in the way', () => {
  it('is told at each try, with what the session is and holds', async () => {
    await blocked(async (holder, pid) => {
      const events = await run.step('step-1', survey);
      const seen = waits(events).at(-1);
      expect(seen).toMatchObject({
        step: 'step-1',
        table: 'codebase_snapshots',
        level: 'ACCESS EXCLUSIVE',
        attempt: POLICY.tries,
        attempts: POLICY.tries,
        nextTryAt: null,
        acting: null,
      });
      expect(seen?.blockers).toMatchObject([
        {
          pid,
          application: 'the app',
          state: 'idle in transaction',
          query: 'SELECT pg_backend_pid() AS pid',
          holds: expect.arrayContaining(['ACCESS SHARE on codebase_snapshots']) as string[],
          mayCancel: false,
          mayTerminate: true,
        },
      ]);
      await holder.query('ROLLBACK');
    });
  });

  it('is in the failure that ends the waiting: 55P03, after the last try, with nothing changed', async () => {
    await blocked(async (holder, pid) => {
      const events = await run.step('step-1', survey);
      const failed = lastOf(events);
      expect(failed).toMatchObject({ type: 'step-failed', cancelled: false, error: { sqlstate: '55P03' } });
      expect(failed.type === 'step-failed' && failed.error.explanation).toContain(
        `ACCESS EXCLUSIVE on codebase_snapshots could not be had in ${POLICY.tries} tries. It was held by pid ${pid}`,
      );
      expect(waits(events).map(({ attempt }) => attempt)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6]));
      await holder.query('ROLLBACK');
    });
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
  });

  it('is nobody once the lock is there: the step goes on by itself', async () => {
    const events = await blocked((holder) => {
      let ended: Promise<unknown> | null = null;
      return run.step('step-1', survey, (event) => {
        if (event.type === 'lock-waiting' && event.wait.attempt === 2) ended ??= holder.query('COMMIT');
      });
    });
    const types = events.map(({ type }) => type);
    expect(types.indexOf('lock-taken')).toBeGreaterThan(types.lastIndexOf('lock-waiting'));
    expect(types.indexOf('statement-started')).toBeGreaterThan(types.indexOf('lock-taken'));
    expect(lastOf(events).type).toBe('step-done');
  });
});

describe('what the operator does about it', () => {
  it('ends the session that blocks, and that one alone', async () => {
    await blocked((_holder, pid) =>
      database.use(async ({ client: bystander }) => {
        const other = (await bystander.query('SELECT pg_backend_pid() AS pid')).rows[0] as { pid: number };
        let asked = false;
        const events = await run.step('step-1', survey, (event) => {
          const found = event.type === 'lock-waiting' ? event.wait.blockers[0] : undefined;
          if (!found || asked) return;
          asked = true;
          const { backendStart } = found;
          run.runtime.perform(
            { type: 'lock-action', action: 'terminate', pid, backendStart },
            () => undefined,
          );
        });
        expect(lastOf(events).type).toBe('step-done');
        expect(allOf(events, 'lock-acted').map(({ text }) => text)).toEqual([
          expect.stringContaining(`Ended the session of pid ${pid}`),
        ]);
        // Its own session still answers.
        expect((await bystander.query('SELECT pg_backend_pid() AS pid')).rows).toEqual([other]);
      }),
    );
  });

  it('does nothing to a session that does not block it', async () => {
    await blocked((holder) =>
      database.use(async ({ client: bystander }) => {
        const found = await bystander.query(
          'SELECT pid, backend_start::text AS started FROM pg_stat_activity WHERE pid = pg_backend_pid()',
        );
        const { pid, started } = found.rows[0] as { pid: number; started: string };
        let asked = false;
        const events = await run.step('step-1', survey, (event) => {
          if (event.type !== 'lock-waiting' || asked) return;
          asked = true;
          const task = { type: 'lock-action', action: 'terminate', pid, backendStart: started } as const;
          run.runtime.perform(task, () => undefined);
        });
        expect(allOf(events, 'lock-acted').map(({ text }) => text)).toEqual([
          expect.stringContaining(`pid ${pid} does not block us`),
        ]);
        await bystander.query('SELECT 1');
        await holder.query('ROLLBACK');
      }),
    );
  });

  it('stops the waiting in the middle of a pause', async () => {
    const patient = await harness(database.url, {
      lockPolicy: { ...POLICY, firstPauseMs: 600_000, longestPauseMs: 600_000, totalMs: 6_000_000 },
    });
    try {
      const fresh = await patient.survey();
      await blocked(async (holder) => {
        const events = await patient.step('step-1', fresh, (event) => {
          if (event.type !== 'lock-waiting' || event.wait.nextTryAt === null) return;
          patient.runtime.perform({ type: 'cancel-step' }, () => undefined);
        });
        expect(lastOf(events)).toMatchObject({ type: 'step-failed', cancelled: true });
        await holder.query('ROLLBACK');
      });
    } finally {
      await patient.end();
    }
  });

  it('has the next try at once', async () => {
    const patient = await harness(database.url, {
      lockPolicy: { ...POLICY, firstPauseMs: 600_000, longestPauseMs: 600_000, totalMs: 6_000_000 },
    });
    try {
      const fresh = await patient.survey();
      const events = await blocked((holder) => {
        let ended: Promise<unknown> | null = null;
        return patient.step('step-1', fresh, (event) => {
          if (event.type !== 'lock-waiting' || event.wait.nextTryAt === null) return;
          ended ??= holder
            .query('COMMIT')
            .then(() =>
              patient.runtime.perform({ type: 'lock-action', action: 'retry-now' }, () => undefined),
            );
        });
      });
      expect(lastOf(events).type).toBe('step-done');
    } finally {
      await patient.end();
    }
  });
});
