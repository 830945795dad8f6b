/** Whether a table that goes is moved into the archive, or copied; and what can be neither. */
import { isInherited, isRelated, obstacle, type Setting } from '../family/keep.ts';
import type { Effect } from '../types.ts';
import type { Followed } from './follow.ts';

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

const OF_PART: readonly Effect['kind'][] = ['drop-column', 'drop-not-null', 'alter-type', 'drop-constraint'];
const OF_PARENT: readonly Effect['kind'][] = ['alter-type', 'drop-constraint'];

/** @throws {Error} a part could be attached again only when it is what it was, which it is not before its rows are back */
export function mustFit({ flow, pending }: Setting): void {
  const of = (name: string): Followed | undefined =>
    flow.tables.find(({ definition }) => definition.name === name);
  const changed = (table: Followed | undefined, kinds: readonly Effect['kind'][]): boolean =>
    pending.some(({ effects }) =>
      effects.some(
        (effect) =>
          kinds.includes(effect.kind) &&
          effect.along !== true &&
          'table' in effect &&
          [table?.definition.name, table?.now].includes(effect.table),
      ),
    );
  for (const { statement, part, parent, joins } of flow.links) {
    if (joins || of(part)?.drop) continue;
    const which = changed(of(part), OF_PART) ? part : changed(of(parent), OF_PARENT) ? parent : null;
    if (which === null) continue;
    throw new Error(
      `Statement ${statement} takes ${part} out of ${parent}, and the step changes what ${which} may hold: an undo could not attach ${part} as it was. Make these steps of their own.`,
    );
  }
}
