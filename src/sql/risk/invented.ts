/** Values that a statement makes up where a row has none. */
import type { Node } from '@pgsql/types';
import { expressionText } from '../parse-render.ts';
import { textsOf } from '../parse-tree.ts';
import { columnParts, isConstant, isGiven, isNull } from './facts.ts';
import { all, visible } from './text.ts';

export interface Making {
  /** True in rows that get the value. */
  condition: string;
  /** The constant, as written. */
  value: string;
}

/** What columns of sub-queries make up, by `alias.column`. */
export type Made = ReadonlyMap<string, readonly Making[]>;

function madeBy(made: Made, parts: readonly string[]): readonly Making[] {
  if (parts.length > 1) return made.get(parts.slice(-2).join('.')) ?? [];
  return [...made].find(([name]) => name.endsWith(`.${parts[0] ?? ''}`))?.[1] ?? [];
}

/** A constant that stands for a whole value, as written. */
export function constantText(node: Node): string {
  return visible(expressionText(node), 60);
}

/**
 * The constants that an expression gives where something else is missing: the last argument of COALESCE, the arm of
 * a CASE whose other arms come from the row.
 *
 * @param sql renders an expression so that it cannot raise
 * @param made what the columns that it names make up themselves
 */
export function makings(node: Node, sql: (node: Node) => string, made: Made): Making[] {
  const found: Making[] = [];
  const given = (constant: Node, path: readonly string[]): void => {
    found.push({ condition: all(path), value: constantText(constant) });
  };
  const look = (at: Node, path: readonly string[]): void => {
    if (isConstant(at)) return;
    if ('CoalesceExpr' in at) return coalesce(at.CoalesceExpr.args ?? [], path);
    if ('CaseExpr' in at) return choice(at, path);
    if ('TypeCast' in at && at.TypeCast.arg) return look(at.TypeCast.arg, path);
    if ('CollateClause' in at && at.CollateClause.arg) return look(at.CollateClause.arg, path);
    // Taking keys out of a value that was made up leaves it made up.
    if ('A_Expr' in at && at.A_Expr.lexpr && /^#?-$/.test(textsOf(at.A_Expr.name).at(-1) ?? '')) {
      return look(at.A_Expr.lexpr, path);
    }
    const parts = columnParts(at);
    for (const one of parts ? madeBy(made, parts) : []) {
      found.push({ ...one, condition: all([...path, one.condition]) });
    }
  };
  const coalesce = (args: readonly Node[], path: readonly string[]): void => {
    const before = [...path];
    for (const arg of args) {
      if (isGiven(arg)) return given(arg, before);
      look(arg, before);
      before.push(`(${sql(arg)}) IS NULL`);
    }
  };
  const choice = (at: Extract<Node, { CaseExpr: unknown }>, path: readonly string[]): void => {
    const { arg, args = [], defresult } = at.CaseExpr;
    const arms = args.flatMap((arm) => ('CaseWhen' in arm ? [arm.CaseWhen] : []));
    const results = [...arms.map((arm) => arm.result), defresult].filter(
      (one): one is Node => one !== undefined,
    );
    // Where every arm is a constant, values are translated, not made up.
    const mixed = results.some((result) => !isConstant(result) && !isNull(result));
    const before = [...path];
    for (const arm of arms) {
      const test = arm.expr ? sql(arm.expr) : 'false';
      const taken = arg ? `(${sql(arg)}) = (${test})` : `(${test})`;
      const inside = [...before, `(${taken}) IS TRUE`];
      if (arm.result && mixed && isGiven(arm.result)) given(arm.result, inside);
      else if (arm.result) look(arm.result, inside);
      before.push(`(${taken}) IS NOT TRUE`);
    }
    if (defresult && mixed && isGiven(defresult)) given(defresult, before);
    else if (defresult) look(defresult, before);
  };
  look(node, []);
  return found;
}
