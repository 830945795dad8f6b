/**
 * Locks on tables that a statement does not name because they are above or below the one it names. Source: the manual
 * (sql-altertable, ATTACH and DETACH PARTITION), and pg_locks on PostgreSQL 15: test/sql/partitions/limits.test.ts.
 */
import type { Catalog, Effect, LockLevel } from '../types.ts';
import { familyChange } from './effects.ts';
import { childrenOf, descendantsOf, INHERITS, parentsOf } from './members.ts';

export interface FamilyLock {
  table: string;
  level: LockLevel;
  scans: boolean;
}

const at = (table: string, level: LockLevel, scans = false): FamilyLock => ({ table, level, scans });

/** What belongs into the default partition depends on which others there are: it is locked as they come and go. */
function defaultOf(parent: string, catalog: Catalog): string[] {
  return childrenOf(parent, catalog).filter((child) =>
    catalog.tables[child]?.family?.parents.some(({ bound }) => bound === 'DEFAULT'),
  );
}

/** Of ATTACH, DETACH, INHERIT and NO INHERIT; null for other effects. */
export function changeLocks(
  effect: Effect,
  catalog: Catalog | undefined,
  how: { concurrently: boolean; makes: boolean },
): FamilyLock[] | null {
  const change = familyChange(effect);
  if (change === null) return null;
  const { part, parent, value } = change;
  // A table that the statement makes is nobody's yet; its parent is locked as for ATTACH, but wholly.
  if (how.makes) {
    if (value === INHERITS) return [at(parent, 'SHARE UPDATE EXCLUSIVE')];
    const rest = catalog ? defaultOf(parent, catalog) : [];
    return [at(parent, 'ACCESS EXCLUSIVE'), ...rest.map((one) => at(one, 'ACCESS EXCLUSIVE', true))];
  }
  const [needs] = effect.kind === 'object' ? Object.values(effect.needs ?? {}) : [];
  if (value === INHERITS) return [at(part, 'ACCESS EXCLUSIVE'), at(parent, 'SHARE UPDATE EXCLUSIVE')];
  if (value === '' && needs === INHERITS) return [at(part, 'ACCESS EXCLUSIVE'), at(parent, 'ACCESS SHARE')];
  if (value === '') {
    const rest = catalog ? defaultOf(parent, catalog) : [];
    if (!how.concurrently) return [part, parent, ...rest].map((one) => at(one, 'ACCESS EXCLUSIVE'));
    return [at(part, 'ACCESS EXCLUSIVE'), at(parent, 'SHARE UPDATE EXCLUSIVE')];
  }
  const below = catalog ? descendantsOf(part, catalog) : [];
  const rest = catalog ? defaultOf(parent, catalog) : [];
  return [
    at(part, 'ACCESS EXCLUSIVE', true),
    at(parent, 'SHARE UPDATE EXCLUSIVE'),
    ...[...below, ...rest].map((one) => at(one, 'ACCESS EXCLUSIVE', true)),
  ];
}

/** A partition goes under a lock on its parent, whose partitions change with it. */
export function droppedFrom(effect: Effect, catalog: Catalog | undefined): FamilyLock[] {
  if (effect.kind !== 'drop-table' || effect.along || !catalog) return [];
  const partition = catalog.tables[effect.table]?.family?.parents.some(({ bound }) => bound !== null);
  if (!partition) return [];
  const parents = parentsOf(effect.table, catalog);
  return [...parents, ...parents.flatMap((one) => defaultOf(one, catalog))].map((one) =>
    at(one, 'ACCESS EXCLUSIVE'),
  );
}

/** Statements on rows, indexes and constraints of a table work on those below it as well, under the same lock. */
const DOWN: readonly Effect['kind'][] = [
  'update',
  'delete',
  'create-index',
  'add-constraint',
  'validate-constraint',
  'lock',
];

export function locksBelow(effect: Effect, catalog: Catalog | undefined): string[] {
  return catalog && DOWN.includes(effect.kind) && 'table' in effect && !effect.along
    ? descendantsOf(effect.table, catalog)
    : [];
}
