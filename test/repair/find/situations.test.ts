/**
 * Failures of a step as they happen on a server, not errors made up: the entry that opens, what is known beside it, and
 * the repair where there is one. Only the full disk is the server's own report without a disk that is full.
 */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWard, repairOfId, type Looked, type Ward } from './support.ts';

let ward: Ward;
afterEach(() => ward.clear());

const said = ({ notes }: Looked): string =>
  notes.flatMap(({ title, lines, table }) => [title, ...lines, ...(table?.rows ?? []).flat()]).join('\n');

/** How the step failed, in the server's words and in the runbook's. */
function failure({ events }: Looked) {
  const failed = events.findLast((event) => event.type === 'step-failed');
  if (failed?.type !== 'step-failed')
    throw new Error(`no failure, but ${events.map(({ type }) => type).join()}`);
  return failed.error;
}

const ORDERS = `# Orders: customers again

## Step 1: Every order has its customer again

\`\`\`sql
UPDATE orders SET customer = 0 WHERE id = 1 AND customer <> 0;
UPDATE orders SET customer = 0 WHERE id = 2 AND customer <> 0;
\`\`\`

## Troubleshooting

### Issue: Somebody reads the orders

**Cause:** SQLSTATE 55P03.

**Solution:** Have them end it.

### Issue: Two wait for each other

**Cause:** A deadlock detected by the server.

**Solution:** Try again.

### Issue: No space left on device

**Cause:** The disk full of old exports.

**Solution:** Ask storage.
`;

