/** A session that waits for us while we wait for it: found out by one patient try, and never half a step. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSession } from '../../../src/postgres/connect.ts';
import type { Session } from '../../../src/sql/session.ts';
import { patientTryMs } from '../../../src/sql/execute/lock-policy.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { until } from '../../support/until.ts';
import { procedureOf, QUICK, run, type Running } from './support.ts';

let bench: Bench;
let application: PostgresSession;
let look: PostgresSession;

/** Short tries end before anybody looks for a deadlock; the third may wait for it. */
const PATIENT = { ...QUICK, tryMs: 60, patientTry: 3, tries: 5 };

const swap = procedureOf(
  [
    ['instead', 'CREATE TABLE public.copy AS SELECT id FROM public.a'],
    ['lock', 'LOCK TABLE "public"."a" IN ACCESS EXCLUSIVE MODE'],
    ['instead', 'DROP TABLE public.a'],
  ],
  {
    locks: [
      { table: 'a', level: 'SHARE ROW EXCLUSIVE' },
      { table: 'b', level: 'SHARE ROW EXCLUSIVE' },
    ],
  },
);

beforeEach(async () => {
  asked = [];
  refused = [];
  bench = await openBench();
  [application, look] = await Promise.all([bench.open('application'), bench.open('look')]);
  await bench.session.query('CREATE TABLE public.a (id int PRIMARY KEY)');
  await bench.session.query('CREATE TABLE public.b (id int PRIMARY KEY)');
  for (const table of ['a', 'b']) await bench.session.query(`INSERT INTO public.${table} VALUES (1), (2)`);
  await application.query('BEGIN');
  await application.query('SELECT count(*) FROM public.a');
});
afterEach(() => bench.close());

const sqlstate = (error: unknown): string => (error as { sqlstate?: string }).sqlstate ?? String(error);

/** The application begins to write what the step holds: `ok`, or why it could not. */
const writes = (table: string): Promise<string> =>
  application.query(`DELETE FROM public.${table} WHERE id = 1`).then(() => 'ok', sqlstate);

async function waiting(session: PostgresSession): Promise<boolean> {
  const { rows } = await look.query('SELECT FROM pg_locks WHERE pid = $1 AND NOT granted', [
    session.processId,
  ]);
  return rows.length > 0;
}

const there = async (): Promise<unknown> =>
  (
    await look.query(
      "SELECT to_regclass('public.a') IS NOT NULL AS a, to_regclass('public.copy') IS NOT NULL AS copy",
    )
  ).rows[0];

const UNTOUCHED = { a: 't', copy: 'f' };
const WHOLE = { a: 'f', copy: 't' };

/** What the step's session was asked, and what the server refused. */
let asked: string[];
let refused: string[];

function overheard({ session }: Bench): Session {
  return {
    query: (sql, params) => {
      asked.push(sql);
      return session.query(sql, params).catch((error: unknown) => {
        refused.push(sqlstate(error));
        throw error;
      });
    },
    onNotice: (listener) => session.onNotice(listener),
    cancel: () => session.cancel(),
    close: () => session.close(),
    processId: session.processId,
    get lost() {
      return session.lost;
    },
  };
}

const carriedOut = (running: Running) =>
  run(overheard(bench), [swap], { policies: { before: QUICK, amid: PATIENT }, ...running });

describe('a deadlock at the stronger lock', () => {
  it('on one table is refused to us at once, at every try, until the other one has ended', async () => {
    await application.query("SET deadlock_timeout = '1h'");
    let theirs: Promise<string> | null = null;
    const { result, told } = await carriedOut({
      pause: async (count) => {
        if (count === 1) {
          theirs = writes('a');
          await until(() => waiting(application));
        }
        if (count === 3) {
          await application.cancel();
          await theirs;
        }
      },
    });
    expect(refused).toEqual(['55P03', '40P01', '40P01']);
    expect(await theirs).toBe('57014');
    expect(result.kind).toBe('committed');
    expect(told.filter((line) => line === 'started 1')).toHaveLength(1);
    expect(await there()).toEqual(WHOLE);
  });

  it('over two tables, that the server ends on our side, is another try that failed; the step goes on when the other one has ended', async () => {
    await bench.session.query("SET deadlock_timeout = '500ms'");
    await application.query("SET deadlock_timeout = '1h'");
    let theirs: Promise<string> | null = null;
    const { result, told } = await carriedOut({
      pause: async (count) => {
        if (count === 1) {
          theirs = writes('b');
          await until(() => waiting(application));
        }
        if (count === 3) {
          // Cancelled by its operator: its transaction is over, and with it its lock.
          await application.cancel();
          await theirs;
        }
      },
    });
    expect(refused).toEqual(['55P03', '55P03', '40P01']);
    expect(result.kind).toBe('committed');
    expect(told.filter((line) => line === 'started 1')).toHaveLength(1);
    expect(await there()).toEqual(WHOLE);
    expect((await look.query('SELECT count(*)::int AS n FROM public.copy')).rows).toEqual([{ n: '2' }]);
  });

  it('that nobody ends leaves nothing of the step, and the other one writes', async () => {
    await bench.session.query("SET deadlock_timeout = '500ms'");
    await application.query("SET deadlock_timeout = '1h'");
    let theirs: Promise<string> | null = null;
    const { result } = await carriedOut({
      pause: async (count) => {
        if (count > 1) return;
        theirs = writes('b');
        await until(() => waiting(application));
      },
    });
    expect(result).toMatchObject({ kind: 'rolled-back', lock: { amid: true, attempt: PATIENT.tries } });
    expect(await theirs).toBe('ok');
    await application.query('COMMIT');
    expect(await there()).toEqual(UNTOUCHED);
    expect((await look.query('SELECT id FROM public.b')).rows).toEqual([{ id: '2' }]);
  });

  it('that the server ends on their side has the step go on in that very try', async () => {
    await bench.session.query("SET deadlock_timeout = '1500ms'");
    await application.query("SET deadlock_timeout = '50ms'");
    let theirs: Promise<string> | null = null;
    const { result, told } = await carriedOut({
      trying: ({ attempt, amid }) => {
        if (!amid || attempt !== PATIENT.patientTry) return;
        theirs = until(() => waiting(bench.session)).then(() => writes('b'));
      },
    });
    expect(await theirs).toBe('40P01');
    expect(result.kind).toBe('committed');
    expect(told).not.toContain('trying a 4');
    expect(await there()).toEqual(WHOLE);
  });

  it('is not waited for where those in the way wait for nothing of ours', async () => {
    let wondered = 0;
    const { result } = await carriedOut({
      deadlocked: () => {
        wondered += 1;
        return false;
      },
    });
    expect(wondered).toBe(1);
    expect(asked.filter((sql) => sql.includes('deadlock_timeout'))).toEqual([]);
    expect(result).toMatchObject({ kind: 'rolled-back', error: { sqlstate: '55P03' } });
    await application.query('ROLLBACK');
    expect(await there()).toEqual(UNTOUCHED);
  });
});

describe('the patient try', () => {
  it.each([
    [1_000, 1_200],
    [100, 300],
    [2_500, 3_000],
    [2_600, null],
    [Number.NaN, null],
  ])('with a deadlock_timeout of %s ms takes %s ms', (timeout, ms) => {
    expect(patientTryMs(timeout)).toBe(ms);
  });
});
