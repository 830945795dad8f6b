import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerRun } from '../../../src/postgres/store.ts';
import { leftBehind } from '../../../src/runtime/lone.ts';
import type { Procedure } from '../../../src/sql/procedure/types.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import type { Session } from '../../../src/sql/session.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { entryOf, planOfTexts } from '../../sql-undo/support.ts';
import { caseWith, look, offerOf, rollBack, runName, states, undo, type Case } from '../objects/support.ts';
import { differences, PARTITIONED, whole } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const DOWN = 'ALTER TABLE p DETACH PARTITION p_1 CONCURRENTLY';

async function offered(one: Case): Promise<{ run: string; procedure: Procedure }> {
  one.runs += 1;
  const run = runName(one, 'r');
  const { procedure, refused } = offerOf(one, await look(one), run);
  if (!procedure) throw new Error(refused.join(' '));
  await registerRun(one.session, { ...entryOf(run, null), schema: one.schema });
  return { run, procedure };
}

/** Each action by itself: what is outside of transactions, and rows of the journal. */
async function alone({ session, schema }: Case, { actions }: Procedure): Promise<void> {
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  for (const { sql, params } of actions) await session.query(sql, params ?? []);
}

/** A lone statement is a step of its own. */
const lone = (one: Case): Case => ({
  ...one,
  plan: {
    ...one.plan,
    steps: one.plan.steps.map((step) => ({ ...step, lone: 'DETACH PARTITION CONCURRENTLY' })),
  },
});

test('a partition is detached beside others at work, and attached again', async () => {
  const one = lone(await caseWith(bench, 'calm', PARTITIONED, DOWN));
  const before = await whole(one.session, one.schema);
  const { run, procedure } = await offered(one);
  expect(procedure.lone?.proof).toMatchObject({ kind: 'detached', parent: 'p', partition: 'p_1' });
  await alone(one, procedure);
  expect(states(await look(one, run))).toEqual(['applied']);
  expect((await whole(one.session, one.schema)).join('\n')).toMatch(/p_1_d_check/);
  await undo(one, run);
  expect(differences(before, await whole(one.session, one.schema))).toEqual([]);
});

const WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'";

async function waiting(session: Session, pid: unknown): Promise<void> {
  for (;;) if ((await session.query(WAITS, [pid])).rows.length > 0) return;
}

test('broken off half-way it is a conflict that says what ends it, and FINALIZE is understood', async () => {
  const one = lone(await caseWith(bench, 'half', PARTITIONED, DOWN));
  const { procedure } = await offered(one);
  const [reader, worker] = [await bench.open('reader'), await bench.open('worker')];
  const pid = (await worker.query('SELECT pg_backend_pid() AS pid')).rows[0]?.['pid'];
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM half.p');
  const broken = alone({ ...one, session: worker }, procedure).then(
    () => null,
    (error: unknown) => error,
  );
  await waiting(one.session, pid);
  await one.session.query('SELECT pg_cancel_backend($1)', [pid]);
  expect(await broken).not.toBeNull();
  await reader.query('ROLLBACK');
  expect(await leftBehind(one.session, 'half', procedure)).toHaveLength(1);

  const { position } = await look(one);
  expect(position.steps[0]?.statements[0]).toMatchObject({ state: 'conflict' });
  expect(position.steps[0]?.statements[0]?.reason).toMatch(/half done .*FINALIZE ends it/);

  const final: Case = { ...one, plan: planOfTexts('ALTER TABLE p DETACH PARTITION p_1 FINALIZE') };
  expect(states(await look(final))).toEqual(['pending']);
  const run = await rollBack(final);
  expect(states(await look(final, run))).toEqual(['applied']);
  await undo(final, run);
  const { rows } = await one.session.query(
    'SELECT inhdetachpending AS pending FROM pg_inherits WHERE inhrelid = $1::regclass',
    ['half.p_1'],
  );
  expect(rows).toEqual([{ pending: 'f' }]);
});
