/** `backout rehearse` in a scratch database: what it can do that a scratch schema cannot, what it holds, what it leaves. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from '../cli/support/io.ts';
import { orderless } from '../e2e/support/snapshot.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';
import type { Rehearsal } from '../../src/rehearse/types.ts';

let desk: Desk;
let database: TestDatabase;

/** A partitioned table, a view, an enum, a trigger that is plain and one that is not, an event trigger, a foreign key. */
const APPLICATION = `
  CREATE SCHEMA audit;
  CREATE TABLE audit.log (said text);
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 20) n;
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES customers,
    total numeric NOT NULL, feeling mood NOT NULL DEFAULT 'good', touched int NOT NULL DEFAULT 0);
  INSERT INTO orders (customer, total) SELECT n % 20 + 1, n FROM generate_series(1, 50) n;
  CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO events SELECT date '2026-01-01' + n, 'e' || n FROM generate_series(1, 30) n;
  CREATE VIEW dear AS SELECT * FROM orders WHERE total > 10;
  CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := OLD.touched + 1; RETURN NEW; END';
  CREATE TRIGGER counted BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION counted();
  CREATE FUNCTION far() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN EXECUTE $x$SELECT pg_reload_conf()$x$; RETURN NULL; END';
  CREATE TRIGGER far AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION far();
  CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit.log VALUES (tg_tag); END';
  CREATE EVENT TRIGGER told ON ddl_command_end EXECUTE FUNCTION told()`;

const PLAN = `
### Step 1: Totals

\`\`\`sql
DELETE FROM public.orders WHERE total = 50;
ALTER TABLE public.customers RENAME COLUMN name TO full_name;
CREATE OR REPLACE VIEW public.dear AS SELECT * FROM public.orders WHERE total > 20;
\`\`\`

### Step 2: Events

\`\`\`sql
ALTER TABLE public.events ADD COLUMN who text;
CREATE INDEX CONCURRENTLY orders_customer ON public.orders (customer);
\`\`\`
`;

async function runbook(name: string, more = ''): Promise<string> {
  const path = join(desk.folder, name);
  await writeFile(path, `# Orders\n\n## Rollback Steps\n${PLAN}${more}`);
  return path;
}

beforeAll(async () => {
  desk = await openDesk();
  database = await freshDatabase({ state: async (db) => void (await db.exec(APPLICATION)) });
});
afterAll(async () => {
  await database.drop();
  await desk.clear();
});

async function rehearseAt(url: string, ...words: string[]) {
  const ended = await desk.run(['rehearse', '--json', '--database', url, ...words]);
  return { ...ended, found: JSON.parse(ended.out || JSON.stringify({ stopped: ended.err })) as Rehearsal };
}

const rehearse = (...words: string[]) => rehearseAt(database.url, ...words);

const SCRATCH = `SELECT datname AS name FROM pg_database WHERE datname LIKE 'backout_rehearsal_%' ORDER BY 1`;

/** Of this file: no other makes any. */
const scratch = () =>
  database.use(async (db) => (await db.query(SCRATCH)).rows.map((row) => (row as { name: string }).name));

const state = () =>
  database.use(async (db) => ({
    ...(await orderless(db)),
    sequences: (await db.query('SELECT sequencename, last_value FROM pg_sequences ORDER BY 1')).rows,
    log: (await db.query('SELECT said FROM audit.log')).rows,
  }));

const HELD = `SELECT DISTINCT l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
 WHERE a.application_name LIKE 'backout%' AND c.relnamespace = 'public'::regnamespace AND l.granted`;

