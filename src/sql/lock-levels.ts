/** Table lock modes and their order (PostgreSQL manual, explicit-locking). */
import type { Lock, LockLevel, Plan } from './types.ts';

/** From weakest to strongest. */
export const LOCK_LEVELS: readonly LockLevel[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

/** Where a lock is taken: a table of the run's schema goes by its name alone. */
export function lockedPlace(
  table: { schema: string; bare?: string } | undefined,
  name: string,
): { schema?: string; table: string } {
  return table?.bare === undefined ? { table: name } : { schema: table.schema, table: table.bare };
}

/** A step is one transaction: on each table, its strongest lock counts, and everything that is done under it. */
export function strongestLocks(locks: readonly Lock[]): Lock[] {
  const strongest = new Map<string, Lock>();
  for (const lock of locks) {
    const key = JSON.stringify([lock.step, lock.table]);
    const known = strongest.get(key) ?? lock;
    const stronger = LOCK_LEVELS.indexOf(lock.level) > LOCK_LEVELS.indexOf(known.level) ? lock : known;
    const scans = known.scans || lock.scans;
    strongest.set(key, { ...stronger, scans, rewrites: known.rewrites || lock.rewrites });
  }
  return [...strongest.values()];
}

/**
 * How long any one lock is waited for, in milliseconds: a waiting ACCESS EXCLUSIVE makes every reader queue behind it.
 */
export const LOCK_TIMEOUT_MS = 3_000;

/** Where the plan deletes rows without touching the table's definition: the bookkeeping of migrations. */
export function versionTables(plan: Plan): string[] {
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  const deleted = effects.flatMap((effect) => (effect.kind === 'delete' ? [effect.table] : []));
  return [...new Set(deleted)].sort();
}
