/** Looking at tables that somebody keeps everybody out of: patient, told, bounded, and never an error without a name. */
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event, LockWait, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';

const POLICY = { tryMs: 150, firstPauseMs: 20, longestPauseMs: 20, tries: 5 };

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

/** With a table of the plan locked against everybody by another session. */
function keptOut<T>(work: (holder: pg.Client, pid: number) => Promise<T>): Promise<T> {
  return database.use(async ({ client }) => {
    client.on('error', () => undefined);
    await client.query("SET application_name = 'the maintenance'");
    await client.query('BEGIN');
    await client.query('LOCK TABLE codebase_snapshots IN ACCESS EXCLUSIVE MODE');
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return work(client, (rows[0] as { pid: number }).pid);
  });
}

const rowsWritten = async (): Promise<number> => {
  const { rows } = await database.use(({ client }) =>
    client.query<{ n: number }>('SELECT count(*)::int AS n FROM backout.step').catch(() => ({ rows: [] })),
  );
  return rows[0]?.n ?? 0;
};

describe('the look before a step', () => {
  it('waits, says for what and for whom, and the step goes on when the way is free', async () => {
    // What is waited for, and for whom, is asked beside the tries: it tries until both are known, however long that takes.
    const isTold = ({ blockers, table }: LockWait): boolean =>
      blockers.length > 0 && table !== 'a table of the plan';
    const patient = await harness(database.url, { lockPolicy: { ...POLICY, tries: 1_000 } });
    const seen = await patient.survey();
    const events = await keptOut((holder) => {
      let ended: Promise<unknown> | null = null;
      return patient.step('step-1', seen, (event) => {
        if (event.type === 'lock-waiting' && isTold(event.wait)) ended ??= holder.query('COMMIT');
      });
    });
    await patient.end();
    const waits = allOf(events, 'lock-waiting').map(({ wait }) => wait);
    expect(waits.find(isTold)).toMatchObject({
      step: 'step-1',
      during: 'look',
      table: 'codebase_snapshots',
      level: 'ACCESS SHARE',
      blockers: [{ application: 'the maintenance', holds: ['ACCESS EXCLUSIVE on codebase_snapshots'] }],
    });
    const types = events.map(({ type }) => type);
    expect(types.indexOf('step-started')).toBeGreaterThan(types.indexOf('lock-taken'));
    expect(lastOf(events).type).toBe('step-done');
  });

  it('is bounded: 55P03 with those in the way, nothing run, and the step can be tried again', async () => {
    await keptOut(async (holder, pid) => {
      const events = await run.step('step-1', survey);
      const failed = lastOf(events);
      expect(failed).toMatchObject({ type: 'step-failed', cancelled: false, error: { sqlstate: '55P03' } });
      expect(failed.type === 'step-failed' && failed.error.detail).toContain(
        `ACCESS SHARE on codebase_snapshots could not be had in ${POLICY.tries} tries. It was held by pid ${pid} "the maintenance"`,
      );
      expect(allOf(events, 'step-started')).toEqual([]);
      expect(await rowsWritten()).toBe(0);
      await holder.query('ROLLBACK');
    });
    expect(lastOf(await run.step('step-1', survey)).type).toBe('step-done');
  });

  it('has whoever is in the way terminated at the operator’s word', async () => {
    await keptOut(async (_holder, pid) => {
      let asked = false;
      const events = await run.step('step-1', survey, (event) => {
        const found = event.type === 'lock-waiting' ? event.wait.blockers[0] : undefined;
        if (!found || asked) return;
        asked = true;
        const { backendStart } = found;
        run.runtime.perform({ type: 'lock-action', action: 'terminate', pid, backendStart }, () => undefined);
      });
      expect(allOf(events, 'lock-acted').map(({ text }) => text)).toEqual([
        expect.stringContaining(`Ended the session of pid ${pid}`),
      ]);
      expect(lastOf(events).type).toBe('step-done');
    });
  });

  it('is stopped in the middle of it, and says that it was', async () => {
    await keptOut(async (holder) => {
      let cancelling: Promise<unknown> = Promise.resolve();
      const events = await run.step('step-1', survey, (event) => {
        if (event.type === 'lock-waiting' && event.wait.nextTryAt !== null) {
          cancelling = run.perform({ type: 'cancel-step' });
        }
      });
      await cancelling;
      expect(lastOf(events)).toMatchObject({ type: 'step-failed', cancelled: true });
      await holder.query('ROLLBACK');
    });
  });
});

describe('the look after a commit', () => {
  it('waits as well, told as what it is; given up by the operator, the step is done without a survey', async () => {
    await database.use(async ({ client: holder }) => {
      let locked: Promise<unknown> | null = null;
      let cancelling: Promise<unknown> = Promise.resolve();
      const events = await run.step('step-1', survey, (event: Event) => {
        // Heard right after the COMMIT: whoever waited for the step comes before its look.
        if (event.type === 'archived') {
          locked ??= holder
            .query('BEGIN')
            .then(() => holder.query('LOCK TABLE detection_events IN ACCESS EXCLUSIVE MODE'));
        }
        if (event.type === 'lock-waiting' && event.wait.during === 'after') {
          cancelling = run.perform({ type: 'cancel-step' });
        }
      });
      await locked;
      await cancelling;
      expect(lastOf(events)).toMatchObject({ type: 'step-done', survey: null });
      await holder.query('ROLLBACK');
    });
  });
});

describe('the check', () => {
  it('fails one prerequisite by the name of who is in the way, and ends without a survey', async () => {
    await keptOut(async (holder, pid) => {
      const events = await run.perform({ type: 'check' });
      expect(lastOf(events)).toEqual({ type: 'prerequisites-done', survey: null });
      const failed = allOf(events, 'prerequisite').find(({ result }) => result.status === 'fail');
      expect(failed?.result).toMatchObject({
        id: 'activity',
        detail: expect.stringContaining(`It was held by pid ${pid} "the maintenance"`) as string,
      });
      await holder.query('ROLLBACK');
    });
    const again = allOf(await run.perform({ type: 'check' }), 'prerequisites-done')[0];
    expect(again?.survey?.position.steps[0]?.state).toBe('pending');
  });

  it('of a command that only looks ends in 55P03 with the same name', async () => {
    await keptOut(async (holder, pid) => {
      await expect(run.runtime.judge()).rejects.toMatchObject({
        sqlstate: '55P03',
        more: { detail: expect.stringContaining(`pid ${pid}`) as string },
      });
      await holder.query('ROLLBACK');
    });
  });
});