const WAITING = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'backout rehearsal' AND wait_event_type = 'Lock'`;

/** pg_dump waits for this table, with the scratch database made. */
async function whileHeld(work: () => Promise<void>): Promise<void> {
  await database.use(async (db) => {
    await db.exec('BEGIN; LOCK TABLE audit.log IN ACCESS EXCLUSIVE MODE');
    try {
      await work();
    } finally {
      await db.exec('ROLLBACK');
    }
  });
}

const dumpWaits = () => until(() => database.use(async (db) => (await db.query(WAITING)).rows.length > 0));

describe('a scratch database', () => {
  it('is the way for SQL that names schemas beside an event trigger: steps, verification and undo, on a copy', async () => {
    const before = await state();
    const modes = new Set<string>();
    let over = false;
    const watched = database.use(async (db) => {
      while (!over) for (const row of (await db.query(HELD)).rows) modes.add((row as { mode: string }).mode);
    });
    const { status, found, err } = await rehearse('--runbook', await runbook('orders.md'));
    over = true;
    await watched;
    expect(found.refused.map(({ way }) => way)).toEqual(['schema']);
    expect(found).toMatchObject({ outcome: 'ok', way: 'database', undo: { outcome: 'same' } });
    expect(status).toBe(0);
    expect(found.steps.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    expect(found.tables).toContainEqual({
      table: 'orders',
      rows: 50,
      share: 1,
      seconds: null,
      bytes: expect.any(Number) as number,
    });
    expect(found.notRehearsed.join(' ')).toContain('Trigger far of orders: it is off on the copy');
    expect(err).toContain('a copy in a scratch database of this server');
    expect([...modes]).toEqual(['AccessShareLock']);
    expect(await state()).toEqual(before);
    expect(await scratch()).toEqual([]);
  });

  it('runs a verification there, and 14 says that it does not hold', async () => {
    const wrong = '\n## Verification\n\n```sql expect=3\nSELECT count(*) FROM customers;\n```\n';
    const { status, found } = await rehearse(
      '--runbook',
      await runbook('wrong.md', wrong),
      '--way',
      'database',
    );
    expect(found.outcome).toBe('verification-failed');
    expect(found.verification?.checks.filter(({ ok }) => !ok)).toHaveLength(1);
    expect(status).toBe(14);
    expect(await scratch()).toEqual([]);
  });

  it('is not made for what would act outside of it, for a sample, beyond the limit, or without the right', async () => {
    const reaching = '\n### Step 3: Settings\n\n```sql\nALTER DATABASE orders SET work_mem = 1;\n```\n';
    const path = await runbook('reaching.md', reaching);
    expect((await rehearse('--runbook', path, '--way', 'database')).found.refused[0]?.reasons).toEqual([
      'Statement 1 of step-3 is no statement about one database (AlterDatabaseSet).',
    ]);
    const plain = ['--runbook', await runbook('orders.md'), '--way', 'database'];
    expect((await rehearse(...plain, '--sample', '5')).found.refused[0]?.reasons[0]).toMatch(/no sample/);
    expect(await rehearse(...plain, '--size-limit', '0.01MB')).toMatchObject({
      status: 75,
      found: { outcome: 'limit' },
    });
    const role = `maker_${database.name}`;
    await database.use((db) =>
      db.exec(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT pg_read_all_data TO ${role}`),
    );
    const url = new URL(database.url);
    url.username = role;
    url.password = 'secret';
    const { found, status } = await rehearseAt(url.href, ...plain, '--without-archive');
    expect(found.refused[0]?.reasons[0]).toContain(`The role ${role} may not make databases`);
    expect(status).toBe(10);
    await database.use((db) => db.exec(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    expect(await scratch()).toEqual([]);
  });

  it('is gone when somebody stops the rehearsal, which ends with the status of the signal', async () => {
    const path = await runbook('orders.md');
    await whileHeld(async () => {
      const running = rehearse('--runbook', path, '--way', 'database');
      await dumpWaits();
      expect(await scratch()).toHaveLength(1);
      desk.signal('SIGINT');
      const { status, found } = await running;
      expect(status).toBe(130);
      expect(found).toMatchObject({ outcome: 'stopped', way: 'database' });
      expect(await scratch()).toEqual([]);
    });
  });

  it('that a kill left behind is dropped by the next rehearsal, and no other', async () => {
    await built();
    const path = await runbook('orders.md');
    const foreign = 'backout_rehearsal_0123456789ab';
    await database.use((db) => db.exec(`CREATE DATABASE ${foreign}`));
    const bin = fileURLToPath(new URL('../../bin/backout.js', import.meta.url));
    let left: string[] = [];
    await whileHeld(async () => {
      const words = ['rehearse', '--runbook', path, '--way', 'database', '--database', database.url];
      const child = spawn(process.execPath, [bin, ...words], {
        env: { PATH: process.env['PATH'], HOME: desk.folder, XDG_STATE_HOME: desk.folder },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await dumpWaits();
      child.kill('SIGKILL');
      await ended;
      left = (await scratch()).filter((name) => name !== foreign);
      expect(left).toHaveLength(1);
    });
    const makers = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'backout/%'`;
    await until(() => database.use(async (db) => (await db.query(makers)).rows.length === 0));
    const told = await desk.run(['runs', '--database', database.url]);
    expect(told.out.replace(/\s+/g, ' ')).toContain(
      `Database ${left.join('')}, of a rehearsal that was broken off: the next rehearsal on this server drops it.`,
    );
    expect(told.out).not.toContain(foreign);
    const { err, status } = await rehearse('--runbook', path, '--way', 'schema');
    expect(status).toBe(10);
    expect(err).toContain(`Dropped what a rehearsal that was broken off left behind: ${left.join('')}.`);
    expect(await scratch()).toEqual([foreign]);
    await database.use((db) => db.exec(`DROP DATABASE ${foreign}`));
  });
});
