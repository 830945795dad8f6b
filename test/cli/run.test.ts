/** The commands on a real server, from words to exit status. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { linesOf, openDesk, type Desk, type Ended } from './support/io.ts';

interface Line {
  type: string;
  outcome?: string;
  exitStatus?: number;
  steps?: { id: string; outcome: string }[];
  id?: string;
  step?: string;
}

const lines = (text: string): Line[] => linesOf<Line>(text);

let desk: Desk;
let database: TestDatabase;

beforeEach(async () => {
  desk = await openDesk();
  database = await freshDatabase();
});
afterEach(async () => {
  await database.drop();
  await desk.clear();
});

/** What is there: the names of the tables in public. */
async function tables(): Promise<string[]> {
  return database.use(async (db) => {
    const { rows } = await db.client.query<{ tablename: string }>(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    return rows.map(({ tablename }) => tablename);
  });
}

/** The warnings that a fresh database gives rise to, as `plan` names them. */
let warnings: string[] = [];

beforeAll(async () => {
  const [first, fresh] = [await openDesk(), await freshDatabase()];
  const { out } = await first.run(['plan', '--json', '--database', fresh.url]);
  const { prerequisites } = JSON.parse(out) as { prerequisites: { id: string; status: string }[] };
  warnings = prerequisites.filter(({ status }) => status === 'warn').map(({ id }) => id);
  await fresh.drop();
  await first.clear();
});

const accept = (ids: readonly string[]): string[] => ids.flatMap((id) => ['--accept', id]);
const given = (...more: string[]): string[] => [
  'run',
  '--database',
  database.url,
  '--confirm',
  database.name,
  '--choose',
  'rollback',
  '--reason',
  'tried by a test',
  ...more,
];

describe('backout run', () => {
  it('rolls back, verifies, and tells each event on standard output', async () => {
    const ended = await desk.run(given(...accept(warnings), '--json'));
    expect(ended.err).not.toMatch(/error of its own/);
    const events = lines(ended.out);
    expect(events[0]?.type).toBe('run-started');
    expect(events.filter(({ type }) => type === 'statement').length).toBeGreaterThan(30);
    expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'verified', exitStatus: 0 });
    expect(events.at(-1)?.steps?.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
    expect(ended.status).toBe(0);
    expect(await tables()).toEqual(
      expect.arrayContaining(['detection_events', 'git_sessions', 'technology_knowledge']),
    );
    expect(await tables()).not.toContain('codebase_snapshots');

    const report = await desk.run(['report', '--json']);
    expect(JSON.parse(report.out)).toMatchObject({
      schema: 'backout.report/1',
      outcome: 'verified',
      surface: 'unattended',
    });
    expect((await desk.run(['report'])).out).toContain(database.name);
    const runs = JSON.parse((await desk.run(['runs', '--json'])).out) as { runs: { outcome: string }[] };
    expect(runs.runs.map(({ outcome }) => outcome)).toEqual(['verified']);
    const again = await desk.run(given());
    expect(again.status).toBe(10);
  });

  it('says the statements as they run where no JSON is asked for', async () => {
    const ended = await desk.run(given(...accept(warnings)));
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('ALTER TABLE codebase_snapshots RENAME TO detection_events');
    expect(ended.out).toMatch(/done +4\. /);
    expect(ended.out).toContain('Report: ');
    expect(ended.err).toBe('');
  });

  it('stops with 64 at a warning that nobody accepted, names the flag, and changes nothing', async () => {
    const before = await tables();
    const ended = await desk.run(given(...accept(warnings.slice(1)), '--json'));
    expect(ended.status).toBe(64);
    expect(ended.err).toContain(`--accept ${warnings[0]}`);
    expect(lines(ended.out).at(-1)).toMatchObject({ type: 'result', outcome: 'error', exitStatus: 64 });
    expect(lines(ended.out).some(({ type }) => type.startsWith('step-'))).toBe(false);
    expect(await tables()).toEqual(before);
  });

  it('stops with 64 before anything is looked at when the name is not the database’s', async () => {
    const argv = given().map((word) => (word === database.name ? `${word}x` : word));
    const ended = await desk.run([...argv.slice(0, 2), database.url, ...argv.slice(3), '--json']);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain(`the database that is connected is ${database.name}`);
    expect(lines(ended.out).some(({ type }) => type.startsWith('step-'))).toBe(false);
  });

  it('stops with 10 at a prerequisite that fails', async () => {
    await database.use((db) =>
      db.exec(`UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "high"}'
               WHERE id = (SELECT min(id::text)::uuid FROM codebase_snapshots)`),
    );
    const ended = await desk.run(given(...accept(warnings), '--json'));
    expect(ended.status).toBe(10);
    expect(lines(ended.out).at(-1)).toMatchObject({ outcome: 'prerequisite-failed', exitStatus: 10 });
    expect(await tables()).toContain('codebase_snapshots');
  });

  it('leaves with 11 and changes nothing when told to fix forward', async () => {
    const argv = given(...accept(warnings)).map((word) => (word === 'rollback' ? 'fix-forward' : word));
    const before = await tables();
    const ended = await desk.run([...argv, '--json']);
    expect(ended.status).toBe(11);
    expect(lines(ended.out).at(-1)).toMatchObject({ outcome: 'fix-forward', exitStatus: 11 });
    expect(await tables()).toEqual(before);
  });

  it('cancels a waiting step at a signal, and leaves with 128 and its number', async () => {
    const ended = await database.use(async (db) => {
      const argv = given(...accept([...warnings, 'activity']), '--json');
      let holding: Promise<unknown> | null = null;
      let out = '';
      let err = '';
      const result = desk.run(argv, {
        out: async (text) => {
          out += text;
          // From here on another session stands in the way of Step 1.
          if (text.includes('"type":"decision"')) {
            holding ??= db.client.query('BEGIN; LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
            await holding;
          }
        },
        err: async (text) => {
          err += text;
          if (text.includes('Running, in one transaction')) desk.signal('SIGTERM');
        },
      });
      const { status } = await result;
      await db.client.query('ROLLBACK');
      return { status, err, out } satisfies Ended;
    });
    expect(ended.err).toContain('Stopping because of SIGTERM');
    expect(ended.status).toBe(143);
    expect(lines(ended.out).at(-1)).toMatchObject({ type: 'result', outcome: 'stopped', exitStatus: 143 });
    expect(await tables()).toContain('codebase_snapshots');
  });
});

describe('the commands that only look', () => {
  it('status, plan and verify write one document, and change nothing', async () => {
    const before = await tables();
    const status = await desk.run(['status', '--json', '--database', database.url]);
    expect(status.status).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({ schema: 'backout.status/1', database: database.name });

    const plan = await desk.run(['plan', '--json', '--database', database.url]);
    expect(plan.status).toBe(0);
    const document = JSON.parse(plan.out) as Record<string, unknown[]>;
    expect(document).toMatchObject({
      schema: 'backout.plan/1',
      recommendation: { choice: expect.any(String) as string },
    });
    for (const field of ['prerequisites', 'dataAtRisk', 'invented', 'locks', 'steps']) {
      expect(Array.isArray(document[field])).toBe(true);
    }

    const verify = await desk.run(['verify', '--json', '--database', database.url]);
    expect(verify.status).toBe(14);
    expect(JSON.parse(verify.out)).toMatchObject({ schema: 'backout.verify/1', ok: false });
    expect(await tables()).toEqual(before);
  });

  it('say the same to people', async () => {
    expect((await desk.run(['status', '--database', database.url])).out).toMatch(
      /waiting +12 statements: 12 pending/,
    );
    expect((await desk.run(['plan', '--database', database.url])).out).toContain('Data at risk');
    expect((await desk.run(['verify', '--database', database.url])).out).toContain('Not verified');
  });

  it('leave with 69 where there is no connection, and never show the password', async () => {
    const url = new URL(database.url);
    url.password = 'canary-81f2';
    const refused = await desk.run(['status', '--json', '--database', url.href]);
    expect(refused).toMatchObject({ status: 69, out: '' });
    expect(refused.err).toContain('28P01');
    expect(refused.err).not.toContain('canary-81f2');

    const nowhere = database.url.replace(database.name, 'no_such_database');
    const ended = await desk.run(['status', '--json', '--database', nowhere]);
    expect(ended).toMatchObject({ status: 69, out: '' });
    expect(ended.err).toContain('no_such_database');
  });

  it('take the connection from the environment as libpq does', async () => {
    const url = new URL(database.url);
    const env = {
      XDG_STATE_HOME: desk.folder,
      PGHOST: url.hostname,
      PGPORT: url.port,
      PGUSER: url.username,
      PGPASSWORD: url.password,
      PGDATABASE: database.name,
    };
    const byNames = await desk.run(['status', '--json'], { env });
    expect(JSON.parse(byNames.out)).toMatchObject({ database: database.name });
    const byUrl = await desk.run(['status', '--json'], {
      env: { XDG_STATE_HOME: desk.folder, DATABASE_URL: database.url },
    });
    expect(JSON.parse(byUrl.out)).toMatchObject({ database: database.name });
  });
});
