/** Values that a statement makes up where a row has none. */
import type { Node } from '@pgsql/types';
import { expressionText } from '../parse-render.ts';
import { isConstant, isGiven, isNull } from './facts.ts';
import { all, visible } from './text.ts';

export interface Making {
  /** True in rows that get the value. */
  condition: string;
  /** The constant, as written. */
  value: string;
}

const COMPARES = /^(=|<>|!=|<|>|<=|>=|~~?\*?|!~~?\*?|\?[|&]?|@>|<@|&&)$/;

/**
 * The constants that an expression gives where something else is missing: the last argument of COALESCE, the arm of
 * a CASE whose other arms come from the row.
 *
 * @param sql renders an expression so that it cannot raise
 */
export function makings(node: Node, sql: (node: Node) => string): Making[] {
  const found: Making[] = [];
  const given = (constant: Node, path: readonly string[]): void => {
    found.push({ condition: all(path), value: visible(expressionText(constant), 60) });
  };
  const look = (at: Node, path: readonly string[]): void => {
    if (isConstant(at)) return;
    if ('CoalesceExpr' in at) return coalesce(at.CoalesceExpr.args ?? [], path);
    if ('CaseExpr' in at) return choice(at, path);
    if ('TypeCast' in at && at.TypeCast.arg) return look(at.TypeCast.arg, path);
    if ('CollateClause' in at && at.CollateClause.arg) return look(at.CollateClause.arg, path);
    if ('FuncCall' in at) return (at.FuncCall.args ?? []).forEach((arg) => look(arg, path));
    if ('A_ArrayExpr' in at) return (at.A_ArrayExpr.elements ?? []).forEach((arg) => look(arg, path));
    if ('A_Expr' in at && at.A_Expr.kind === 'AEXPR_OP') {
      const operator = (at.A_Expr.name ?? [])
        .map((part) => ('String' in part ? (part.String.sval ?? '') : ''))
        .at(-1);
      if (COMPARES.test(operator ?? '')) return;
      for (const side of [at.A_Expr.lexpr, at.A_Expr.rexpr]) if (side) look(side, path);
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
