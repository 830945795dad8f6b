/** Every form through the runtime, and copy-and-swap with somebody in the way of its swap. */
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Form } from '../../src/sql/procedure/types.ts';
import type { Blocker, Event, Survey } from '../../src/wizard/types.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';

const POLICY = { tryMs: 150, firstPauseMs: 60, longestPauseMs: 60, tries: 8 };

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

const offering = (form: Form): string =>
  survey.offers.find(({ offers }) => offers.some((one) => one.form === form && one.refused.length === 0))
    ?.step ?? `no step offers ${form}`;

const ask = <T>(sql: string): Promise<T[]> =>
  database.use(async ({ client }) => (await client.query(sql)).rows as T[]);

const written = () => ask('SELECT step, form FROM backout.step').catch(() => []);

/** The procedure's table that is swapped, and how many rows it has. */
function swapped(step: string): string {
  const offer = survey.offers
    .find((one) => one.step === step)
    ?.offers.find((one) => one.form === 'copy-and-swap');
  const sql = offer?.procedure?.actions.find(({ role }) => role === 'lock')?.sql ?? '';
  return /LOCK TABLE ("[^"]+"\."[^"]+")/.exec(sql)?.[1] ?? sql;
}

describe.each(['as-written', 'rewrite', 'copy-and-swap'] as const)('%s', (form) => {
  it('is carried out as it was confirmed, and its row says how', async () => {
    const step = offering(form);
    const events = await run.step(step, survey, undefined, form);
    expect(lastOf(events).type).toBe('step-done');
    expect(await written()).toEqual([{ step, form }]);
    const after = allOf(events, 'step-done')[0]?.survey?.position.steps.find(({ id }) => id === step);
    expect(after?.state).toBe('applied');
  });
});

interface Met {
  events: Event[];
  blockers: Blocker[];
}

/**
 * Copy-and-swap with an application that has read the table, and holds that until `then` has it end. `then` hears each
 * wait for the swap.
 */
function met(
  then: (application: pg.Client, event: Extract<Event, { type: 'lock-waiting' }>) => void,
): Promise<Met> {
  const step = offering('copy-and-swap');
  return database.use(async ({ client: application }) => {
    application.on('error', () => undefined);
    await application.query('BEGIN');
    await application.query(`SELECT count(*) FROM ${swapped(step)}`);
    const blockers: Blocker[] = [];
    const hear = (event: Event): void => {
      if (event.type !== 'lock-waiting' || event.wait.level !== 'ACCESS EXCLUSIVE') return;
      blockers.push(...event.wait.blockers);
      then(application, event);
    };
    const events = await run.step(step, survey, hear, 'copy-and-swap');
    return { events, blockers };
  });
}

/** pg_locks is the whole server's; tests run side by side in databases of their own. */
const WAITING_HERE = `SELECT 1 FROM pg_locks
  WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describe('somebody in the way of the swap', () => {
  it('costs tries, not the copy: it goes on in the same attempt with the rows as they were copied', async () => {
    const step = offering('copy-and-swap');
    const [before] = await ask<{ n: string }>(`SELECT count(*) AS n FROM ${swapped(step)}`);
    let ended: Promise<unknown> | null = null;
    const { events } = await met((application, { wait }) => {
      if (wait.attempt === 2) ended ??= application.query('COMMIT');
    });
    await ended;
    expect(lastOf(events).type).toBe('step-done');
    expect(allOf(events, 'step-started')).toHaveLength(1);
    const begun = allOf(events, 'statement-started').map(({ index }) => index);
    expect(begun).toEqual([...new Set(begun)]);
    const waited = events.findIndex(({ type }) => type === 'lock-waiting');
    const copied = events.findIndex(
      (event) => event.type === 'statement-done' && event.rows === Number(before?.n) && Number(before?.n) > 0,
    );
    expect(copied).toBeGreaterThan(-1);
    expect(copied).toBeLessThan(waited);
    const kept = allOf(events, 'archived')[0]?.objects.map(({ rows }) => rows);
    expect(kept).toContain(Number(before?.n));
  });

  it('that waits for the step in turn is told to, and its query can be cancelled', async () => {
    let theirs: Promise<string> | null = null;
    let asked = false;
    const table = swapped(offering('copy-and-swap'));
    const { events, blockers } = await met((application, { wait }) => {
      theirs ??= application.query(`DELETE FROM ${table}`).then(
        () => 'written',
        (error: { code?: string }) => error.code ?? '',
      );
      const found = wait.blockers.find(({ waitsForUs }) => waitsForUs);
      if (!found || asked) return;
      asked = true;
      const { pid, backendStart } = found;
      run.runtime.perform({ type: 'lock-action', action: 'cancel', pid, backendStart }, () => undefined);
    });
    expect(await theirs).toBe('57014');
    expect(blockers.some(({ waitsForUs, mayCancel }) => waitsForUs && mayCancel)).toBe(true);
    expect(allOf(events, 'lock-acted').map(({ text }) => text)).toEqual([
      expect.stringContaining('to cancel its query'),
    ]);
    expect(lastOf(events).type).toBe('step-done');
  });

  it('that nobody ends leaves the step whole or not at all, and the application writes', async () => {
    let theirs: Promise<string> | null = null;
    const step = offering('copy-and-swap');
    const table = swapped(step);
    const { events } = await met((application) => {
      theirs ??= application.query(`DELETE FROM ${table}`).then(
        () => application.query('COMMIT').then(() => 'written'),
        (error: { code?: string }) => error.code ?? '',
      );
    });
    const outcome = await theirs;
    const last = lastOf(events);
    if (last.type === 'step-done') {
      expect(outcome).toBe('40P01');
      expect(await written()).toEqual([{ step, form: 'copy-and-swap' }]);
      return;
    }
    expect(last.type === 'step-failed' && ['55P03', '40P01'].includes(last.error.sqlstate ?? '')).toBe(true);
    expect(last.type === 'step-failed' && last.error.explanation).toContain('waits for this step itself');
    expect(outcome).toBe('written');
    expect(await written()).toEqual([]);
    expect(await ask(`SELECT 1 FROM ${table}`)).toEqual([]);
    await until(async () => (await ask(WAITING_HERE)).length === 0);
  });
});
