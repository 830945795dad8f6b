/** Small pieces of parse trees, made and recognised. */
import type { Node, TypeName } from '@pgsql/types';
import { parseOne } from '../parse.ts';

export const NULL: Node = { A_Const: { isnull: true } };
export const TRUE: Node = { A_Const: { boolval: { boolval: true } } };
// The parser leaves false out of its trees.
export const FALSE: Node = { A_Const: { boolval: {} } };

export function columnRef(name: string): Node {
  return { ColumnRef: { fields: [{ String: { sval: name } }] } };
}

/** The name in a reference to one column, without a table in front; null for anything else. */
export function columnName(node: Node): string | null {
  if (!('ColumnRef' in node)) return null;
  const [only, ...more] = node.ColumnRef.fields ?? [];
  return only && more.length === 0 && 'String' in only ? (only.String.sval ?? '') : null;
}

const typeNames = new Map<string, TypeName>();

/** @param type as format_type writes it @throws {SqlSyntaxError} */
function typeTree(type: string): TypeName {
  const known = typeNames.get(type);
  if (known) return known;
  const target = selectedBy(`SELECT CAST(NULL AS ${type})`);
  if (!('TypeCast' in target) || !target.TypeCast.typeName) throw new Error(`no type: ${type}`);
  typeNames.set(type, target.TypeCast.typeName);
  return target.TypeCast.typeName;
}

function selectedBy(sql: string): Node {
  const tree = parseOne(sql);
  const first = 'SelectStmt' in tree ? tree.SelectStmt.targetList?.[0] : undefined;
  if (!first || !('ResTarget' in first) || !first.ResTarget.val) throw new Error(`no expression: ${sql}`);
  return first.ResTarget.val;
}

/** An expression from its text. @throws {SqlSyntaxError} */
export function expressionOf(text: string): Node {
  return selectedBy(`SELECT ${text}`);
}

/** @param type as format_type writes it */
export function castTo(arg: Node, type: string): Node {
  return { TypeCast: { arg, typeName: typeTree(type) } };
}

export function isNullConstant(node: Node): boolean {
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isNullConstant(node.TypeCast.arg);
  return 'A_Const' in node && node.A_Const.isnull === true;
}

/** A literal, perhaps with a cast: the same in every row, and costs nothing. */
export function isConstant(node: Node): boolean {
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg);
  if ('A_ArrayExpr' in node) return (node.A_ArrayExpr.elements ?? []).every(isConstant);
  return 'A_Const' in node;
}

export function booleanValue(node: Node): boolean | null {
  if (!('A_Const' in node) || !node.A_Const.boolval) return null;
  return node.A_Const.boolval.boolval === true;
}

type Change = (node: Node) => Node | null;

/**
 * A copy in which every node for which `change` gives another is replaced by it, from the outside in: what it gives is
 * not looked into again.
 */
export function replaced<T>(value: T, change: Change): T {
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const other = change(value as unknown as Node);
  if (other) return other as T;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, replaced(below, change)])) as T;
}

/** A copy with other expressions in the place of columns. */
export function withColumns(node: Node, value: (name: string) => Node | null): Node {
  return replaced(node, (each) => {
    const name = 'ColumnRef' in each ? columnName(each) : null;
    return name === null ? null : value(name);
  });
}

/** The columns named in an expression, each as often as it is. */
export function columnsOf(node: Node): string[] {
  const found: string[] = [];
  replaced(node, (each) => {
    const name = 'ColumnRef' in each ? columnName(each) : null;
    if (name !== null) found.push(name);
    return null;
  });
  return found;
}

export function whenThenElse(condition: Node, then: Node, otherwise: Node): Node {
  return {
    CaseExpr: { args: [{ CaseWhen: { expr: condition, result: then } }], defresult: otherwise },
  };
}
