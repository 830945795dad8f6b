/** What INSERT and UPDATE write into columns, read off their parse trees. */
import type { Node } from '@pgsql/types';
import type { Statement } from '../../sql/types.ts';

export interface Assignment {
  table: string;
  column: string;
  value: Node;
}

function targets(list: readonly Node[] | undefined): { name: string; value: Node | undefined }[] {
  return (list ?? []).flatMap((node) =>
    'ResTarget' in node ? [{ name: node.ResTarget.name ?? '', value: node.ResTarget.val }] : [],
  );
}

/** The expressions a statement assigns; INSERT … SELECT by position. */
export function assignmentsOf(statement: Statement): Assignment[] {
  const { tree } = statement;
  if ('UpdateStmt' in tree) {
    const table = tree.UpdateStmt.relation?.relname ?? '';
    return targets(tree.UpdateStmt.targetList).flatMap(({ name, value }) =>
      value ? [{ table, column: name, value }] : [],
    );
  }
  if (!('InsertStmt' in tree)) return [];
  const table = tree.InsertStmt.relation?.relname ?? '';
  const source = tree.InsertStmt.selectStmt;
  const values = source && 'SelectStmt' in source ? targets(source.SelectStmt.targetList) : [];
  return targets(tree.InsertStmt.cols).flatMap(({ name }, at) => {
    const value = values[at]?.value;
    return value ? [{ table, column: name, value }] : [];
  });
}

function withoutCast(node: Node): Node {
  return 'TypeCast' in node && node.TypeCast.arg ? withoutCast(node.TypeCast.arg) : node;
}

function literalOf(node: Node | undefined): string | null {
  const bare = node ? withoutCast(node) : undefined;
  if (!bare || !('A_Const' in bare)) return null;
  const { sval, fval, ival, boolval, isnull } = bare.A_Const;
  if (isnull) return null;
  if (sval) return `'${sval.sval ?? ''}'`;
  if (fval) return fval.fval ?? '0';
  return boolval ? String(boolval.boolval ?? false) : String(ival?.ival ?? 0);
}

/** The constant that COALESCE falls back to, as written, when `value` is such an expression; otherwise null. */
export function fallbackConstant(value: Node): string | null {
  const bare = withoutCast(value);
  return 'CoalesceExpr' in bare ? literalOf(bare.CoalesceExpr.args?.at(-1)) : null;
}

/** `SET c = 'unknown' WHERE c IS NULL`: the columns for which a statement makes a constant of nothing. */
export function constantForNull(statement: Statement): { table: string; column: string; constant: string }[] {
  const { tree } = statement;
  const where = 'UpdateStmt' in tree ? tree.UpdateStmt.whereClause : undefined;
  if (!where || !('NullTest' in where) || where.NullTest.nulltesttype !== 'IS_NULL') return [];
  const arg = where.NullTest.arg;
  const last = arg && 'ColumnRef' in arg ? arg.ColumnRef.fields?.at(-1) : undefined;
  const tested = last && 'String' in last ? last.String.sval : undefined;
  return assignmentsOf(statement).flatMap(({ table, column, value }) => {
    const constant = literalOf(value);
    return column === tested && constant !== null ? [{ table, column, constant }] : [];
  });
}
