/**
 * Expressions made simpler where that changes no row's result: a column that was only just added is NULL everywhere,
 * so `event_type IS NULL` is true, and the CASE around it goes. For reading; the server would do as much by itself.
 */
import type { Node } from '@pgsql/types';
import { textsOf } from '../parse-tree.ts';
import { baseType, typeOf } from './kinds.ts';
import { booleanValue, FALSE, isNullConstant, NULL, TRUE } from './nodes.ts';

export interface Known {
  type(column: string): string | null;
  /** What a name stands for, when it is an expression of ours. */
  value(column: string): Node | null;
}

/** Operators of the server that give NULL for NULL (pg_operator's functions are strict). */
const STRICT = new Set(['=', '<>', '<', '>', '<=', '>=']);

const of = (value: boolean): Node => (value ? TRUE : FALSE);

function neverNull(node: Node, known: Known): boolean {
  if ('A_Const' in node) return node.A_Const.isnull !== true;
  if ('A_ArrayExpr' in node) return true;
  if ('TypeCast' in node) {
    // A cast of something that is no literal may give NULL: of a jsonb null since PostgreSQL 18.
    const arg = node.TypeCast.arg;
    return arg !== undefined && 'A_Const' in arg && arg.A_Const.sval !== undefined;
  }
  if ('CoalesceExpr' in node) return (node.CoalesceExpr.args ?? []).some((arg) => neverNull(arg, known));
  if ('ColumnRef' in node) {
    const value = known.value(textsOf(node.ColumnRef.fields).at(-1) ?? '');
    return value !== null && neverNull(value, known);
  }
  return false;
}

function nullTest(arg: Node, isNull: boolean, known: Known, node: Node): Node {
  if (isNullConstant(arg)) return of(isNull);
  return neverNull(arg, known) ? of(!isNull) : node;
}

function junction(args: readonly Node[], and: boolean): Node {
  const left = args.filter((arg) => booleanValue(arg) !== and);
  if (left.some((arg) => booleanValue(arg) === !and)) return of(!and);
  const [only, ...more] = left;
  if (!only) return of(and);
  return more.length === 0 ? only : { BoolExpr: { boolop: and ? 'AND_EXPR' : 'OR_EXPR', args: left } };
}

function negation(arg: Node, node: Node): Node {
  const value = booleanValue(arg);
  if (value !== null) return of(!value);
  return isNullConstant(arg) ? NULL : node;
}

type Case = Extract<Node, { CaseExpr: unknown }>['CaseExpr'];

/** True when all values of a CASE have one type, so that leaving some out cannot change what it gives. */
function oneType(parts: readonly (Node | undefined)[], known: Known): boolean {
  const types = parts.map((part) => (part ? typeOf(part, known.type) : null));
  return types.every(
    (type) => type !== null && type !== 'unknown' && baseType(type) === baseType(types[0] ?? ''),
  );
}

function cases(expression: Case, known: Known, node: Node): Node {
  if (expression.arg) return node;
  const arms = (expression.args ?? []).flatMap((arm) => ('CaseWhen' in arm ? [arm.CaseWhen] : []));
  const never = (arm: (typeof arms)[number]): boolean =>
    arm.expr !== undefined && (booleanValue(arm.expr) === false || isNullConstant(arm.expr));
  const left = arms.filter((arm) => !never(arm));
  const whole = [...arms.map((arm) => arm.result), expression.defresult];
  const first = left[0];
  if (left.length === arms.length && !(first?.expr && booleanValue(first.expr) === true)) return node;
  if (!oneType(whole, known)) return node;
  if (!first) return expression.defresult ?? NULL;
  if (first.expr && booleanValue(first.expr) === true && first.result) return first.result;
  return { CaseExpr: { ...expression, args: left.map((arm) => ({ CaseWhen: arm })) } };
}

function coalesce(args: readonly Node[], known: Known, node: Node): Node {
  if (!oneType(args, known)) return node;
  const left = args.filter((arg) => !isNullConstant(arg));
  const filled = left.findIndex((arg) => neverNull(arg, known));
  const kept = filled < 0 ? left : left.slice(0, filled + 1);
  const [only, ...more] = kept;
  if (!only) return args[0] ?? NULL;
  return more.length === 0 ? only : { CoalesceExpr: { args: [...kept] } };
}

type Operation = Extract<Node, { A_Expr: unknown }>['A_Expr'];

function operation({ kind, name, lexpr, rexpr }: Operation, known: Known, node: Node): Node {
  if (!lexpr || !rexpr) return node;
  const nulls = [lexpr, rexpr].filter(isNullConstant).length;
  if (nulls === 0) return node;
  if (kind === 'AEXPR_OP') return STRICT.has(textsOf(name).join('.')) ? NULL : node;
  if (kind !== 'AEXPR_DISTINCT' && kind !== 'AEXPR_NOT_DISTINCT') return node;
  const same = kind === 'AEXPR_NOT_DISTINCT';
  if (nulls === 2) return of(same);
  const arg = isNullConstant(lexpr) ? rexpr : lexpr;
  const test: Node = { NullTest: { arg, nulltesttype: same ? 'IS_NULL' : 'IS_NOT_NULL' } };
  return nullTest(arg, same, known, test);
}

function settle(node: Node, known: Known): Node {
  if ('NullTest' in node && node.NullTest.arg) {
    return nullTest(node.NullTest.arg, node.NullTest.nulltesttype === 'IS_NULL', known, node);
  }
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr;
    if (boolop === 'NOT_EXPR') return args[0] ? negation(args[0], node) : node;
    return junction(args, boolop === 'AND_EXPR');
  }
  if ('CaseExpr' in node) return cases(node.CaseExpr, known, node);
  if ('CoalesceExpr' in node) return coalesce(node.CoalesceExpr.args ?? [], known, node);
  return 'A_Expr' in node ? operation(node.A_Expr, known, node) : node;
}

/** The same expression, simpler where that is certain. */
export function fold(node: Node, known: Known): Node {
  return settle(folded(node, known), known);
}

function folded<T>(value: T, known: Known): T {
  if (Array.isArray(value)) return value.map((item: unknown) => inside(item, known)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, inside(below, known)])) as T;
}

function inside(value: unknown, known: Known): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? folded(value, known) : fold(value as Node, known);
}
