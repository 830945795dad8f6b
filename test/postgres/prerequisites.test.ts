import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrerequisiteContext } from '../../src/postgres/prerequisites/index.ts';
import type { Session } from '../../src/sql/session.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import {
  rolledBack,
  editedInPlace,
  fromZero,
  both,
  migrated,
  type Database,
  laterMigrations,
  recordedAsRolledBack,
} from '../support/states.ts';
import { judge, shipped, type Judged } from './judge.ts';
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
  'attachments',
  'pooler',
  'hostile-code',
  'activity',
  'disk',
  'backup',
  'other-run',
  'understood',
];

type Change = (context: PrerequisiteContext) => Partial<PrerequisiteContext>;

function look(bench: Bench, session: Session = bench.session, change?: Change): Promise<Judged> {
  return judge(session, bench.connection, () => bench.open('backout/test'), change);
}

/** What every result owes its reader. */
function expectSentences({ results }: Judged): void {
  for (const { id, status, title, detail, advice } of results) {
    expect(title, id).not.toBe('');
    expect(detail, id).toMatch(/^[\p{Lu}\d/].*[.]$/u);
    if (status === 'pass') expect(advice, id).toBe('');
    else expect(advice, id).toMatch(/^\p{Lu}.*[.;]$/u);
  }
}

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
      items: ['codebase_snapshots.confidence: 2 rows. Not a number. (id a, b)'],
    });
  });

  test('a statement that is not understood asks for its own consent', async () => {
    const plan = planFromSql('SELECT 1; DO $$BEGIN NULL; END$$');
    const { results } = await look(bench, bench.session, () => ({ plan, position: allPending(plan) }));
    expect(results.filter(({ id }) => id.startsWith('understood'))).toMatchObject([
      { id: 'understood:step-1.2', status: 'warn', items: ['DO $$BEGIN NULL; END$$'] },
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
    const through = (session: Session): Session =>
      Object.create(session, { processId: { value: 1 } }) as Session;
    const inSession = await bench.open('backout/test');
    const pretend: Session = {
      query: (sql, params) => inSession.query(sql, params),
      onNotice: (listener) => inSession.onNotice(listener),
      cancel: () => inSession.cancel(),
      close: () => inSession.close(),
      processId: through(inSession).processId,
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

describe('a role that is no superuser', () => {
  let bench: Bench;
  const app = `app_${process.pid}`;
  const mallory = `mallory_${process.pid}`;
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
    const { password } = new URL(bench.database.url);
    await bench.database.use(async ({ exec }) => {
      await exec(
        `CREATE ROLE ${app} LOGIN PASSWORD '${password}'; CREATE ROLE ${mallory} LOGIN PASSWORD '${password}'`,
      );
      const { rows } = await bench.session.query(
        "SELECT format('ALTER TABLE public.%I OWNER TO %I', relname, $1::text) AS sql FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
        [app],
      );
      for (const { sql } of rows) await exec(String(sql));
      await exec(`GRANT ALL ON SCHEMA public TO ${app}, ${mallory}`);
    });
  });
  afterAll(async () => {
    await bench.session.query(`DROP OWNED BY ${app}, ${mallory} CASCADE`);
    await bench.session.query(`DROP ROLE ${app}, ${mallory}`);
    await bench.close();
  });

  test('the owner may do all of it', async () => {
    const session = await bench.open('backout/test', app);
    const { by } = await look(bench, session);
    await session.close();
    expect(by['privileges']).toMatchObject({ status: 'pass' });
    expect(by['hostile-code']).toMatchObject({ status: 'pass' });
  });

  test('another role may not, and is told what is missing', async () => {
    const session = await bench.open('backout/test', mallory);
    await bench.session.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${mallory}`);
    const { by } = await look(bench, session);
    await session.close();
    expect(by['privileges']?.status).toBe('fail');
    expect(by['privileges']?.items).toContainEqual(
      `codebase_snapshots belongs to ${app}: only its owner may change or drop it`,
    );
    expect(by['privileges']?.items).toContainEqual('DELETE on schema_migrations');
  });

  const HOSTILE: [what: string, sql: string[], found: RegExp][] = [
    [
      'a trigger on a table the plan updates',
      [
        'CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
        'CREATE TRIGGER evil BEFORE UPDATE ON public.codebase_snapshots FOR EACH ROW EXECUTE FUNCTION public.f()',
      ],
      /trigger evil on codebase_snapshots calls public\.f\(\)/,
    ],
    [
      'a function that stands before one of the server',
      [
        "CREATE FUNCTION public.hashtextextended(text, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
      ],
      /function public\.hashtextextended\(text,integer\) has the name/,
    ],
    [
      'an operator that stands before one of the server',
      [
        "CREATE FUNCTION public.f(jsonb, varchar) RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
        'CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = varchar, FUNCTION = public.f)',
      ],
      /operator public\.->>\(jsonb,character varying\) has the name/,
    ],
    [
      'an index expression',
      [
        "CREATE FUNCTION public.f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
        'CREATE INDEX evil ON public.git_agent_sessions (public.f(status))',
      ],
      /index public\.evil calls public\.f\(text\)/,
    ],
    [
      'a check constraint',
      [
        "CREATE FUNCTION public.f(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true'",
        'ALTER TABLE public.git_agent_sessions ADD CONSTRAINT evil CHECK (public.f(status))',
      ],
      /constraint evil .*calls public\.f\(text\)/,
    ],
  ];

  describe.each(HOSTILE)('%s', (_what, sql, found) => {
    beforeEach(async () => {
      // Made by the superuser, for want of the tables' ownership, then given away: what counts is whose the code is.
      for (const statement of sql) await bench.session.query(statement);
      await bench.session.query(
        `DO $$DECLARE o text; BEGIN
           FOR o IN SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc
                     WHERE pronamespace = 'public'::regnamespace AND proname IN ('f', 'hashtextextended')
                    UNION ALL SELECT 'OPERATOR ' || oid::regoperator FROM pg_operator
                     WHERE oprnamespace = 'public'::regnamespace AND oprname = '->>'
           LOOP EXECUTE format('ALTER %s OWNER TO ${mallory}', o); END LOOP; END$$`,
      );
    });
    afterEach(async () => {
      await bench.session.query('DROP FUNCTION IF EXISTS public.f() CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.f(text) CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.f(jsonb, varchar) CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.hashtextextended(text, int) CASCADE');
    });

    test('stops a superuser, warns the owner', async () => {
      const asSuperuser = (await look(bench)).by['hostile-code'];
      expect(asSuperuser).toMatchObject({ status: 'fail', items: [expect.stringMatching(found)] });
      expect(asSuperuser?.items[0]).toContain(`owner ${mallory}`);
      const session = await bench.open('backout/test', app);
      const asOwner = (await look(bench, session)).by['hostile-code'];
      await session.close();
      expect(asOwner).toMatchObject({ status: 'warn', items: [expect.stringMatching(found)] });
    });
  });
});

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
    expect((await look(bench)).by['attachments']).toMatchObject({ status: 'warn' });
    await bench.close();
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
    ['fresh', 'fresh.dump', 'pass', /12 bytes, written .* ago/],
    ['old', 'old.dump', 'warn', /written 3 days ago/],
    ['a directory', '.', 'pass', /bytes, written/],
  ])('%s', async (_name, path, status, words) => {
    writeFileSync(join(folder, 'empty.dump'), '');
    writeFileSync(join(folder, 'fresh.dump'), 'PGDMP-------');
    writeFileSync(join(folder, 'old.dump'), 'PGDMP-------');
    const then = Date.now() / 1000 - 3 * 86_400 - 60;
    utimesSync(join(folder, 'old.dump'), then, then);
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