describe('a step that changes rows', () => {
  let other: pg.Client;

  beforeEach(async () => {
    ward = await openWard(ORDERS, { tries: 2 });
    await ward.exec(`CREATE TABLE customers (id int PRIMARY KEY); INSERT INTO customers VALUES (0), (1), (2), (3);
      CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers); INSERT INTO orders VALUES (1, 1), (2, 2);
      ALTER DATABASE ${ward.database.name} SET deadlock_timeout = '1s'`);
    other = new pg.Client({ connectionString: ward.database.url });
    await other.connect();
  });
  afterEach(() => other.end());

  const customers = (): Promise<unknown[]> => ward.rows('SELECT customer AS c FROM orders ORDER BY id');

  it('55P03: a row that somebody holds; nothing is to be mended, and it goes through when they are gone', async () => {
    await other.query('BEGIN; SELECT FROM orders WHERE id = 2 FOR UPDATE');
    const looked = await ward.fail('step-1');
    expect(failure(looked)).toMatchObject({
      sqlstate: '55P03',
      troubleshooting: 'Somebody reads the orders',
    });
    expect(said(looked)).toContain('Somebody else holds a lock');
    expect(looked.repairs).toEqual([]);
    expect(await customers()).toEqual([{ c: 1 }, { c: 2 }]);
    await other.query('ROLLBACK');
    expect((await ward.fail('step-1')).events.map(({ type }) => type)).toContain('step-done');
    expect(await customers()).toEqual([{ c: 0 }, { c: 0 }]);
  });

  it('40P01: two sessions that wait for each other; what the server says of them is told', async () => {
    // Only the step's session looks for deadlocks: so it is the one that is ended.
    await other.query("SET deadlock_timeout = '1h'");
    await other.query('BEGIN; SELECT FROM customers WHERE id = 0 FOR UPDATE');
    const crossed = other.query(`DO $$ BEGIN
      LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)));
        PERFORM pg_stat_clear_snapshot();
      END LOOP;
      UPDATE orders SET customer = 3 WHERE id = 1;
    END $$`);
    const looked = await ward.fail('step-1');
    await crossed;
    expect(failure(looked)).toMatchObject({ sqlstate: '40P01', troubleshooting: 'Two wait for each other' });
    expect(said(looked)).toContain('A deadlock');
    expect(said(looked)).toMatch(/The server says: Process \d+ waits for/);
    expect(looked.repairs).toEqual([]);
    await other.query('ROLLBACK');
    expect(await customers()).toEqual([{ c: 1 }, { c: 2 }]);
  });

  it('53100: the largest tables are named, and nothing is offered that would write more', async () => {
    // A disk cannot be filled without rights on the machine: a trigger reports what the server would.
    await ward.exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100';
      END $$;
      CREATE TRIGGER full_disk BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION full_disk()`);
    const looked = await ward.fail('step-1');
    expect(failure(looked)).toMatchObject({ sqlstate: '53100', troubleshooting: 'No space left on device' });
    expect(said(looked)).toContain('The disk is full');
    expect(said(looked)).toContain('backout keeps nothing in this database that could be purged.');
    expect(said(looked)).toContain('public.codebase_snapshots');
    expect(looked.repairs).toEqual([]);
  });
});

const VALUES =
  'Invalid input syntax for type double precision, or value too long for type character varying(255)';

describe('the shipped runbook, past its prerequisites', () => {
  beforeEach(async () => {
    ward = await openWard();
  });

  it('22P02: a confidence that is no number, with the rows and what may stand there instead', async () => {
    await ward.exec(`UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "high"}'
      WHERE id = (SELECT id FROM codebase_snapshots ORDER BY id LIMIT 1)`);
    const looked = await ward.fail('step-1');
    expect(failure(looked)).toMatchObject({ sqlstate: '22P02', troubleshooting: VALUES });
    expect(said(looked)).toContain('high');
    const id = 'codebase_snapshots.metadata.confidence';
    expect(repairOfId(looked, `replace:${id}`).input).toMatchObject({ accepts: 'number' });
    repairOfId(looked, `empty:${id}`);
    repairOfId(looked, `zero:${id}`);
  });

  it('22001: a text that is too long, with the rows and what may stand there instead', async () => {
    await ward.exec(`UPDATE git_agent_sessions SET meta = meta || jsonb_build_object('base_branch', repeat('b', 300))
      WHERE id = (SELECT id FROM git_agent_sessions ORDER BY id LIMIT 1)`);
    const looked = await ward.fail('step-2');
    expect(failure(looked)).toMatchObject({ sqlstate: '22001', troubleshooting: VALUES });
    const id = 'git_agent_sessions.meta.base_branch';
    expect(repairOfId(looked, `replace:${id}`).input).toMatchObject({ accepts: 'text', longest: 255 });
    repairOfId(looked, `shorten:${id}`);
  });

  it('42501: tables of another role: whose they are, and the statements that somebody else has to run', async () => {
    const role = `${ward.database.name}_app`;
    const { name } = ward.database;
    await ward.exec(`CREATE ROLE ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT ALL ON SCHEMA public TO ${role}; GRANT CREATE ON DATABASE ${name} TO ${role}; ALTER DATABASE ${name} SET role = '${role}'`);
    try {
      const looked = await ward.fail('step-1');
      expect(failure(looked).sqlstate).toBe('42501');
      expect(said(looked)).toContain('owned by postgres');
      expect(said(looked)).toContain(`ALTER TABLE public.codebase_snapshots OWNER TO ${role};`);
      expect(looked.repairs).toEqual([]);
    } finally {
      await ward.exec(
        `SET ROLE NONE; ALTER DATABASE ${name} RESET role; DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`,
      );
    }
  });

  it('42704: the type vector is missing: its extension, where the server has it', async () => {
    await ward.exec('DROP EXTENSION IF EXISTS vector CASCADE; DROP TYPE IF EXISTS vector CASCADE');
    const before = await ward.look();
    expect(before.prerequisites.find(({ id }) => id === 'extension')?.status).toBe('fail');
    const looked = await ward.fail('step-3');
    expect(failure(looked)).toMatchObject({ sqlstate: '42704' });
    expect(failure(looked).message).toContain('type "vector" does not exist');
    const [there] = await ward.rows(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`);
    if (there === undefined) {
      expect(said(looked)).toContain('No extension vector is on the server');
      expect(said(looked)).toMatch(/postgresql-\d+-pgvector/);
      expect(looked.repairs).toEqual([]);
    } else {
      expect(repairOfId(looked, 'extension:vector').sql).toContain('CREATE EXTENSION vector');
    }
  });
});
