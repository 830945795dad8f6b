/** Partitions and tables that inherit: rows of the one are rows of the other, which the carried contents do not show. */
import { familyChange } from '../family/effects.ts';
import { aboveOf } from '../family/along.ts';
import { descendantsOf } from '../family/members.ts';
import type { Effect } from '../types.ts';
import type { Context } from './context.ts';
import { lose } from './schema.ts';

const ROWS: readonly Effect['kind'][] = ['insert', 'update', 'delete', 'drop-table'];

function tablesOf(effect: Effect): string[] {
  return ROWS.includes(effect.kind) && 'table' in effect ? [effect.table] : [];
}

/**
 * What a statement does above and below the tables that it names is not followed. Rows that one of a family gets or
 * loses are those of all above it; rows that are written through a table may be those of any below it. A table that
 * becomes a part of another, or is none any more, keeps its rows, and so do the other parts.
 */
export function loseRelatives(context: Context, effects: readonly Effect[]): void {
  const { catalog } = context;
  const own = new Set(effects.flatMap(tablesOf));
  const loseOther = (table: string, why: string): void => {
    if (!own.has(table)) lose(context, table, why);
  };
  for (const effect of effects) {
    const change = familyChange(effect);
    if (change) lose(context, change.parent, `${change.part} becomes a part of it, or is none any more`);
    const changed = change ? [change.parent] : tablesOf(effect);
    for (const table of changed) {
      for (const above of aboveOf(table, catalog)) loseOther(above, `rows of its part ${table} have changed`);
    }
    if (change || effect.kind === 'drop-table') continue;
    for (const table of changed) {
      for (const below of descendantsOf(table, catalog)) {
        loseOther(below, `rows may have been changed through ${table}, of which it is a part`);
        for (const above of aboveOf(below, catalog))
          loseOther(above, `rows of its part ${below} have changed`);
      }
    }
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
