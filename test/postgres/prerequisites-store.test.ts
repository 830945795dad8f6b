import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { missingStandbys } from '../../src/postgres/prerequisites/replication.ts';
import { endRun, prepareStore, registerRun, takeRunLock } from '../../src/postgres/store.ts';
import type { FormOffer, Procedure } from '../../src/sql/procedure/types.ts';
import { expectSentences, look, type Change } from './judge.ts';
import { RUN, stepSql } from './journal-rows.ts';
import { openBench, type Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ state: 'migrated' });
});
afterEach(async () => {
  await run('DROP SCHEMA IF EXISTS backout CASCADE', 'DROP SCHEMA IF EXISTS backout_archive CASCADE');
});
afterAll(async () => bench.close());

async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await bench.session.query(statement);
}

async function judged(id: string, change?: Change) {
  const all = await look(bench, bench.session, change);
  expectSentences(all);
  return all.by[id];
}

describe('the archive', () => {
  const offer = (archiveBytes: number, refused: string[] = []): FormOffer => {
    const cost = { lock: '', readers: false, writers: false, bytes: 0, basis: '', archiveBytes };
    return { form: 'as-written', refused, procedure: refused.length > 0 ? null : ({ cost } as Procedure) };
  };

  test('can be made, or is there, and says what it will take', async () => {
    expect(await judged('archive')).toMatchObject({
      status: 'pass',
      detail: 'The schemas backout and backout_archive can be made.',
    });
    await prepareStore(bench.session);
    const offers = [
      { step: 'step-1', offers: [offer(1, ['It does not fit.']), offer(3 * 1024 * 1024), offer(99)] },
      { step: 'step-2', offers: [offer(1024 * 1024)] },
    ];
    expect(await judged('archive', () => ({ offers }))).toMatchObject({
      status: 'pass',
      detail:
        'The schemas backout and backout_archive are there. About 4.0 MB stay in the archive until it is purged (an estimate, from the sizes of the tables).',
    });
  });

  test('of somebody else is refused, unless the operator goes without', async () => {
    await run('CREATE SCHEMA backout', 'CREATE VIEW backout.run AS SELECT 1 AS one');
    expect(await judged('archive')).toMatchObject({ status: 'fail', items: ['backout.run is no table'] });
    expect(await judged('archive', () => ({ withoutArchive: true }))).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/nothing that the plan destroys is kept, and an undo is impossible/),
    });
  });
});

describe('another run', () => {
  test('at work fails, broken off warns, our own and one that has ended pass', async () => {
    await prepareStore(bench.session);
    const worker = await bench.open('somebody');
    await takeRunLock(worker);
    await registerRun(worker, RUN);
    await worker.query(stepSql('step-1'));
    expect(await judged('other-run', () => ({ run: 'mine' }))).toMatchObject({
      status: 'fail',
      detail: `Run ${RUN.run} by alice on a is at work in this database: only one run may change it at a time.`,
      items: [expect.stringMatching(/begun \d+ seconds? ago, done: step-1; its session is idle/)],
    });
    expect(await judged('other-run', () => ({ run: RUN.run }))).toMatchObject({ status: 'pass' });
    await worker.close();
    await expect
      .poll(async () => (await judged('other-run', () => ({ run: 'mine' })))?.detail)
      .toMatch(/^Run \S+ by alice on a, begun \d+ seconds? ago, was broken off: its session is gone\.$/);
    expect(await judged('other-run', () => ({ run: RUN.run }))).toMatchObject({ status: 'pass' });
    await endRun(bench.session, RUN.run, 'verified');
    expect(await judged('other-run', () => ({ run: 'mine' }))).toMatchObject({ status: 'pass' });
  });
});

describe('replication', () => {
  test('slots, publications and subscriptions of the tables', async () => {
    await run(
      'CREATE PUBLICATION few FOR TABLE public.git_agent_sessions',
      'CREATE PUBLICATION others FOR TABLE public.schema_migrations',
      "CREATE SUBSCRIPTION sub CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false, enabled = false)",
      "INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate) SELECT oid, 'public.codebase_snapshots'::regclass, 'r' FROM pg_subscription WHERE subname = 'sub'",
      `SELECT pg_create_logical_replication_slot('slot_${bench.database.name}', 'test_decoding')`,
    );
    const found = await judged('replication');
    await run(
      `SELECT pg_drop_replication_slot('slot_${bench.database.name}')`,
      'ALTER SUBSCRIPTION sub SET (slot_name = NONE)',
      'DROP SUBSCRIPTION sub',
      'DROP PUBLICATION few, others',
    );
    expect(found?.status).toBe('warn');
    expect(found?.detail).toMatch(/1 slot with nobody reading, for which .* of the log are kept\./);
    expect(found?.detail).toMatch(/1 logical slot of this database/);
    expect(found?.items).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          new RegExp(`^logical slot slot_${bench.database.name}: inactive, keeps .* of the log$`),
        ),
        'publication few publishes git_agent_sessions',
        'publication others publishes schema_migrations',
        'subscription sub writes to codebase_snapshots',
      ]),
    );
    const after = await judged('replication');
    expect(after?.detail).not.toMatch(/published|subscription|this database/);
  });

  test('a publication of all tables takes what is kept along', async () => {
    await run('CREATE PUBLICATION everything FOR ALL TABLES');
    const found = await judged('replication');
    await run('DROP PUBLICATION everything');
    expect(found?.status).toBe('warn');
    expect(found?.detail).toContain('1 publication FOR ALL TABLES (everything)');
    expect(found?.detail).toContain('backout_archive is sent to its subscribers too');
    expect((await judged('replication'))?.detail).not.toContain('FOR ALL TABLES');
  });

  test.each([
    ['', 'on', [], null],
    ['a', 'off', [], null],
    ['a, b', 'local', [], null],
    ['a, b', 'on', ['sync', 'potential'], null],
    ['a, b', 'on', ['async'], true],
    ['FIRST 2 (a, b, c)', 'remote_apply', ['sync', 'potential'], true],
    ['any 2 (a, b, c)', 'on', ['quorum', 'quorum'], null],
    ['2 (a, b)', 'on', ['sync'], true],
    ['a', 'on', [null], false],
  ])('a COMMIT that waits for %j with synchronous_commit %s, and %j there', (names, commit, states, sure) => {
    expect(missingStandbys({ names, commit, states })?.sure ?? null).toBe(sure);
  });
});
