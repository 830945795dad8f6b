/** Partitions and tables that inherit: rows of the one are rows of the other, which the carried contents do not show. */
import { familyChange } from '../family/effects.ts';
import { relatives } from '../family/along.ts';
import type { Effect } from '../types.ts';
import type { Context } from './context.ts';
import { lose } from './schema.ts';

const ROWS: readonly Effect['kind'][] = ['insert', 'update', 'delete', 'drop-table'];

function tablesOf(effect: Effect): string[] {
  const change = familyChange(effect);
  if (change !== null) return [change.part];
  return ROWS.includes(effect.kind) && 'table' in effect ? [effect.table] : [];
}

/** What a statement does above and below the tables that it names is not followed. */
export function loseRelatives(context: Context, effects: readonly Effect[]): void {
  const changed = effects.flatMap((effect) => {
    const change = familyChange(effect);
    return change === null ? tablesOf(effect) : [change.part, change.parent];
  });
  const own = effects.flatMap(tablesOf);
  for (const table of relatives(changed, context.catalog))
    if (!own.includes(table))
      lose(context, table, 'rows of a table that is a part of it, or it of, have changed');
  for (const effect of effects) {
    const change = familyChange(effect);
    if (change) lose(context, change.parent, `${change.part} becomes a part of it, or is none any more`);
  }
}

/** What is counted on the table that a statement names is not counted again on its parts. */
export function assessAlong({ world, lineage, ...context }: Context, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (!effect.along || !('table' in effect)) continue;
    if (effect.kind === 'drop-table') {
      lineage.forget(effect.table);
      world.remove(effect.table);
    } else lose({ ...context, world, lineage }, effect.table, 'it has changed with its parent');
  }
}
