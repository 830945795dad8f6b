/** From a parse tree back to text, checked: what is rendered parses to the same tree. */
import { parseSync } from 'libpg-query';
import { deparseSync } from 'pgsql-deparser';
import type { Node, RangeVar, TypeCast } from '@pgsql/types';
import { constantOf } from './constants.ts';
import { sameTree, withoutLocations } from './parse-tree.ts';
import type { Place } from './types.ts';
import { quoteIdent, typeNameOf } from './types-of.ts';

function selectOf(expression: Node): Node {
  return {
    SelectStmt: {
      targetList: [{ ResTarget: { val: expression } }],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  };
}

/** By tree, places and all. A plan is looked at again at every survey, and few of its statements have changed then. */
const rendered = new Map<string, string>();
/** Characters of the trees that are kept at most: the shipped runbook's take far less. */
const MOST_KEPT = 8_000_000;
let kept = 0;

/**
 * A statement's tree as SQL.
 *
 * @throws {Error} when the text would not mean the same: it is never sent to a database then
 */
export function renderStatement(given: Node): string {
  const key = JSON.stringify(given);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const tree = key.includes('"place":') ? inPlace(given) : given;
  const text = deparseSync(tree);
  if (!sameTree(parseSync(text).stmts?.[0]?.stmt, tree)) {
    throw new Error(`The statement could not be rendered faithfully: ${text}`);
  }
  if (kept + key.length > MOST_KEPT) {
    rendered.clear();
    kept = 0;
  }
  rendered.set(key, text);
  kept += key.length;
  return text;
}

/** Tables of other schemas, which the tree knows by one name, under both of theirs again. */
function inPlace<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inPlace) as T;
  if (typeof value !== 'object' || value === null) return value;
  const { place, ...rest } = value as { place?: Place } & RangeVar;
  if (place && 'relname' in rest) {
    // What stands for the table now, such as a query's name, is no table of another schema any more.
    const still = rest.relname === `${place.schema}.${place.name}`;
    return (still ? { ...rest, schemaname: place.schema, relname: place.name } : rest) as T;
  }
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, inPlace<unknown>(below)])) as T;
}

/** An expression as SQL, on one line where it has no line break of its own. @throws {Error} as above */
export function renderExpression(expression: Node): string {
  return renderStatement(selectOf(expression)).replace(/^SELECT\s+/, '');
}

function castOf(cast: TypeCast): string | null {
  const arg = cast.arg;
  if (!arg) return null;
  const simple = 'A_Const' in arg || 'A_ArrayExpr' in arg || 'ColumnRef' in arg || 'FuncCall' in arg;
  return simple ? `${expressionText(arg)}::${typeNameOf(cast.typeName)}` : null;
}

function constantText(node: Extract<Node, { A_Const: unknown }>['A_Const']): string | null {
  if (node.isnull) return 'NULL';
  if (node.sval) return `'${(node.sval.sval ?? '').replaceAll("'", "''")}'`;
  if (node.ival) return String(node.ival.ival ?? 0);
  if (node.fval) return node.fval.fval ?? '0';
  return node.boolval ? String(node.boolval.boolval ?? false) : null;
}

/** An expression in words close to `pg_get_expr`'s: casts as `::`, function names as they are. */
export function expressionText(node: Node): string {
  if ('A_Const' in node) return constantText(node.A_Const) ?? renderExpression(node);
  if ('TypeCast' in node) return castOf(node.TypeCast) ?? renderExpression(node);
  if ('A_ArrayExpr' in node)
    return `ARRAY[${(node.A_ArrayExpr.elements ?? []).map(expressionText).join(', ')}]`;
  if ('ColumnRef' in node) {
    const parts = (node.ColumnRef.fields ?? []).map((field) =>
      'String' in field ? (field.String.sval ?? '') : '*',
    );
    return parts.map((part) => (part === '*' ? part : quoteIdent(part))).join('.');
  }
  return renderExpression(node);
}

/** A default as `pg_get_expr` shows it: a bare string literal carries its column's type. */
export function defaultText(node: Node, type: string): string {
  const text = expressionText(node);
  const literal = 'A_Const' in node && node.A_Const.sval !== undefined;
  return literal ? `${text}::${type.replace(/\([^)]*\)/, '')}` : text;
}

function bareOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bareOf);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Record<string, unknown>;
  if ('TypeCast' in node) return bareOf((node.TypeCast as TypeCast).arg);
  if ('A_Const' in node)
    return constantText((node as Extract<Node, { A_Const: unknown }>).A_Const)?.replace(/^'(.*)'$/s, '$1');
  return Object.fromEntries(
    Object.entries(node).map(([key, below]) => [
      key,
      key === 'funcname' ? (below as unknown[]).slice(-1) : bareOf(below),
    ]),
  );
}

/** A constant alone, whatever casts are around it, with the type of the innermost. */
function literalIn(text: string): { text: string; type: string | null } | null {
  const tree = parseSync(`SELECT ${text}`).stmts?.[0]?.stmt;
  const target = tree && 'SelectStmt' in tree ? tree.SelectStmt.targetList?.[0] : undefined;
  let node = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  let type: string | null = null;
  while (node && 'TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    const last = typeName?.names?.at(-1);
    const name = last && 'String' in last ? (last.String.sval ?? '') : '';
    type = typeName?.arrayBounds ? `${name}[]` : name;
    node = arg;
  }
  if (!node || !('A_Const' in node)) return null;
  const { sval, boolval } = node.A_Const;
  if (boolval) return { text: String(boolval.boolval ?? false), type: 'bool' };
  return sval ? { text: sval.sval ?? '', type } : null;
}

function sameLiteral(one: string, other: string): boolean {
  const [first, second] = [literalIn(one), literalIn(other)];
  const type = first?.type ?? second?.type;
  if (!first || !second || !type || (first.type && second.type && first.type !== second.type)) return false;
  return constantOf(first.text, type) === constantOf(second.text, type);
}

/** True when two defaults are the same but for casts and spelling (`'{}'` and `'{}'::jsonb`). */
export function sameExpression(one: string | null, other: string | null): boolean {
  if (one === null || other === null || one === other) return one === other;
  try {
    const keys = [one, other].map((text) =>
      JSON.stringify(bareOf(withoutLocations(parseSync(`SELECT ${text}`)))),
    );
    // An empty array is written both ways.
    const [first, second] = keys.map((key) => key.replace(/\{"A_ArrayExpr":\{\}\}/, '"{}"'));
    return first === second || sameLiteral(one, other);
  } catch {
    return false;
  }
}
