/** How many rows each table of a plan holds once the plan has run: what verification compares with. */
import type { World } from '../contents.ts';
import { DatabaseError } from '../session.ts';
import { tablesOf } from '../tables-of.ts';
import type { Plan } from '../types.ts';
import type { Questions } from './questions.ts';

/** A table that the plan only deletes rows from is bookkeeping: others write there, so its count proves nothing. */
function bookkeeping(plan: Plan): Set<string> {
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  return new Set(effects.flatMap((effect) => (effect.kind === 'delete' ? [effect.table] : [])));
}

/**
 * Counted on the carried contents; a table whose contents were lost track of is left out, never guessed. So is one
 * where a value on the way does not fit: then the statement fails too, and `failing` says why.
 */
export async function rowsAfter(
  world: World,
  plan: Plan,
  questions: Questions,
): Promise<Record<string, number>> {
  const skipped = bookkeeping(plan);
  const counts: Record<string, number> = {};
  for (const table of tablesOf(plan)) {
    const contents = skipped.has(table) ? null : world.find(table);
    if (!contents || contents.lost !== null) continue;
    try {
      await questions.count(contents.cte, (rows) => (counts[table] = rows));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.more.connectionLost) throw error;
    }
  }
  return counts;
}
