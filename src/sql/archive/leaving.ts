/** Whether a table that goes is moved into the archive, or copied; and what can be neither. */
import { isInherited, isRelated, obstacle, type Setting } from '../family/keep.ts';
import type { Followed, Snapshot } from './follow.ts';

/**
 * A table whose dropping the server would refuse, or that takes others along, is not moved away from under them; one
 * that the step has altered before is made anew by an undo, not moved back as something else than it was.
 */
export function movable(table: Followed, setting: Setting): boolean {
  const { definition, drop } = table;
  if (isRelated(table)) return drop !== null && obstacle(table, setting) === null;
  if (drop === null || drop.cascade || table.altered) return false;
  if (definition.kind !== 'r' || definition.persistence === 't') return false;
  return !setting.attachments.some((one) => one.table === definition.name && one.outcome === 'breaks');
}

/** Foreign keys are taken from a parent, and so from its partitions. */
export function parentsFirst(dropped: readonly Snapshot[]): Snapshot[] {
  const depth = ({ table }: Snapshot): number =>
    (table.definition.family?.parents ?? []).reduce((most, { name }) => {
      const above = dropped.find((one) => one.table.definition.name === name);
      return above ? Math.max(most, 1 + depth(above)) : most;
    }, 0);
  return [...dropped].sort((one, other) => depth(one) - depth(other));
}

/** @throws {Error} one of a family is moved or stays: a copy of its rows alone would not bring it back */
export function mustMove(table: Followed, setting: Setting): void {
  if (!isRelated(table)) return;
  const why = obstacle(table, setting) ?? 'it cannot be moved';
  throw new Error(`Statement ${table.drop?.statement ?? 0} drops ${table.definition.name}: ${why}.`);
}

/** @throws {Error} rows of others are among those of the table, and what of it is kept does not say whose they were */
export function mustBeAlone(table: Followed): void {
  if (!isInherited(table)) return;
  throw new Error(
    `Tables inherit from ${table.definition.name}, and their rows are among its own: what goes could not be put back where it was. It runs only without the archive.`,
  );
}
