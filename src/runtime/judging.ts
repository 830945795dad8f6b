/** Looking before anything is confirmed: patient with locks for a moment, and a failed check where that was not enough. */
import { answers } from '../postgres/prerequisites/check.ts';
import type { Prerequisite } from '../postgres/types.ts';
import { BEFORE_WORK, worthRetrying, type LockPolicy } from '../sql/execute/lock-policy.ts';
import { DatabaseError } from '../sql/session.ts';
import type { CourseRequest } from './course.ts';
import { CHECK_TOTAL_MS, patiently } from './patience.ts';
import { watchLocks } from './waiting.ts';

export interface Looking {
  embedded: boolean;
  lockPolicy: Partial<LockPolicy>;
  now(): number;
}

/**
 * Does the work, again while a lock is in its way, for ten seconds.
 * @throws {DatabaseError} 55P03 or 40P01, with those in the way in its detail
 */
export async function lookedAt<T>(
  open: CourseRequest,
  work: () => Promise<T>,
  { embedded, lockPolicy, now }: Looking,
): Promise<T> {
  const watch = watchLocks({ emit: () => undefined, now, openOther: embedded ? null : open.openOther });
  const policy = { ...BEFORE_WORK, totalMs: CHECK_TOTAL_MS, ...lockPolicy };
  try {
    return await patiently(work, {
      session: open.session,
      watch,
      policy,
      step: '',
      during: 'look',
      stopped: () => false,
      now,
      random: Math.random,
    });
  } finally {
    await watch.close();
  }
}

/** What is in the tables cannot be judged while somebody keeps everybody out; null for every other error. */
export function heldResult(error: unknown): Prerequisite | null {
  if (!(error instanceof DatabaseError) || !worthRetrying(error.sqlstate)) return null;
  const { fail } = answers('activity', 'Nobody else is at work on these tables');
  return fail(
    `The tables cannot be looked at. ${error.more.detail ?? error.message}`,
    'Have that session end its transaction, then check again.',
  );
}
