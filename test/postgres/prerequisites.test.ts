import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrerequisiteContext } from '../../src/postgres/prerequisites/index.ts';
import type { Session } from '../../src/sql/session.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { migrated } from '../support/states.ts';
import { expectSentences, judge, look, type Change } from './judge.ts';
import { allPending, openBench, type Bench } from './support.ts';

const IDS = [
  'primary',
  'server-version',
  'migration-recorded',
  'latest-version',
  'state',
  'fingerprint',
  'values',
  'privileges',
  'extension',
  'archive',
  'attachments',
  'pooler',
  'hostile-code',
  'activity',
  'replication',
  'disk',
  'backup',
  'other-run',
  'understood',
];

describe('a migrated database', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
  });
  afterAll(async () => bench.close());

  test('every check answers, in order, each as it is known', async () => {
    const judged = await look(bench);
    expect(judged.results.map(({ id }) => id)).toEqual(IDS);
    expect(judged.heard).toEqual(IDS);
    expectSentences(judged);
    const warned = judged.results
      .filter(({ status }) => status !== 'pass')
      .map(({ id, status }) => [id, status]);
    // A superuser, without a backup: nothing else is to be said about it.
    expect(warned).toEqual([
      ['privileges', 'warn'],
      ['backup', 'warn'],
    ]);
    expect(judged.by['migration-recorded']?.detail).toMatch(
      /recorded in schema_migrations since 20\d\d-.* UTC \(.* ago\)/,
    );
    expect(judged.by['state']?.detail).toMatch(/All \d+ statements of 4 steps/);
    expect(judged.attachments.every(({ outcome }) => outcome === 'follows')).toBe(true);
  });

  test('looking changes nothing, and leaves the session as it was', async () => {
    const { rows } = await bench.session.query("SELECT current_setting('search_path') AS path");
    await look(bench);
    const after = await bench.session.query("SELECT current_setting('search_path') AS path");
    expect(after.rows).toEqual([{ path: '"public", pg_temp' }]);
    expect(rows).toEqual([{ path: '"public", pg_temp' }]);
  });

  test('a type that the plan makes before it uses it is not missed', async () => {
    const extension = async (sql: string) => {
      const plan = planFromSql(sql, 'Step');
      return (await look(bench, bench.session, () => ({ plan, position: allPending(plan) }))).by['extension'];
    };
    const used = 'ALTER TABLE codebase_snapshots ADD COLUMN m mood, ADD COLUMN l level;';
    const made = "CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN d AS text; ALTER TYPE d RENAME TO level;";
    expect((await extension(`${made} ${used}`))?.status).toBe('pass');
    expect(await extension(`${used} ${made}`)).toMatchObject({
      status: 'fail',
      detail: 'The types level and mood cannot be found in schema public.',
    });
  });

  test('a role that may not lock what a deletion hangs on is told so', async () => {
    const session = await bench.open('limited');
    for (const sql of [
      'DROP ROLE IF EXISTS limited_reader',
      'CREATE ROLE limited_reader',
      'GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited_reader',
      'GRANT DELETE ON public.git_agent_sessions TO limited_reader',
    ])
      await bench.session.query(sql);
    await session.query('SET ROLE limited_reader');
    const plan = planFromSql(
      'DELETE FROM git_agent_sessions WHERE EXISTS (SELECT 1 FROM codebase_snapshots)',
      'Step',
    );
    const items = async (more: { withoutArchive?: boolean }) =>
      (await look(bench, session, () => ({ plan, position: allPending(plan), ...more }))).by['privileges']
        ?.items;
    const locked =
      'UPDATE on codebase_snapshots, to keep others from writing to it: which rows are deleted hangs on it';
    expect(await items({})).toContain(locked);
    expect(await items({ withoutArchive: true })).not.toContain(locked);
    await session.close();
    await bench.session.query('DROP OWNED BY limited_reader');
    await bench.session.query('DROP ROLE limited_reader');
  });

  test('another application, its transaction, its locks and its writes', async () => {
    const app = await bench.open('web');
    await app.query('BEGIN');
    await app.query('LOCK TABLE public.codebase_snapshots IN ROW EXCLUSIVE MODE');
    const { activity } = (await look(bench)).by;
    await app.query('ROLLBACK');
    expect(activity?.status).toBe('warn');
    expect(activity?.detail).toMatch(/1 other session .* 1 lock held/);
    expect(activity?.items).toContainEqual(
      expect.stringMatching(/codebase_snapshots: RowExclusiveLock held by pid/),
    );
    expect(activity?.items).toContainEqual(expect.stringMatching(/"web".*idle in transaction/));

    let writing = true;
    const loop = (async () => {
      while (writing) {
        await app.query(
          'UPDATE public.codebase_snapshots SET updated_at = updated_at WHERE id = (SELECT min(id::text)::uuid FROM public.codebase_snapshots)',
        );
      }
    })();
    const during = (await look(bench, bench.session, () => ({ sampleMs: 1500 }))).by['activity'];
    writing = false;
    await loop;
    expect(during?.items).toContainEqual(
      expect.stringMatching(/^codebase_snapshots: \d+ rows? written within/),
    );
    await app.close();
  });

  test('a prepared transaction that holds a lock stops it', async () => {
    const app = await bench.open('web');
    await app.query('BEGIN');
    await app.query('LOCK TABLE public.git_agent_sessions IN ROW EXCLUSIVE MODE');
    await app.query("PREPARE TRANSACTION 'left behind'");
    const { activity } = (await look(bench)).by;
    await app.query("ROLLBACK PREPARED 'left behind'");
    await app.close();
    expect(activity?.status).toBe('fail');
    expect(activity?.items).toContainEqual(expect.stringMatching(/prepared transaction left behind/));
  });

  test('another run, connected or left open', async () => {
    const other = await bench.open('backout/20260101-0000-abcd');
    const connected = (await look(bench)).by['other-run'];
    await other.close();
    expect(connected).toMatchObject({
      status: 'warn',
      items: [expect.stringMatching(/run 20260101-0000-abcd/)],
    });
    const otherRuns = [{ run: 'r1', owner: 'ann', host: 'ops', startedAt: '2026-01-01T00:00:00Z' }];
    const open = (await look(bench, bench.session, () => ({ otherRuns }))).by['other-run'];
    expect(open).toMatchObject({
      status: 'warn',
      items: ['run r1 by ann on ops, begun 2026-01-01T00:00:00Z, not finished'],
    });
  });

  test('rows that do not fit, by key', async () => {
    const change: Change = ({ risk }) => ({
      risk: {
        ...risk,
        failing: [
          {
            step: 'step-1',
            index: 6,
            table: 'codebase_snapshots',
            column: 'confidence',
            kind: 'cast',
            rows: 2,
            keys: ['a', 'b'],
            keyColumns: 'id',
            detail: 'Not a number.',
          },
        ],
      },
    });
    const { values } = (await look(bench, bench.session, change)).by;
    expect(values).toMatchObject({
      status: 'fail',
      items: ['codebase_snapshots, for confidence: 2 rows. Not a number. (id a, b)'],
    });
  });

  test('a statement that is not understood asks for its own consent', async () => {
    const plan = planFromSql('SELECT 1; DO $$BEGIN PERFORM f(); END$$');
    const { results } = await look(bench, bench.session, () => ({ plan, position: allPending(plan) }));
    expect(results.filter(({ id }) => id.startsWith('understood'))).toMatchObject([
      { id: 'understood:step-1.2', status: 'warn', items: ['DO $$BEGIN PERFORM f(); END$$'] },
    ]);
  });

  test('a server too old, and one newer than what we know', async () => {
    const version = (versionNumber: number) => (change: PrerequisiteContext) => ({
      server: { ...change.server, versionNumber, version: String(versionNumber / 10_000) },
    });
    for (const [number, status] of [
      [110_022, 'fail'],
      [120_022, 'warn'],
      [130_000, 'pass'],
      [180_001, 'pass'],
      [190_000, 'warn'],
    ] as const) {
      expect((await look(bench, bench.session, version(number))).by['server-version']?.status).toBe(status);
    }
  });

  test('transactions that are read-only by default', async () => {
    const session = await bench.open('backout/test');
    await session.query('SET default_transaction_read_only = on');
    expect((await look(bench, session)).by['primary']).toMatchObject({ status: 'fail' });
    await session.close();
  });

  test('a pooler shows by the process that answers', async () => {
    const inSession = await bench.open('backout/test');
    const pretend: Session = {
      query: (sql, params) => inSession.query(sql, params),
      onNotice: (listener) => inSession.onNotice(listener),
      cancel: () => inSession.cancel(),
      close: () => inSession.close(),
      processId: 1,
      lost: false,
    };
    expect((await look(bench, pretend)).by['pooler']).toMatchObject({ status: 'warn' });
    // In transaction mode the other client gets our server session.
    const shared = await judge(pretend, bench.connection, () =>
      Promise.resolve({ ...pretend, close: () => Promise.resolve() }),
    );
    expect(shared.by['pooler']).toMatchObject({ status: 'fail' });
  });
});

