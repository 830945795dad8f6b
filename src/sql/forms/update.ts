/** From an UPDATE's tree to assignments over the columns of its own row. */
import type { Node, UpdateStmt } from '@pgsql/types';
import { isVolatile } from '../effects-functions.ts';
import { functionsIn, textsOf, walk } from '../parse-tree.ts';
import { columnRef, replaced } from './nodes.ts';
import { refuse } from './unfit.ts';

export interface RowUpdate {
  assignments: { column: string; value: Node }[];
  condition: Node | null;
}

/** Statement clocks give another time when the statements become one. */
const ANOTHER = new Set(['statement_timestamp', 'timeofday']);

/** What an expression may not hold when it is to be worked out for a row by itself. */
const REFUSED: Readonly<Record<string, string>> = {
  SubLink: 'has a sub-select',
  SetToDefault: 'sets a column to its default',
  MultiAssignRef: 'sets several columns from one value',
  CurrentOfExpr: 'works on a cursor',
  ParamRef: 'has a parameter',
};

/** @throws {DoesNotFit} */
export function checkExpression(expression: Node, statement: string): void {
  walk([expression], (kind) => {
    const why = REFUSED[kind];
    if (why !== undefined) refuse(`${statement} ${why}.`);
  });
  const changing = functionsIn(expression).find((name) => isVolatile(name) || ANOTHER.has(name));
  if (changing !== undefined)
    refuse(`${statement} calls ${changing}(), which gives another value each time.`);
}

/**
 * An expression with every column by its bare name.
 *
 * @param tables the names by which the row's own table may be called in it
 * @param columns those of the table
 * @throws {DoesNotFit}
 */
export function withBareNames(
  expression: Node,
  tables: readonly string[],
  columns: readonly string[],
  statement: string,
): Node {
  return replaced(expression, (node) => {
    if (!('ColumnRef' in node)) return null;
    const fields = node.ColumnRef.fields ?? [];
    const names = textsOf(fields);
    const column = names.at(-1) ?? '';
    const qualifier = names.slice(0, -1).at(-1);
    if (names.length !== fields.length || !columns.includes(column))
      return refuse(
        `${statement} reads ${names.join('.') || 'a whole row'}, which is no column of the table.`,
      );
    if (qualifier !== undefined && !tables.includes(qualifier))
      return refuse(`${statement} reads another table.`);
    return columnRef(column);
  });
}

/** @throws {DoesNotFit} */
export function rowUpdate(update: UpdateStmt, columns: readonly string[], statement: string): RowUpdate {
  if ((update.fromClause ?? []).length > 0) refuse(`${statement} reads another table.`);
  if ((update.returningClause?.exprs ?? []).length > 0) refuse(`${statement} returns rows.`);
  if (update.withClause) refuse(`${statement} begins with WITH.`);
  if (update.relation?.inh === false) refuse(`${statement} says ONLY.`);
  const tables = [update.relation?.alias?.aliasname ?? update.relation?.relname ?? ''];
  const own = (expression: Node): Node => {
    checkExpression(expression, statement);
    return withBareNames(expression, tables, columns, statement);
  };
  const assignments = (update.targetList ?? []).map((node) => {
    if (!('ResTarget' in node) || !node.ResTarget.val) return refuse(`${statement} is not readable.`);
    if ((node.ResTarget.indirection ?? []).length > 0) return refuse(`${statement} sets a part of a value.`);
    return { column: node.ResTarget.name ?? '', value: own(node.ResTarget.val) };
  });
  return { assignments, condition: update.whereClause ? own(update.whereClause) : null };
}
