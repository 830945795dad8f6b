/** Shapes of SELECT that can be followed expression by expression. */
import type { Node, SelectStmt } from '@pgsql/types';
import { renderStatement } from '../parse-render.ts';
import { functionsIn, textsOf, walk } from '../parse-tree.ts';

const AGGREGATES = new Set([
  ...['count', 'sum', 'avg', 'min', 'max', 'array_agg', 'string_agg', 'bool_and', 'bool_or', 'every'],
  ...['jsonb_agg', 'json_agg', 'jsonb_object_agg', 'json_object_agg', 'any_value'],
]);

/** A SELECT without set operations, grouping, windows, WITH or VALUES; null for the others. */
export function plainSelect(node: Node | undefined): SelectStmt | null {
  if (!node || !('SelectStmt' in node)) return null;
  const select = node.SelectStmt;
  const more =
    (select.op !== undefined && select.op !== 'SETOP_NONE') ||
    select.valuesLists !== undefined ||
    select.groupClause !== undefined ||
    select.havingClause !== undefined ||
    select.windowClause !== undefined ||
    select.withClause !== undefined;
  return more ? null : select;
}

/** A SELECT whose rows are those of its FROM and WHERE, one for one. */
export function rowByRow(node: Node | undefined): SelectStmt | null {
  const select = plainSelect(node);
  if (!select || select.distinctClause || select.limitCount || select.limitOffset) return null;
  return aggregates(select) ? null : select;
}

/** An aggregate of this very select; one in a sub-query groups the sub-query's rows. */
function aggregates(select: SelectStmt): boolean {
  let found = false;
  walk(select.targetList ?? [], (kind, fields) => {
    if (kind === 'SubLink') return false;
    if (kind !== 'FuncCall') return;
    const called = textsOf(fields.funcname as Node[]).at(-1) ?? '';
    if (fields.agg_star === true || fields.over !== undefined || AGGREGATES.has(called)) found = true;
  });
  return found;
}

export function fromless(select: SelectStmt): boolean {
  return (select.fromClause ?? []).length === 0;
}

/** True when a scalar sub-query cannot give two rows. */
export function isSingleRow(select: SelectStmt): boolean {
  const limit = select.limitCount;
  const one = limit !== undefined && 'A_Const' in limit && limit.A_Const.ival?.ival === 1;
  return one || aggregates(select) || (fromless(select) && functionsIn(select.targetList).length === 0);
}

/** SQL of a FROM list. */
export function innerSource(items: readonly Node[]): string {
  const one: Node = { A_Const: { ival: { ival: 1 } } };
  const text = renderStatement({
    SelectStmt: {
      targetList: [{ ResTarget: { val: one } }],
      fromClause: [...items],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  });
  return text.replace(/^SELECT\s+1\s+FROM\s+/, '');
}
