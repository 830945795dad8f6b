/** The one order in which every run takes its locks, so that no two of them can ever wait for each other. */
import { LOCK_LEVELS } from '../lock-levels.ts';
import type { StepLocks } from '../procedure/types.ts';

/**
 * The locks of several procedures as one list: on each table the strongest, the tables of applied versions first (a
 * migration tool that is at work holds that one), then by schema and name.
 *
 * @param exists tables that an earlier procedure of the same transaction makes cannot be locked before it has run
 * @param first table names, in order
 */
export function lockOrder(
  locks: readonly StepLocks[],
  first: readonly string[],
  exists: (lock: StepLocks) => boolean,
): StepLocks[] {
  const strongest = new Map<string, StepLocks>();
  for (const lock of locks.filter(exists)) {
    const key = JSON.stringify([lock.advisory ?? null, lock.schema ?? null, lock.table]);
    const known = strongest.get(key);
    if (!known || LOCK_LEVELS.indexOf(lock.level) > LOCK_LEVELS.indexOf(known.level))
      strongest.set(key, lock);
  }
  const rank = (lock: StepLocks): number => {
    if (lock.advisory !== undefined) return -1;
    const at = first.indexOf(lock.schema === undefined ? lock.table : `${lock.schema}.${lock.table}`);
    return at < 0 ? first.length : at;
  };
  const name = (lock: StepLocks): string =>
    JSON.stringify([lock.schema ?? '', lock.table, lock.advisory ?? '']);
  return [...strongest.values()].sort(
    (one, other) => rank(one) - rank(other) || (name(one) < name(other) ? -1 : 1),
  );
}
