/** `backout rehearse` in a scratch schema of a real server: what it finds, what it holds, what it leaves. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from '../cli/support/io.ts';
import { orderless, waitsForLock } from '../e2e/support/snapshot.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { migrated, unconvertible, type Database } from '../support/states.ts';
import { until } from '../support/until.ts';
import { rehearsalBlocks } from '../../src/commands/rehearse-text.ts';
import { textOf } from '../../src/commands/text.ts';
import type { ServerInfo } from '../../src/postgres/types.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import type { Rehearsal } from '../../src/rehearse/types.ts';

let desk: Desk;
let database: TestDatabase;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(async () => {
  await database.drop();
  await desk.clear();
});

async function open(state?: (db: Database) => Promise<void>): Promise<void> {
  database = await freshDatabase(state ? { state } : {});
}

type Told = Rehearsal & { schema: string; server: ServerInfo };

const asJson = (out: string): Told => JSON.parse(out) as Told;

async function rehearse(...words: string[]) {
  const ended = await desk.run(['rehearse', '--json', '--database', database.url, ...words]);
  return { status: ended.status, err: ended.err, found: asJson(ended.out) };
}

/** Everything that a rehearsal could leave. */
const left = () =>
  database.use(async (db) => ({
    ...(await orderless(db)),
    schemas: (await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'backout%'")).rows,
    sequences: (await db.query('SELECT sequencename, last_value FROM pg_sequences ORDER BY 1')).rows,
  }));

/** Nobody can make a sequence, which the third table of the copy needs: so it waits there, with two tables copied. */
async function whileHeld(work: (db: Database) => Promise<void>): Promise<void> {
  await database.use(async (db) => {
    await db.exec('BEGIN; LOCK TABLE pg_catalog.pg_sequence IN SHARE MODE');
    await work(db);
    await db.exec('ROLLBACK');
  });
}

/** Modes of locks that sessions of backout hold on tables and indexes of schema public. */
/** pg_locks is the whole server's, and databases made of one template share the numbers of their tables. */
const HELD = `SELECT DISTINCT l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
 WHERE a.application_name LIKE 'backout/%' AND c.relnamespace = 'public'::regnamespace AND l.granted`;

/** Sessions of backout in this database. */
const SESSIONS = `SELECT pid FROM pg_stat_activity
  WHERE application_name LIKE 'backout/%' AND datname = current_database()`;

describe('backout rehearse', () => {
  it('runs every step on a copy, verifies it, and leaves the database as it was', async () => {
    await open();
    const before = await left();
    const { status, err, found } = await rehearse();
    expect(found).toMatchObject({ schema: 'backout.rehearsal/1', outcome: 'ok', way: 'schema', stopped: '' });
    expect(status).toBe(0);
    expect(found.steps.map(({ id, outcome }) => [id, outcome])).toEqual(
      ['step-1', 'step-2', 'step-3', 'step-4'].map((id) => [id, 'ok']),
    );
    expect(found.verification?.ok).toBe(true);
    expect(found.undo).toMatchObject({ outcome: 'same', words: [] });
    const [first] = found.steps;
    expect(first?.locks).toContainEqual(
      expect.objectContaining({ table: 'codebase_snapshots', level: 'ACCESS EXCLUSIVE' }),
    );
    expect(first?.archivedRows).toBeGreaterThan(0);
    expect(first?.archiveBytes).toBeGreaterThan(0);
    expect(first?.estimate?.basis).toMatch(/^measured on a copy of all rows/);
    expect(found.tables.find(({ table }) => table === 'codebase_snapshots')).toMatchObject({
      rows: 40,
      share: 1,
    });
    expect(await left()).toEqual(before);
    expect(err).toMatch(/^Rehearsal: a copy in a scratch schema .* all rows; about .* of write-ahead log/);
    const runbook = { title: 'Orders' } as Runbook;
    const out = textOf(rehearsalBlocks({ rehearsal: found, runbook, server: found.server }));
    expect(out).toContain('Restore detection_events [step-1]: ok');
    expect(out).toContain('ACCESS EXCLUSIVE on codebase_snapshots for');
    expect(out).toContain('Every step was undone, and everything is as it was before.');
    expect(out).toContain('Rehearsed: every step ran on the copy, and the verification holds.');
    expect(out).toContain('Nothing of it is left in the database.');
  });

  it('says which rows make a step fail, with 12, and runs none of the steps after it', async () => {
    await open(unconvertible);
    const before = await left();
    const { status, found } = await rehearse();
    expect(status).toBe(12);
    expect(found.outcome).toBe('sql-failed');
    const [first, second] = found.steps;
    expect(first).toMatchObject({
      outcome: 'failed',
      error: { sqlstate: expect.stringMatching(/^22/) as string },
    });
    const bad = await database.use(
      async (db) =>
        (await db.query("SELECT id::text FROM codebase_snapshots WHERE metadata->>'confidence' = 'high'"))
          .rows,
    );
    expect(first?.failing.flatMap(({ keys }) => keys)).toContain((bad[0] as { id: string }).id);
    expect(second?.outcome).toBe('not-reached');
    expect(found.verification).toBeNull();
    expect(await left()).toEqual(before);
  });

  it('takes a sample of large tables, and says what its times rest on', async () => {
    await open((db) => migrated(db, { rows: 3000, knowledge: 24 }));
    await database.use((db) => db.exec('ANALYZE'));
    const { status, found } = await rehearse('--sample', '20');
    expect(status).toBe(0);
    const events = found.tables.find(({ table }) => table === 'codebase_snapshots');
    expect(events?.share).toBe(0.2);
    expect(events?.rows).toBeGreaterThan(300);
    expect(events?.rows).toBeLessThan(900);
    expect(found.tables.find(({ table }) => table === 'technology_patterns')).toMatchObject({
      rows: 24,
      share: 1,
    });
    const [first] = found.steps;
    expect(first?.estimate?.basis).toMatch(/^from a sample of 20 % of the rows/);
    expect(first?.estimate?.low).toBeGreaterThan((first?.seconds ?? 0) * 4);
    expect(first?.estimate?.high).toBeGreaterThan(first?.estimate?.low ?? 0);
  });

  it('refuses, with 75, what is larger than the size limit, before anything is copied', async () => {
    await open();
    const { status, found } = await rehearse('--size-limit', '0.1MB');
    expect(status).toBe(75);
    expect(found).toMatchObject({ outcome: 'limit', tables: [] });
    expect(found.stopped).toContain('--size-limit');
  });

  it('stops at the time limit, with 75, and leaves nothing', async () => {
    await open();
    const before = await left();
    await whileHeld(async () => {
      const { status, found } = await rehearse('--time-limit', '2s');
      expect(status).toBe(75);
      expect(found).toMatchObject({ outcome: 'limit', stopped: '--time-limit (2 s) was reached.' });
    });
    expect(await left()).toEqual(before);
  });

  it('leaves nothing when it is killed in the middle', async () => {
    await open();
    await built();
    const before = await left();
    const bin = fileURLToPath(new URL('../../bin/backout.js', import.meta.url));
    await whileHeld(async () => {
      const child = spawn(process.execPath, [bin, 'rehearse', '--database', database.url], {
        env: { PATH: process.env['PATH'], HOME: desk.folder, XDG_STATE_HOME: desk.folder },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      // In a session of its own: within a transaction pg_stat_activity stays as it was first read.
      await database.use(async (db) => {
        await until(() => waitsForLock(db));
        child.kill('SIGKILL');
        await ended;
        await until(async () => (await db.query(SESSIONS)).rows.length === 0);
      });
    });
    expect(await left()).toEqual(before);
  });

  it('runs the forms that were asked for, with no lock on the tables beyond that of a SELECT, while others write', async () => {
    await open();
    const modes = new Set<string>();
    let written = 0;
    let over = false;
    const watched = database.use(async (db) => {
      await db.exec("SET lock_timeout = '1s'");
      while (!over) {
        for (const row of (await db.query(HELD)).rows) modes.add((row as { mode: string }).mode);
        await db.exec("UPDATE codebase_snapshots SET codebase_id = codebase_id || 'x'");
        written += 1;
      }
    });
    const { status, found } = await rehearse('--form', 'step-1=copy-and-swap', '--form', 'step-2=rewrite');
    over = true;
    await watched;
    expect(found.steps.slice(0, 2).map(({ form, words }) => [form, words])).toEqual([
      ['copy-and-swap', []],
      ['rewrite', []],
    ]);
    expect(found.undo?.outcome).toBe('same');
    expect(status).toBe(0);
    expect(written).toBeGreaterThan(1);
    expect([...modes]).toEqual(['AccessShareLock']);
  });
});
