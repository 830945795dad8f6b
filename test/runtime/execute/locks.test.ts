/** Waiting for locks on a real server: short tries, nothing held and nobody queued in between. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSession } from '../../../src/postgres/connect.ts';
import { DatabaseError } from '../../../src/sql/session.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { until } from '../../support/until.ts';
import { procedureOf, QUICK, run } from './support.ts';

let bench: Bench;
let holder: PostgresSession;
let reader: PostgresSession;

beforeEach(async () => {
  bench = await openBench();
  [holder, reader] = await Promise.all([bench.open('holder'), bench.open('reader')]);
  for (const table of ['a', 'b']) {
    await bench.session.query(`CREATE TABLE public.${table} (id int PRIMARY KEY, word text)`);
    await bench.session.query(`INSERT INTO public.${table} VALUES (1, 'one')`);
  }
});
afterEach(() => bench.close());

const exclusive = [
  { table: 'a', level: 'ACCESS EXCLUSIVE' },
  { table: 'b', level: 'ACCESS EXCLUSIVE' },
] as const;
const drop = procedureOf(['ALTER TABLE a DROP COLUMN word', 'ALTER TABLE b DROP COLUMN word'], {
  locks: [...exclusive],
});

async function holds(session: PostgresSession, table: string, level = 'ACCESS SHARE'): Promise<void> {
  await session.query('BEGIN');
  await session.query(`LOCK TABLE public.${table} IN ${level} MODE`);
}

/** Table locks of the session that runs the step, and those it is waiting for. */
async function locksHeld(): Promise<{ granted: string; relation: string }[]> {
  const { rows } = await reader.query(
    `SELECT l.granted::text AS granted, c.relname AS relation FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      WHERE l.pid = $1 AND c.relname IN ('a', 'b') ORDER BY 2`,
    [bench.session.processId],
  );
  return rows as { granted: string; relation: string }[];
}

/** Whether a reader gets through at once. */
async function readable(table: string): Promise<boolean> {
  await reader.query('BEGIN');
  try {
    await reader.query(`LOCK TABLE public.${table} IN ACCESS SHARE MODE NOWAIT`);
    return true;
  } catch {
    return false;
  } finally {
    await reader.query('ROLLBACK');
  }
}

const columns = async (table: string): Promise<string> =>
  String(
    (
      await reader.query(
        `SELECT string_agg(attname, ',' ORDER BY attnum) AS names FROM pg_attribute
          WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped`,
        [table],
      )
    ).rows[0]?.['names'],
  );

describe('the first locks', () => {
  it('are had as soon as the one who holds them is gone; in the pauses nothing is held and nobody is queued', async () => {
    await holds(holder, 'b');
    const between: unknown[] = [];
    const { result, told } = await run(bench.session, [drop], {
      pause: async (count) => {
        between.push(await locksHeld(), await readable('a'), await readable('b'));
        if (count === 2) await holder.query('ROLLBACK');
      },
    });
    expect(between).toEqual([[], true, true, [], true, true]);
    expect(result.kind).toBe('committed');
    expect(told.slice(0, 9)).toEqual([
      ...['trying a 1', 'trying b 1', 'missed b 1'],
      ...['trying a 2', 'trying b 2', 'missed b 2'],
      ...['trying a 3', 'trying b 3', 'taken'],
    ]);
    expect([await columns('a'), await columns('b')]).toEqual(['id', 'id']);
  });

  it('are given up after the last try, with the server’s own refusal and what was asked for', async () => {
    await holds(holder, 'a');
    const { result, told } = await run(bench.session, [drop]);
    expect(result).toMatchObject({
      kind: 'rolled-back',
      cancelled: false,
      lock: { table: 'a', level: 'ACCESS EXCLUSIVE', attempt: QUICK.tries },
      error: { sqlstate: '55P03' },
    });
    expect(told.filter((line) => line.startsWith('missed'))).toHaveLength(QUICK.tries);
    expect(await locksHeld()).toEqual([]);
    await holder.query('ROLLBACK');
  });

  it('are tried again after a deadlock, which the other one survives', async () => {
    // A session looks for a deadlock once, so long after it began to wait: ours has to be the one that finds it.
    await bench.session.query("SET deadlock_timeout = '2s'");
    await holder.query("SET deadlock_timeout = '10min'");
    await holds(holder, 'b');
    let theirs: Promise<unknown> | null = null;
    const patient = { ...QUICK, tryMs: 30_000 };
    const running = run(bench.session, [drop], {
      policies: { before: patient, amid: patient },
      pause: async () => {
        await theirs;
        await holder.query('COMMIT');
      },
    });
    await until(async () => (await locksHeld()).some(({ granted }) => granted === 'false'));
    theirs = holder.query('LOCK TABLE public.a IN ACCESS EXCLUSIVE MODE');
    const { result, told } = await running;
    expect(result.kind).toBe('committed');
    expect(told).toContain('missed b 1');
  });

  it('are not tried again when the operator stops in a pause', async () => {
    await holds(holder, 'a');
    let stopped = false;
    const { result, told } = await run(bench.session, [drop], {
      stopped: () => stopped,
      pause: () => {
        stopped = true;
        return Promise.resolve();
      },
    });
    expect(result).toMatchObject({ kind: 'rolled-back', cancelled: true });
    expect(told.filter((line) => line.startsWith('trying'))).toHaveLength(1);
    await holder.query('ROLLBACK');
  });

  it('that may not be had at all are not asked for twice', async () => {
    const missing = procedureOf([], { locks: [{ table: 'nowhere', level: 'ACCESS EXCLUSIVE' }] });
    const { result, told } = await run(bench.session, [missing]);
    expect(result).toMatchObject({ kind: 'rolled-back', lock: null, error: { sqlstate: '42P01' } });
    expect(told).toEqual(['trying nowhere 1']);
  });
});

