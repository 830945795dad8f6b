/** Other sessions hold what the step wants. */
import type pg from 'pg';
import type { Fault, Strike } from '../support/point.ts';
import type { Verdict } from '../support/proxy.ts';
import type { Reference, Traced } from '../support/reference.ts';

const LOCK = /^\s*LOCK TABLE (\S+) IN ([A-Z ]+) MODE/i;

const lockOf = ({ sql }: Traced): { table: string; mode: string } | null => {
  const [, table, mode] = LOCK.exec(sql) ?? [];
  return table && mode ? { table, mode: mode.trim() } : null;
};

/** The weakest lock that is in the way of `mode` (manual, explicit-locking, table 13.2). */
const against = (mode: string): string =>
  mode === 'ACCESS EXCLUSIVE' ? 'ACCESS SHARE' : mode === 'EXCLUSIVE' ? 'ROW SHARE' : 'ROW EXCLUSIVE';

/** Each table that a step locks is held by a reader or writer until the program has given up. */
export function lockTimeouts(reference: Reference): Fault[] {
  return reference.trace.flatMap((at) => {
    const lock = lockOf(at);
    if (lock === null) return [];
    let holder: pg.Client | null = null;
    return [
      {
        kind: 'lock-timeout',
        at,
        side: 'before',
        strike: async ({ lab, database }): Promise<Verdict> => {
          holder = await lab.open(database);
          await holder.query('BEGIN');
          await holder.query(`LOCK TABLE ${lock.table} IN ${against(lock.mode)} MODE`);
          return 'pass';
        },
        settle: () => holder?.end(),
        check: ({ ended }) =>
          ended.status === 75 ? [] : [`it ended with ${ended.status}, and a lock it does not get is 75`],
      } satisfies Fault,
    ];
  });
}

/** As {@link lockTimeouts}, but the holder goes within a second: a step that tries again gets through by itself. */
export function locksForAWhile(reference: Reference): Fault[] {
  return lockTimeouts(reference).map((fault) => {
    const before = fault.at?.before ?? 0;
    return {
      ...fault,
      kind: 'lock-for-a-while',
      check: () => [],
      allowed: Array.from(
        { length: reference.scenario.steps.length + 1 - before },
        (_, more) => before + more,
      ),
      strike: async (strike) => {
        const verdict = (await fault.strike?.(strike)) ?? 'pass';
        setTimeout(() => void fault.settle?.(strike), 1000);
        return verdict;
      },
    };
  });
}

/**
 * Two sessions, two tables, each holding what the other wants. The server ends one of the two: the step when the other
 * is patient, the other when it is not.
 */
export function deadlocks(reference: Reference): Fault[] {
  return reference.trace.flatMap((at, place) => {
    const second = lockOf(at);
    const before = reference.trace
      .slice(0, place)
      .filter(({ transaction }) => transaction === at.transaction);
    const first = before.map(lockOf).findLast((lock) => lock !== null) ?? null;
    if (second === null || first === null) return [];
    const wants = async (other: pg.Client): Promise<void> => {
      const lock = `LOCK TABLE ${first.table} IN ${against(first.mode)} MODE`;
      await other
        .query(lock)
        .catch(() => undefined)
        .finally(() => other.end());
    };
    const fault = (victim: 'step' | 'other'): Fault => {
      let over: Promise<unknown> = Promise.resolve();
      return {
        kind: 'deadlock',
        name: `the ${victim} is the victim`,
        at,
        side: 'before',
        allowed: reference.states.map((_, whole) => whole).filter((whole) => whole >= at.before),
        strike: async (strike): Promise<Verdict> => {
          const other = await strike.lab.open(strike.database);
          // Whoever waits looks for a deadlock once, after so long: the patient one is not the one to find it.
          await other.query(`SET deadlock_timeout = '${victim === 'step' ? '60s' : '10ms'}'`);
          await other.query('BEGIN');
          await other.query(`LOCK TABLE ${second.table} IN ${against(second.mode)} MODE`);
          if (victim === 'step') {
            over = wants(other);
            await untilWaiting(strike, first.table);
          } else over = untilWaiting(strike, second.table).then(() => wants(other));
          return 'pass';
        },
        settle: async () => void (await over),
      };
    };
    return [fault('step'), fault('other')];
  });
}

async function untilWaiting({ lab, database }: Strike, table: string): Promise<void> {
  const waiting = `SELECT FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass`;
  await lab.use(database, async (client) => {
    while ((await client.query(waiting)).rowCount === 0)
      await new Promise((resolve) => setTimeout(resolve, 2));
  });
}
