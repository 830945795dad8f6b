/** What a step as written locks before it begins. Pure. */
import { LOCK_LEVELS, lockedPlace, strongestLocks, versionTables } from '../lock-levels.ts';
import { locksOf } from '../locks.ts';
import type { StepLocks } from '../procedure/types.ts';
import type { Plan } from '../types.ts';
import { decisive } from '../unsteady.ts';
import type { AsWrittenRequest } from './as-written.ts';

/**
 * The step's locks, the strongest on each table: first the table of applied versions, in a mode that keeps
 * `mix ecto.migrate` out, then the others by name. A table that is copied from is closed to writers as well: what
 * somebody wrote between the copy and the statement would be lost. So are tables on which it hangs what is deleted.
 */
export function locksFor(request: AsWrittenRequest, copied: ReadonlySet<string>): StepLocks[] {
  const { plan, step, pending, catalog } = request;
  const lockable = (table: string): boolean => ['r', 'p'].includes(catalog.tables[table]?.kind ?? '');
  const only: Plan = { ...plan, steps: [{ ...step, statements: [...pending] }] };
  const statements = pending.map(({ index }) => ({ index, state: 'pending' as const, reason: '' }));
  const position = { steps: [{ id: step.id, state: 'pending' as const, statements }] };
  const own = strongestLocks(locksOf(only, position, catalog).filter(({ table }) => lockable(table)));
  const fence = versionTables(plan).filter(lockable);
  const read = new Set(request.withoutArchive ? [] : decisive(pending));
  const least = (table: string): StepLocks['level'] =>
    copied.has(table) ? 'SHARE ROW EXCLUSIVE' : read.has(table) ? 'SHARE' : 'ACCESS SHARE';
  const atLeast = (table: string, level: StepLocks['level']): StepLocks['level'] =>
    LOCK_LEVELS.indexOf(level) < LOCK_LEVELS.indexOf(least(table)) ? least(table) : level;
  const rest = own
    .filter(({ table }) => !fence.includes(table))
    .map(({ table, level }) => ({ table, level: atLeast(table, level) }))
    .sort((one, other) => (one.table < other.table ? -1 : 1));
  const all = [
    ...fence.map((table) => {
      const level = own.find((one) => one.table === table)?.level ?? 'SHARE ROW EXCLUSIVE';
      const strong = LOCK_LEVELS.indexOf(level) > LOCK_LEVELS.indexOf('SHARE ROW EXCLUSIVE');
      return { table, level: strong ? level : ('SHARE ROW EXCLUSIVE' as const) };
    }),
    ...rest,
  ];
  return all.map(({ table, level }) => ({ ...lockedPlace(catalog.tables[table], table), level }));
}