describe('a stronger lock in the middle', () => {
  const amid = procedureOf(
    [
      ['instead', 'CREATE TABLE public.copy AS SELECT id FROM public.a'],
      ['lock', 'LOCK TABLE "public"."a" IN ACCESS EXCLUSIVE MODE'],
      ['lock', 'LOCK TABLE "public"."b" IN ACCESS EXCLUSIVE MODE'],
      ['instead', 'DROP TABLE public.a'],
    ],
    { locks: [{ table: 'a', level: 'SHARE ROW EXCLUSIVE' }] },
  );

  it('gives back what its try took, keeps what was done before, and lets readers through in the pauses', async () => {
    await holds(holder, 'b');
    const between: unknown[] = [];
    const { result, told } = await run(bench.session, [amid], {
      pause: async (count) => {
        between.push(await readable('a'), await readable('b'));
        if (count === 2) await holder.query('ROLLBACK');
      },
    });
    expect(between).toEqual([true, true, true, true]);
    expect(result.kind).toBe('committed');
    expect(told.filter((line) => line.includes(' 1') && !line.startsWith('trying'))).toContain('done 1');
    expect(told.filter((line) => line === 'started 1')).toHaveLength(1);
    expect(told.slice(-5)).toEqual(['done 2', 'done 3', 'started 4', 'done 4', 'committing']);
    expect((await reader.query('SELECT FROM public.copy')).rowCount).toBe(1);
  });

  it('that is never had leaves nothing of what was done before it', async () => {
    await holds(holder, 'a');
    const { result } = await run(bench.session, [amid]);
    expect(result).toMatchObject({
      kind: 'rolled-back',
      error: { sqlstate: '55P03' },
      lock: { table: 'a', amid: true },
      at: { action: { role: 'lock' } },
    });
    await holder.query('ROLLBACK');
    expect((await reader.query("SELECT to_regclass('public.copy') AS copy")).rows[0]?.['copy']).toBeNull();
  });

  it('is followed by another comparison, about this procedure: what changed meanwhile is not lost', async () => {
    const asked: (string | null)[] = [];
    const { result } = await run(bench.session, [amid], {
      unchanged: (procedure) => {
        asked.push(procedure?.step ?? null);
        return Promise.resolve(procedure === null);
      },
    });
    expect(asked).toEqual([null, 'step-1']);
    expect(result).toEqual({ kind: 'changed', step: 'step-1' });
    expect(await columns('a')).toBe('id,word');
  });
});

describe('lock_timeout', () => {
  it('is the step’s own again for the locks that a statement takes by itself', async () => {
    const shows = procedureOf([
      "DO $$ BEGIN RAISE NOTICE 'lock_timeout is %', current_setting('lock_timeout'); END $$",
    ]);
    const { told } = await run(bench.session, [{ ...shows, locks: [...exclusive] }]);
    expect(told).toContain('notice 1 NOTICE: lock_timeout is 1s');
  });

  it('does not outlive the step', async () => {
    const before = (await bench.session.query('SHOW lock_timeout')).rows;
    await run(bench.session, [drop]);
    expect((await bench.session.query('SHOW lock_timeout')).rows).toEqual(before);
  });
});

it('a refusal of the server is what the result holds, not a wrapping of ours', async () => {
  await holds(holder, 'a');
  const { result } = await run(bench.session, [drop]);
  expect(result.kind === 'rolled-back' && result.error).toBeInstanceOf(DatabaseError);
  await holder.query('ROLLBACK');
});
