/**
 * Functions that a change to a table calls for every row: USING, the default of a new column, a CHECK. What they compute is
 * in the table afterwards; what else they do is seen nowhere.
 */
import { onlyComputes } from './effects-functions.ts';
import { functionsIn } from './parse-tree.ts';
import type { Statement } from './types.ts';

/** As they are named: `f`, or `s.f`. Those that are known to compute a value alone are not among them. */
export function calledForRows({ tree }: Pick<Statement, 'tree'>): string[] {
  if (!('AlterTableStmt' in tree)) return [];
  return functionsIn(tree).filter((name) => !onlyComputes(name));
}

/** @param volatile the names, among those called, of functions that are declared VOLATILE */
export function callsSaid(
  statements: readonly Statement[],
  volatile: readonly string[] | undefined,
): string[] {
  return statements.flatMap((statement) =>
    calledForRows(statement)
      .filter((name) => volatile?.includes(name))
      .map(
        (name) =>
          `Statement ${statement.index} calls function ${name}(), which may do more than is seen: what it changes elsewhere is neither archived nor undone.`,
      ),
  );
}