describe('a backup', () => {
  let bench: Bench;
  let folder: string;
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
    folder = mkdtempSync(join(tmpdir(), 'backout-backup-'));
  });
  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['none', null, 'warn', /No backup was named/],
    ['missing', 'nowhere.dump', 'fail', /There is no backup at/],
    ['empty', 'empty.dump', 'fail', /is empty/],
    ['no archive', 'other.dump', 'fail', /no backup that pg_restore or psql could read/],
    ['a folder that is none', '.', 'fail', /no backup that pg_restore or psql could read/],
  ])('%s', async (_name, path, status, words) => {
    writeFileSync(join(folder, 'empty.dump'), '');
    writeFileSync(join(folder, 'other.dump'), 'something else');
    const backup = path === null ? null : { path: join(folder, path) };
    const result = (await look(bench, bench.session, () => ({ backup }))).by['backup'];
    expect(result?.status).toBe(status);
    expect(result?.detail).toMatch(words);
  });

  test('disk room: what is free is only believed of the server itself', async () => {
    const { disk } = (await look(bench)).by;
    // The tests own the server's directory only when they run as root or as its owner.
    expect(disk?.detail).toMatch(
      /about .* at most .*(are free on the server's disk|cannot be seen from here)/,
    );
    const elsewhere: Change = ({ server }) => ({ server: { ...server, systemIdentifier: '1' } });
    expect((await look(bench, bench.session, elsewhere)).by['disk']?.detail).toMatch(
      /cannot be seen from here/,
    );
    const big: Change = ({ catalog, server }) => {
      const table = catalog.tables['codebase_snapshots'];
      if (!table) throw new Error('no such table');
      return {
        catalog: { ...catalog, tables: { ...catalog.tables, codebase_snapshots: { ...table, bytes: 1e15 } } },
        server: { ...server, host: 'far.example' },
      };
    };
    expect((await look(bench, bench.session, big)).by['disk']).toMatchObject({ status: 'warn' });
  });
});

test('the embedded database: one session, the same checks', async () => {
  const db = await freshPglite();
  await migrated(db);
  const session = sessionOn(db);
  const connection = {
    settings: [],
    warnings: [],
    embedded: true,
    parameters: {
      host: 'embedded',
      port: 1,
      user: '',
      dbname: '',
      sslmode: 'disable' as const,
      connectTimeout: 1,
    },
  };
  const judged = await judge(session, connection, () =>
    Promise.reject(new Error('there is no second session')),
  );
  expect(judged.results.map(({ id }) => id)).toEqual(IDS);
  expect(judged.results.filter(({ status }) => status !== 'pass')).toEqual([]);
  expectSentences(judged);
  await db.close();
});
