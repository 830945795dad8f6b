/** How many rows each table of a plan holds once the plan has run: what verification compares with. */
import type { World } from '../contents.ts';
import { DatabaseError } from '../session.ts';
import { tablesOf } from '../tables-of.ts';
import type { Plan, Statement } from '../types.ts';
import type { Questions } from './questions.ts';

/** A table that the plan only deletes rows from is bookkeeping: others write there, so its count proves nothing. */
function bookkeeping(statements: readonly Statement[]): string[] {
  const effects = statements.flatMap((statement) => statement.effects);
  return effects.flatMap((effect) => (effect.kind === 'delete' ? [effect.table] : []));
}

/** Which rows ON CONFLICT leaves out is not followed; nor, then, how many rows are taken on from there. */
function uncertain(statements: readonly Statement[]): string[] {
  const found = new Set<string>();
  for (const { tree, effects } of statements) {
    const conflict = 'InsertStmt' in tree && tree.InsertStmt.onConflictClause !== undefined;
    for (const effect of effects) {
      if (effect.kind === 'rename-table' && found.has(effect.from)) found.add(effect.to);
      if (effect.kind === 'insert' && (conflict || effect.reads.some((read) => found.has(read))))
        found.add(effect.table);
      if (effect.kind === 'create-table' && effect.as?.reads.some((read) => found.has(read)))
        found.add(effect.table);
    }
  }
  return [...found];
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
  const statements = plan.steps.flatMap((step) => step.statements);
  const skipped = new Set([...bookkeeping(statements), ...uncertain(statements)]);
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
