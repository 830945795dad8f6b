/** Looking at tables that somebody may hold locked: short tries with pauses, as for a step's own locks. */
import { pauseAfter, worthRetrying, type LockPolicy } from '../sql/execute/lock-policy.ts';
import { Stopped } from '../sql/execute/transaction.ts';
import type { LockTry } from '../sql/execute.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asText } from '../sql/values.ts';
import type { LockWait } from '../wizard/types.ts';
import { blockerLine, type LockWatch } from './waiting.ts';

export interface Patience {
  session: Session;
  watch: LockWatch;
  policy: LockPolicy;
  /** The step that it is looked for; '' for none. */
  step: string;
  during: Exclude<LockWait['during'], 'step'>;
  stopped(): boolean;
  now(): number;
  random(): number;
}

/** For what is shown before anything is confirmed: an operator can look again by a key. Milliseconds. */
export const CHECK_TOTAL_MS = 10_000;

/**
 * Does the work with a `lock_timeout` of one short try, and again after a pause when it met a lock. Not inside a
 * transaction; the work must leave none open when it fails.
 * @throws {DatabaseError} 55P03 or 40P01 after the last try, with those in the way in its detail
 * @throws {Stopped} when the operator stops in a pause
 */
export async function patiently<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { session, watch, policy, step, during, now } = patience;
  const { rows } = await session.query(
    "SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.current_setting('lock_timeout') AS former",
  );
  const pid = Number(rows[0]?.['pid']);
  const since = now();
  await setTimeoutTo(session, `${policy.tryMs}ms`);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const tried: LockTry = {
        step,
        table: '',
        level: 'ACCESS SHARE',
        attempt,
        attempts: policy.tries,
        since,
        amid: false,
      };
      // What takes long is mostly counting: who is in the way is only asked once somebody was.
      if (attempt > 1) watch.trying(tried, pid, during);
      try {
        const answer = await work();
        watch.taken();
        return answer;
      } catch (error) {
        if (session.lost || !(error instanceof DatabaseError) || !worthRetrying(error.sqlstate)) throw error;
        const pause = pauseAfter(policy, attempt, now() - since, patience.random);
        watch.missed(tried, pause, during);
        if (pause === null) throw named(error, attempt, watch);
        await watch.pause(pause);
        if (patience.stopped()) throw new Stopped();
      }
    }
  } finally {
    if (!session.lost) await setTimeoutTo(session, asText(rows[0]?.['former']));
  }
}

const setTimeoutTo = (session: Session, value: string): Promise<unknown> =>
  session.query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", [value]);

/** The server's refusal, with who was in the way. */
function named(error: DatabaseError, tries: number, { blockers, wanted }: LockWatch): DatabaseError {
  const what = wanted ? `${wanted.level} on ${wanted.table}` : 'A lock on a table that was to be looked at';
  const who = blockers.length > 0 ? ` It was held by ${blockers.map(blockerLine).join('; ')}.` : '';
  const detail = `${what} could not be had in ${tries} tries.${who}`;
  return new DatabaseError(error.message, error.sqlstate, { ...error.more, detail }, { cause: error });
}
