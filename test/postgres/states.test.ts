import { describe, expect, test } from 'vitest';
import {
  both,
  editedInPlace,
  fromZero,
  laterMigrations,
  migrated,
  recordedAsRolledBack,
  rolledBack,
  type Database,
} from '../support/states.ts';
import { expectSentences, look, shipped, type Judged } from './judge.ts';
import { openBench } from './support.ts';

async function runbookDone(db: Database): Promise<void> {
  await migrated(db);
  const { plan } = await shipped();
  for (const step of plan.steps) for (const { sql } of step.statements) await db.exec(sql);
}

describe('states of real databases', () => {
  async function inState(
    state: Parameters<typeof openBench>[0],
    check: (judged: Judged) => void,
  ): Promise<void> {
    const bench = await openBench(state);
    try {
      const judged = await look(bench);
      expectSentences(judged);
      check(judged);
    } finally {
      await bench.close();
    }
  }

  test('rolled back by the migration itself: only what its down leaves out is to be done', () =>
    inState({ state: rolledBack }, ({ by }) => {
      expect(by['state']).toMatchObject({
        status: 'warn',
        detail: expect.stringMatching(/^Part of the plan/),
      });
      expect(by['migration-recorded']).toMatchObject({ status: 'warn' });
    }));

  test('rolled back by the runbook: nothing is left to do', () =>
    inState({ state: runbookDone }, ({ by }) => {
      expect(by['state']).toMatchObject({
        status: 'fail',
        detail: expect.stringMatching(/nothing to roll back/),
      });
      expect(by['migration-recorded']).toMatchObject({ status: 'pass' });
    }));

  test('recorded as rolled back while the tables are not', () =>
    inState({ state: recordedAsRolledBack }, ({ by }) => {
      expect(by['migration-recorded']).toMatchObject({ status: 'warn' });
      expect(by['state']).toMatchObject({ status: 'warn' });
    }));

  test('later migrations', () =>
    inState({ state: laterMigrations }, ({ by }) => {
      expect(by['latest-version']).toMatchObject({
        status: 'warn',
        items: ['20250101000015', '20250101000016', '20250101000020'],
      });
    }));

  test('old and new tables side by side', () =>
    inState({ state: both }, ({ by }) => {
      expect(by['state']).toMatchObject({ status: 'fail' });
      expect(by['state']?.items.join()).toMatch(/detection_events/);
    }));

  test('from-zero order, where the version row lies', () =>
    inState({ state: fromZero }, ({ by }) => {
      expect(by['fingerprint']).toMatchObject({ status: 'fail' });
      expect(by['fingerprint']?.items.join()).toMatch(/expected uuid, found bigint/);
    }));

  test('edited in place', () =>
    inState({ state: editedInPlace }, ({ by }) => {
      expect([by['state']?.status, by['fingerprint']?.status]).toContain('fail');
    }));

  test('without the type vector', () =>
    inState(
      {
        state: (db) =>
          db
            .exec('DROP TYPE IF EXISTS vector CASCADE; DROP EXTENSION IF EXISTS vector CASCADE')
            .then(() => undefined),
      },
      ({ by }) => {
        expect(by['extension']).toMatchObject({
          status: 'fail',
          detail: expect.stringMatching(/The type vector cannot be found/),
        });
        expect(by['migration-recorded']).toMatchObject({ status: 'fail' });
      },
    ));

  test('what hangs on the tables', async () => {
    const bench = await openBench({ state: 'migrated' });
    await bench.session.query('CREATE VIEW public.v AS SELECT codebase_id FROM public.codebase_snapshots');
    await bench.session.query("COMMENT ON TABLE public.technology_patterns IS 'kept by hand'");
    const { by, attachments } = await look(bench);
    expect(by['attachments']).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^1 object would make the plan fail; 1 would/),
    });
    expect(attachments.filter(({ outcome }) => outcome === 'breaks').map(({ name }) => name)).toEqual([
      'public.v',
    ]);
    await bench.session.query('DROP VIEW public.v');
    expect((await look(bench)).by['attachments']).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^1 object would go .+ kept, and an undo brings them back\.$/),
      items: [
        expect.stringMatching(/technology_patterns: comment .+ is kept, and an undo brings it back\.$/),
      ],
    });
    const without = (await look(bench, bench.session, () => ({ withoutArchive: true }))).by;
    expect(without['attachments']).toMatchObject({
      detail: '1 object would be lost or stop working without an error.',
      advice: 'Note each of them down: backout does not put them back.',
      items: [expect.not.stringContaining('undo')],
    });
    await bench.close();
  });
});
