/**
 * How long a lock is waited for. A waiting ACCESS EXCLUSIVE makes everybody behind it wait, so each try is short; the
 * pauses between tries let the queue drain. Measured: one try of 2 s stalled readers for 2,001 ms, tries of 100 ms with
 * pauses for 102 ms at most, and the lock was had on the ninth.
 */
export interface LockPolicy {
  /** Milliseconds one try may take, for all the locks it takes together. */
  tryMs: number;
  /** Milliseconds of the first pause; each is twice as long as the one before, up to `longestPauseMs`. */
  firstPauseMs: number;
  longestPauseMs: number;
  tries: number;
  /** Milliseconds from the first try, after which no other is begun. */
  totalMs: number;
  /**
   * The try that may wait until the server looks for a deadlock (`deadlock_timeout`), where one is suspected: short tries
   * end before anybody looks. Absent: none.
   */
  patientTry?: number;
}

/** Before a step has done anything: nothing is held while it pauses. */
export const BEFORE_WORK: LockPolicy = {
  tryMs: 200,
  firstPauseMs: 300,
  longestPauseMs: 5_000,
  tries: 20,
  totalMs: 60_000,
};

/** In the middle of a step, while writers wait for it: shorter pauses. */
export const AMID_WORK: LockPolicy = { ...BEFORE_WORK, longestPauseMs: 1_000, patientTry: 6 };

/** Whoever reads stands behind a try all the while, so it is no longer than this, whatever the server is set to. */
const LONGEST_TRY_MS = 3_000;

/**
 * Milliseconds of the one try that outlasts `deadlock_timeout`, both in milliseconds; null where that would take too long.
 */
export function patientTryMs(deadlockTimeoutMs: number): number | null {
  const ms = deadlockTimeoutMs + Math.max(200, Math.round(deadlockTimeoutMs / 5));
  return Number.isFinite(ms) && ms <= LONGEST_TRY_MS ? ms : null;
}

/**
 * The least milliseconds a single lock of a try is given: over a slow connection the statements themselves use up the
 * try's time, and a lock that is free must still be had. `lock_timeout` counts from when the server begins to wait.
 */
const LEAST_MS = 50;

/** `lock_timeout` for the next lock of a try that began `elapsedMs` ago, in milliseconds. */
export function lockTimeout(policy: LockPolicy, elapsedMs: number): number {
  return Math.max(Math.min(LEAST_MS, policy.tryMs), Math.round(policy.tryMs - elapsedMs));
}

/**
 * Milliseconds to pause after a try that failed, between half and the whole of the step on the exponential ladder, so
 * that two who wait for each other do not meet again; null when that was the last try.
 *
 * @param attempt the try that failed, from 1
 * @param elapsedMs since the first try began
 * @param random in [0, 1)
 */
export function pauseAfter(
  policy: LockPolicy,
  attempt: number,
  elapsedMs: number,
  random: () => number,
): number | null {
  if (attempt >= policy.tries) return null;
  const ladder = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (attempt - 1));
  const pause = Math.round((ladder * (1 + random())) / 2);
  return elapsedMs + pause > policy.totalMs ? null : pause;
}

/**
 * lock_not_available and deadlock_detected (manual, errcodes-appendix) while a lock is being taken; anything else
 * would fail again.
 */
export function worthRetrying(sqlstate: string): boolean {
  return sqlstate === '55P03' || sqlstate === '40P01';
}
