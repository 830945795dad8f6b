/** What can be said of an expression without asking the database. */
import type { Node } from '@pgsql/types';
import type { Fact } from '../contents.ts';
import { columnsIn, functionsIn, textsOf, walk } from '../parse-tree.ts';
import { parseType } from '../castable.ts';
import { typeNameOf } from '../types-of.ts';

/** What is known of a column that an expression names, as `[column]` or `[alias, column]`. */
export type Known = (parts: readonly string[]) => { fact: Fact; type: string } | null;

/** Functions that make a value up: it says nothing about the row. */
const MADE_UP = new Set([
  'now',
  'gen_random_uuid',
  'uuid_generate_v4',
  'clock_timestamp',
  'statement_timestamp',
  'random',
]);

/** The parts of a plain column reference, or null. */
export function columnParts(node: Node | undefined): string[] | null {
  if (!node || !('ColumnRef' in node)) return null;
  const fields = node.ColumnRef.fields ?? [];
  return fields.every((field) => 'String' in field) ? textsOf(fields) : null;
}

/** True for NULL, cast or not. */
export function isNull(node: Node): boolean {
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isNull(node.TypeCast.arg);
  return 'A_Const' in node && node.A_Const.isnull === true;
}

/** True when nothing in the expression comes from a row: constants, and what is made up on the spot. */
export function isConstant(node: Node): boolean {
  let constant = columnsIn(node).length === 0;
  walk([node], (kind) => {
    if (kind === 'SubLink' || kind === 'A_Star' || kind === 'SetToDefault' || kind === 'ParamRef')
      constant = false;
  });
  return constant && functionsIn(node).every((call) => MADE_UP.has(call) || call === 'timezone');
}

/** True for an empty text, array or object and every other constant: a value given where none was. */
export function isGiven(node: Node): boolean {
  return isConstant(node) && !isNull(node);
}

function functionFact(node: Extract<Node, { FuncCall: unknown }>['FuncCall']): Fact {
  const called = textsOf(node.funcname).at(-1) ?? '';
  return MADE_UP.has(called) || called === 'concat' || called.startsWith('jsonb_build_') ? 'filled' : 'open';
}

/** Whether an expression is NULL in every row, in none, or not known. */
export function factOf(node: Node, known: Known): Fact {
  if ('A_Const' in node) return node.A_Const.isnull ? 'null' : 'filled';
  if ('TypeCast' in node) {
    const below = node.TypeCast.arg ? factOf(node.TypeCast.arg, known) : 'open';
    // jsonb's null becomes NULL when cast, from PostgreSQL 18.
    return below === 'filled' && node.TypeCast.arg && !isConstant(node.TypeCast.arg) && !textual(node)
      ? 'open'
      : below;
  }
  if ('CoalesceExpr' in node) {
    const facts = (node.CoalesceExpr.args ?? []).map((arg) => factOf(arg, known));
    if (facts.includes('filled')) return 'filled';
    return facts.every((fact) => fact === 'null') ? 'null' : 'open';
  }
  if ('CaseExpr' in node) {
    const arms = (node.CaseExpr.args ?? []).map((arm) =>
      'CaseWhen' in arm ? arm.CaseWhen.result : undefined,
    );
    const facts = [...arms, node.CaseExpr.defresult].map((arm) => (arm ? factOf(arm, known) : 'null'));
    return facts.every((fact) => fact === facts[0]) ? (facts[0] ?? 'open') : 'open';
  }
  if ('A_ArrayExpr' in node || 'SQLValueFunction' in node) return 'filled';
  if ('FuncCall' in node) return functionFact(node.FuncCall);
  if ('SubLink' in node) return node.SubLink.subLinkType === 'EXISTS_SUBLINK' ? 'filled' : 'open';
  const parts = columnParts(node);
  return (parts && known(parts)?.fact) ?? 'open';
}

function textual(node: Extract<Node, { TypeCast: unknown }>): boolean {
  return ['text', 'character varying'].includes(parseType(typeNameOf(node.TypeCast.typeName)).base);
}

/** Whether a condition is true in every row, in none, or not known. No condition is always true. */
export function truthOf(node: Node | undefined, known: Known): boolean | null {
  if (!node) return true;
  if ('NullTest' in node) {
    const fact = node.NullTest.arg ? factOf(node.NullTest.arg, known) : 'open';
    if (fact === 'open') return null;
    return (fact === 'null') === (node.NullTest.nulltesttype === 'IS_NULL');
  }
  if ('BoolExpr' in node) {
    const truths = (node.BoolExpr.args ?? []).map((arg) => truthOf(arg, known));
    if (node.BoolExpr.boolop === 'NOT_EXPR') return truths[0] === null ? null : !truths[0];
    const decisive = node.BoolExpr.boolop === 'OR_EXPR';
    if (truths.includes(decisive)) return decisive;
    return truths.every((truth) => truth === !decisive) ? !decisive : null;
  }
  return null;
}

/** The longest text that an expression can give, in characters. */
export function maxLength(node: Node, known: Known): number {
  if ('A_Const' in node) return node.A_Const.isnull ? 0 : Array.from(node.A_Const.sval?.sval ?? '').length;
  if ('TypeCast' in node) {
    const own = parseType(typeNameOf(node.TypeCast.typeName));
    const below = node.TypeCast.arg ? maxLength(node.TypeCast.arg, known) : Infinity;
    return own.base === 'uuid' ? 36 : Math.min(own.array ? Infinity : (own.mods[0] ?? Infinity), below);
  }
  if ('CoalesceExpr' in node) {
    return Math.max(0, ...(node.CoalesceExpr.args ?? []).map((arg) => maxLength(arg, known)));
  }
  const parts = columnParts(node);
  const type = parts ? known(parts)?.type : undefined;
  const own = type === undefined ? null : parseType(type);
  return own?.base.startsWith('character') === true && !own.array ? (own.mods[0] ?? Infinity) : Infinity;
}

/** The column whose values an expression keeps unchanged: itself, or with a constant for where it is NULL. */
export function wholeColumn(node: Node): string[] | null {
  if ('CoalesceExpr' in node) {
    const [first, ...rest] = node.CoalesceExpr.args ?? [];
    return first && rest.every(isConstant) ? columnParts(first) : null;
  }
  return columnParts(node);
}
