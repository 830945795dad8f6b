/**
 * UPDATEs that find no row because of what another one of the step has just done: a second one takes keys out of the
 * rows from which the first has taken them already. Without it a condition is not worked out for every row.
 */
import type { Node } from '@pgsql/types';
import { textsOf, walk, withoutLocations } from '../parse-tree.ts';
import type { Known } from './fold.ts';
import { baseType, typeOf } from './kinds.ts';
import { columnsOf, withColumns } from './nodes.ts';

/** Their right side is read as jsonb where the left one is: a constant that is no JSON fails. */
const READ_AS_JSON = ['=', '<>', '@>'];

/** Nodes, operators and functions that cannot fail by themselves, whatever a row holds. */
const NODES = ['A_ArrayExpr', 'A_Const', 'A_Expr', 'BoolExpr', 'ColumnRef', 'FuncCall', 'NullTest', 'String'];
const OPERATORS = ['=', '<>', '->', '->>', '?', '?&', '?|', '@>'];
const FUNCTIONS = ['jsonb_typeof'];
const TYPES = ['jsonb', 'text', 'character varying'];

function isHarmless(node: Node, known: Known): boolean {
  if ('A_Expr' in node) {
    const { kind, name, lexpr, rexpr } = node.A_Expr;
    const operator = textsOf(name).join('.');
    const type = baseType((lexpr && typeOf(lexpr, known.type)) ?? '');
    const unread = type === 'jsonb' && READ_AS_JSON.includes(operator) && rexpr && 'A_Const' in rexpr;
    return kind === 'AEXPR_OP' && OPERATORS.includes(operator) && TYPES.includes(type) && !unread;
  }
  return !('FuncCall' in node) || FUNCTIONS.includes(textsOf(node.FuncCall.funcname).join('.'));
}

/** A condition that is left out must not be one that might have failed. */
function cannotFail(condition: Node, known: Known): boolean {
  let harmless = true;
  walk([condition], (kind, fields) => {
    // Fields of nodes, which begin with a small letter, are passed as well.
    if (!/^[A-Z]/.test(kind)) return;
    harmless &&= NODES.includes(kind) && isHarmless({ [kind]: fields } as unknown as Node, known);
  });
  return harmless;
}

/** What must be true for the whole to be. */
function conjuncts(node: Node): Node[] {
  if (!('BoolExpr' in node) || node.BoolExpr.boolop !== 'AND_EXPR') return [node];
  return (node.BoolExpr.args ?? []).flatMap(conjuncts);
}

/** The texts of `ARRAY['a', 'b']` or `'a'`; null for anything else. */
function keysOf(node: Node | undefined): string[] | null {
  if (!node) return null;
  if ('A_Const' in node) return node.A_Const.sval ? [node.A_Const.sval.sval ?? ''] : null;
  if (!('A_ArrayExpr' in node)) return null;
  const keys = (node.A_ArrayExpr.elements ?? []).map((each) => ('A_Const' in each ? keysOf(each) : null));
  return keys.some((key) => key === null) ? null : keys.flatMap((key) => key ?? []);
}

interface Operation {
  operator: string;
  left: Node;
  keys: string[];
}

function onKeys(node: Node): Operation | null {
  if (!('A_Expr' in node) || node.A_Expr.kind !== 'AEXPR_OP') return null;
  const { name, lexpr, rexpr } = node.A_Expr;
  const keys = keysOf(rexpr);
  const operator = textsOf(name);
  return lexpr && keys && operator.length === 1 ? { operator: operator[0] ?? '', left: lexpr, keys } : null;
}

/**
 * `(x - keys) ?& keys` and the like: false or NULL. `-` takes the keys out of an object, and texts equal to them out of
 * an array, every one of them; it fails on anything else (manual, functions-json).
 */
function asksForWhatWentOut(node: Node, known: Known): boolean {
  const asked = onKeys(node);
  if (!asked || asked.keys.length === 0) return false;
  const taken = onKeys(asked.left);
  if (taken?.operator !== '-' || typeOf(taken.left, known.type) !== 'jsonb') return false;
  const gone = (key: string): boolean => taken.keys.includes(key);
  if (asked.operator === '?&') return asked.keys.some(gone);
  return (asked.operator === '?|' || asked.operator === '?') && asked.keys.every(gone);
}

const same = (one: Node, other: Node): boolean =>
  JSON.stringify(withoutLocations(one)) === JSON.stringify(withoutLocations(other));

/** The two ways of `CASE WHEN when THEN then ELSE otherwise END`. */
function waysOf(node: Node): { when: Node; then: Node; otherwise: Node } | null {
  if (!('CaseExpr' in node) || node.CaseExpr.arg || node.CaseExpr.args?.length !== 1) return null;
  const [arm] = node.CaseExpr.args;
  const { expr: when, result: then } = arm && 'CaseWhen' in arm ? arm.CaseWhen : {};
  const otherwise = node.CaseExpr.defresult;
  return when && then && otherwise ? { when, then, otherwise } : null;
}

/** True when no row can meet the condition, and working it out could not have failed on any. */
export function neverTrue(condition: Node, known: Known): boolean {
  if (!cannotFail(condition, known)) return false;
  const whole = conjuncts(condition);
  return [...new Set(columnsOf(condition))].some((name) => {
    const value = known.value(name);
    const ways = value ? waysOf(value) : null;
    if (!ways) return false;
    const where = (to: Node): Node[] =>
      whole.map((each) => withColumns(each, (column) => (column === name ? to : null)));
    // Where the CASE took its other way its own condition was not true, and here all of it would have to be.
    const otherwise = where(ways.otherwise);
    const contradicts = conjuncts(ways.when).every((part) => otherwise.some((each) => same(part, each)));
    return contradicts && where(ways.then).some((each) => asksForWhatWentOut(each, known));
  });
}
