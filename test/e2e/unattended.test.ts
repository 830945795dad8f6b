/** `backout run` as a child process: carried through, refused, and stopped from outside. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import {
  both,
  editedInPlace,
  fromZero,
  laterMigrations,
  recordedAsRolledBack,
  rolledBack,
  unconvertible,
  type Database,
} from '../support/states.ts';
import { aPlace, type Ended, type Place } from './support/child.ts';
import { snapshot, tables, waitsForLock } from './support/snapshot.ts';
import { accepting, lend, minimal, result, untouched, WARNINGS } from './support/unattended.ts';

let place: Place;
beforeAll(async () => {
  await built();
  place = await aPlace();
});
afterAll(() => place.clear());

describe('backout run, to the verified end', () => {
  let database: TestDatabase;
  let ended: Ended;
  beforeAll(async () => {
    database = await freshDatabase();
    ended = await place.run([...minimal(database), '--json']);
  });
  afterAll(() => database.drop());

  it('needs no more than the database, its name, the decision and the warnings it accepts', () => {
    expect(ended.err).not.toContain('error of its own');
    expect(ended.status).toBe(0);
  });

  it('writes events alone on standard output, numbered without gaps, the result last', () => {
    const { events } = ended;
    expect(new Set(events.map(({ schema }) => schema))).toEqual(new Set(['backout.event/1']));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.every(({ at }) => at === new Date(at).toISOString())).toBe(true);
    expect(events[0]).toMatchObject({
      type: 'run-started',
      surface: 'unattended',
      environment: 'PRODUCTION',
    });
    expect(result(ended)).toMatchObject({
      outcome: 'verified',
      exitStatus: 0,
      run: expect.stringMatching(/^\d{8}-\d{4}-[a-z0-9]{4}$/) as string,
      steps: [1, 2, 3, 4].map((step) => ({ id: `step-${step}`, outcome: 'done' })),
    });
  });

  it('records what it was told and what it was not told', () => {
    const { events } = ended;
    const consents = events.flatMap((event) => (event.type === 'consent' ? [event.id] : []));
    expect(consents).toEqual(WARNINGS);
    const decision = events.find((event) => event.type === 'decision');
    expect(decision).toMatchObject({
      choice: 'rollback',
      reason: expect.stringContaining('none given') as string,
    });
    const confirmed = events.flatMap((event) => (event.type === 'step-confirmed' ? [event.typed] : []));
    expect(confirmed).toEqual([database.name, database.name, database.name, null]);
  });

  it('leaves the old tables and no version row', async () => {
    expect(await database.use(tables)).toEqual([
      'detection_events',
      'git_sessions',
      'schema_migrations',
      'technology_knowledge',
    ]);
  });

  it('is in runs and report afterwards, and the journal on disk is what was written out', async () => {
    const { run } = result(ended);
    const runs = JSON.parse((await place.run(['runs', '--json'])).out) as Record<string, unknown>;
    expect(runs).toMatchObject({ schema: 'backout.runs/1', runs: [{ run, outcome: 'verified' }] });
    expect((await place.run(['runs'])).out).toContain(run);
    const report = JSON.parse((await place.run(['report', '--json'])).out) as Record<string, unknown>;
    expect(report).toMatchObject({ schema: 'backout.report/1', run, outcome: 'verified', exitStatus: 0 });
    const folder = join(place.state, 'backout', 'runs', run);
    expect((await place.run(['report', run])).out).toBe(await readFile(join(folder, 'report.md'), 'utf8'));
    expect(await readFile(join(folder, 'journal.jsonl'), 'utf8')).toBe(ended.out);
    expect(await place.run(['report', '19700101-0000-none'])).toMatchObject({ status: 64, out: '' });
  });

  it('finds nothing to roll back the second time: 10, nothing run', async () => {
    const before = await database.use(snapshot);
    const again = await place.run([...minimal(database), '--json']);
    expect(again.status).toBe(10);
    expect(result(again)).toMatchObject({ outcome: 'nothing-to-do', exitStatus: 10 });
    untouched(again);
    expect(await database.use(snapshot)).toEqual(before);
  });

  it('verify holds afterwards', async () => {
    const verified = await place.run(['verify', '--database', database.url, '--json']);
    expect(verified).toMatchObject({ status: 0 });
    const document = JSON.parse(verified.out) as { checks: Record<string, unknown>[] };
    expect(document).toMatchObject({ schema: 'backout.verify/1', ok: true });
    expect(document.checks.length).toBeGreaterThan(10);
    for (const check of document.checks) {
      expect(check).toMatchObject({
        id: expect.any(String) as string,
        ok: true,
        detail: expect.any(String) as string,
      });
    }
  });
});

describe('backout run, refused before anything runs', () => {
  let database: TestDatabase;
  let before: Awaited<ReturnType<typeof snapshot>>;
  beforeAll(async () => {
    database = await freshDatabase();
    before = await database.use(snapshot);
  });
  afterAll(async () => {
    expect(await database.use(snapshot)).toEqual(before);
    await database.drop();
  });

  it('a warning that nobody accepted: 64, and the flag that would accept it', async () => {
    const args = minimal(database).slice(0, -accepting(WARNINGS).length);
    const ended = await place.run([...args, '--accept', 'privileges', '--json']);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain('--accept backup');
    expect(result(ended)).toMatchObject({ outcome: 'error', exitStatus: 64 });
    untouched(ended);
  });

  it('the name of another database: 64, before anything is looked at', async () => {
    const args = minimal(database).map((word) => (word === database.name ? `${word}_x` : word));
    const at = args.indexOf('--database') + 1;
    const ended = await place.run([...args.slice(0, at), database.url, ...args.slice(at + 1), '--json']);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain(`the database that is connected is ${database.name}`);
    expect(ended.events.map(({ type }) => type)).not.toContain('prerequisites');
  });

  it.each([
    ['--confirm', ['run', '--choose', 'rollback']],
    ['--choose', ['run', '--confirm', 'x']],
  ])('without %s: 64, and a sentence that names it', async (flag, args) => {
    const ended = await place.run([...args, '--database', database.url]);
    expect(ended).toMatchObject({ status: 64, out: '' });
    expect(ended.err).toContain(flag);
  });

  it('fix-forward: 11, and nothing changed', async () => {
    const args = minimal(database).map((word) => (word === 'rollback' ? 'fix-forward' : word));
    const ended = await place.run([...args, '--json']);
    expect(ended.status).toBe(11);
    expect(result(ended)).toMatchObject({ outcome: 'fix-forward', exitStatus: 11 });
    untouched(ended);
  });

  it('nobody there: 69; the password is not said', async () => {
    const ended = await place.run([
      ...['run', '--database', 'postgresql://who:canary-4711@127.0.0.1:1/x', '--confirm', 'x'],
      ...['--choose', 'rollback', '--json'],
    ]);
    expect(ended.status).toBe(69);
    expect(result(ended)).toMatchObject({ outcome: 'error', exitStatus: 69 });
    expect(ended.err).toContain('Nothing listens at this host and port');
    expect(`${ended.out}${ended.err}`).not.toContain('canary-4711');
  });

  it('a runbook that is not there, or whose SQL cannot be read: 65, with the line', async () => {
    const missing = await place.run([...minimal(database), '--runbook', join(place.state, 'none.md')]);
    expect(missing).toMatchObject({ status: 65, out: '' });
    const path = join(place.state, 'broken.md');
    await writeFile(path, '# Rollback\n\n### Step 1: Break\n\n```sql\nALTER TABEL x;\n```\n');
    const broken = await place.run([...minimal(database), '--runbook', path]);
    expect(broken).toMatchObject({ status: 65, out: '' });
    expect(broken.err).toMatch(/broken\.md, line 6: .*TABEL/);
  });
});

describe.concurrent('backout run, on databases in other states', () => {
  const refused = (state: (db: Database) => Promise<void>): Promise<Ended> =>
    lend({ state }, async (database) => {
      const before = await database.use(snapshot);
      const ended = await place.run([...minimal(database), ...accepting(['state']), '--json']);
      untouched(ended);
      expect(await database.use(snapshot)).toEqual(before);
      return ended;
    });
  const failing = (ended: Ended): Record<string, string> => {
    const found = ended.events.find((event) => event.type === 'prerequisites');
    const results = found?.type === 'prerequisites' ? found.results : [];
    return Object.fromEntries(
      results
        .filter(({ status }) => status === 'fail')
        .map(({ id, detail, items }) => [id, [detail, ...items].join('\n')]),
    );
  };

  it('rows that would fail a cast or a length: 10, the rows listed by their keys', async () => {
    const ended = await refused(unconvertible);
    expect(ended.status).toBe(10);
    expect(result(ended)).toMatchObject({ outcome: 'prerequisite-failed', exitStatus: 10 });
    const { values } = failing(ended);
    expect(values).toMatch(
      /codebase_snapshots \(then detection_events\), for confidence: 2 rows\. .*\(id [0-9a-f-]{36}, [0-9a-f-]{36}\)/,
    );
  });

  it.each([
    ['old and new tables side by side', both, 'detection_events beside codebase_snapshots'],
    ['tables of other migrations', fromZero, 'Keys are those of this migration: expected uuid'],
    ['a later text of the migration', editedInPlace, 'templates without patterns'],
  ])('%s: 10, and what is in the way', async (_, state, words) => {
    const ended = await refused(state);
    expect(ended.status).toBe(10);
    expect(Object.values(failing(ended)).join('\n')).toContain(words);
  });

  it.each([
    ['the version row is gone, the tables are not', recordedAsRolledBack],
    ['rolled back by the migration’s own down, which leaves the NOT NULLs out', rolledBack],
  ])('%s: warnings to accept, then the rest is done', async (_, state) => {
    await lend({ state }, async (database) => {
      const before = await database.use(snapshot);
      const stopped = await place.run([...minimal(database), '--json']);
      expect(stopped.status).toBe(64);
      expect(stopped.err).toContain('--accept migration-recorded');
      expect(await database.use(snapshot)).toEqual(before);
      const accepted = accepting(['migration-recorded', 'state']);
      const ended = await place.run([...minimal(database), ...accepted, '--json']);
      expect(ended.status).toBe(0);
      expect(result(ended).steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
      const { definitions } = await database.use(snapshot);
      expect(definitions).toContain('detection_events.event_type character varying(255) NOT NULL');
    });
  });

  it('later migrations are recorded: a warning to accept; they stay recorded', async () => {
    await lend({ state: laterMigrations }, async (database) => {
      const stopped = await place.run([...minimal(database), '--json']);
      expect(stopped.status).toBe(64);
      expect(stopped.err).toContain('--accept latest-version');
      const ended = await place.run([...minimal(database), ...accepting(['latest-version']), '--json']);
      expect(ended.status).toBe(0);
      const { rows } = await database.use((db) =>
        db.query('SELECT version::text FROM schema_migrations WHERE version > 20250101000013 ORDER BY 1'),
      );
      expect(rows).toEqual([
        { version: '20250101000015' },
        { version: '20250101000016' },
        { version: '20250101000020' },
      ]);
    });
  });
});

describe('stopped from outside', () => {
  it('SIGTERM in the middle of Step 2: 143, whole steps only; another run wants consent, and resume does the rest', async () => {
    await lend({}, async (database) => {
      const child = place.start([...minimal(database), ...accepting(['activity']), '--json']);
      const ended = await database.use(async (db) => {
        await child.saying('"type":"decision"');
        await db.client.query('BEGIN; LOCK TABLE git_agent_sessions IN ACCESS SHARE MODE');
        await child.saying('"type":"step-started","step":"step-2"');
        await expect.poll(() => waitsForLock(db), { interval: 20, timeout: 10_000 }).toBe(true);
        child.kill('SIGTERM');
        const stopped = await child.ended;
        await db.client.query('ROLLBACK');
        return stopped;
      });
      expect(ended.status).toBe(143);
      expect(ended.err).toContain('Stopping because of SIGTERM');
      expect(result(ended)).toMatchObject({ outcome: 'stopped', exitStatus: 143 });
      const outcomes = result(ended).steps.map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['done', 'rolled-back', 'not-run', 'not-run']);
      const there = await database.use(tables);
      expect(there).toEqual(expect.arrayContaining(['detection_events', 'git_agent_sessions']));
      const { run } = result(ended);
      const another = await place.run([...minimal(database), ...accepting(['state']), '--json']);
      expect(result(another)).toMatchObject({ outcome: 'error', exitStatus: 64 });
      expect(another.err).toContain(`Run ${run} was broken off and is not finished.`);
      expect(another.err).toContain('--accept other-run');
      expect(another.out).toContain(`backout resume ${run}`);
      untouched(another);
      const rest = await place.run([
        ...['resume', run, '--database', database.url, '--confirm', database.name],
        ...[...accepting([...WARNINGS, 'state']), '--json'],
      ]);
      expect(rest.status).toBe(0);
      expect(result(rest)).toMatchObject({ run, outcome: 'verified' });
      expect((await database.use(tables)).includes('git_agent_sessions')).toBe(false);
    });
  });

  it('killed without a chance to say anything: the server rolls the step back', async () => {
    await lend({}, async (database) => {
      const before = await database.use(snapshot);
      await database.use(async (db) => {
        const child = place.start([...minimal(database), ...accepting(['activity']), '--json']);
        await child.saying('"type":"decision"');
        await db.client.query('BEGIN; LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE');
        await child.saying('"type":"step-started"');
        child.kill('SIGKILL');
        expect((await child.ended).status).toBeNull();
        await db.client.query('ROLLBACK');
        await expect
          .poll(
            async () =>
              (
                await db.query(
                  "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'backout/%'",
                )
              ).rows.length,
            { interval: 50, timeout: 15_000 },
          )
          .toBe(0);
      });
      expect(await database.use(snapshot)).toEqual(before);
    });
  });
});
