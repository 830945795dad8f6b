/** Where a value that does not fit comes from: the column, or the key of a jsonb column, behind an expression. Pure. */
import type { Node, SelectStmt } from '@pgsql/types';
import { textsOf } from '../../sql/parse-tree.ts';
import type { Statement } from '../../sql/types.ts';

export interface Source {
  /** As the statement names it. */
  table: string;
  column: string;
  /** Keys within a jsonb column, the last one read as text; empty for the column itself. */
  path: string[];
  /** The type it is cast to on its way, or null. */
  cast: Node | null;
}

type Scope = Map<string, string | SelectStmt>;

function addFrom(item: Node, scope: Scope): void {
  if ('RangeVar' in item) {
    const { relname = '', alias } = item.RangeVar;
    scope.set(alias?.aliasname ?? relname, relname);
  } else if ('RangeSubselect' in item) {
    const { subquery, alias } = item.RangeSubselect;
    if (subquery && 'SelectStmt' in subquery) scope.set(alias?.aliasname ?? '', subquery.SelectStmt);
  } else if ('JoinExpr' in item) {
    for (const side of [item.JoinExpr.larg, item.JoinExpr.rarg]) if (side) addFrom(side, scope);
  }
}

function scopeOf(items: readonly Node[] | undefined, first?: [string, string]): Scope {
  const scope: Scope = new Map(first ? [first] : []);
  for (const item of items ?? []) addFrom(item, scope);
  return scope;
}

/** The expression under that name in a select list. */
function outputOf(select: SelectStmt, column: string): Node | null {
  for (const target of select.targetList ?? []) {
    if (!('ResTarget' in target) || !target.ResTarget.val) continue;
    const { name, val } = target.ResTarget;
    const own = 'ColumnRef' in val ? textsOf(val.ColumnRef.fields).at(-1) : undefined;
    if ((name ?? own) === column) return val;
  }
  return null;
}

function ofColumn(parts: string[], scope: Scope, cast: Node | null): Source[] {
  const column = parts.at(-1) ?? '';
  const alias = parts.at(-2);
  const places = alias === undefined ? [...scope.values()] : [scope.get(alias)];
  // Without an alias a name among several tables is not told apart here: only the first can be meant for sure.
  const [place] = places.length > 1 ? places.slice(0, 1) : places;
  if (place === undefined) return [];
  if (typeof place === 'string') return [{ table: place, column, path: [], cast }];
  const inner = outputOf(place, column);
  return inner ? sourcesIn(inner, scopeOf(place.fromClause), cast) : [];
}

const ARROWS = new Set(['->', '->>']);

function constant(node: Node | undefined): string | null {
  if (!node || !('A_Const' in node)) return null;
  return node.A_Const.sval?.sval ?? null;
}

/** Everything whose value may become the expression's own: through COALESCE, CASE, NULLIF and casts. */
function sourcesIn(node: Node, scope: Scope, cast: Node | null = null): Source[] {
  if ('ColumnRef' in node) return ofColumn(textsOf(node.ColumnRef.fields), scope, cast);
  if ('TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    return arg ? sourcesIn(arg, scope, typeName ? { TypeName: typeName } : cast) : [];
  }
  if ('CoalesceExpr' in node) {
    return (node.CoalesceExpr.args ?? []).flatMap((arg) => sourcesIn(arg, scope, cast));
  }
  if ('CaseExpr' in node) {
    const { args, defresult } = node.CaseExpr;
    const results = (args ?? []).flatMap((arg) =>
      'CaseWhen' in arg && arg.CaseWhen.result ? [arg.CaseWhen.result] : [],
    );
    return [...results, ...(defresult ? [defresult] : [])].flatMap((one) => sourcesIn(one, scope, cast));
  }
  if ('A_Expr' in node) {
    const { kind, lexpr, rexpr, name } = node.A_Expr;
    if (kind === 'AEXPR_NULLIF' && lexpr) return sourcesIn(lexpr, scope, cast);
    const key = constant(rexpr);
    if (!ARROWS.has(textsOf(name)[0] ?? '') || key === null || !lexpr) return [];
    return sourcesIn(lexpr, scope, cast).map((source) => ({ ...source, path: [...source.path, key] }));
  }
  return [];
}

/** Of the column that the statement writes; each once. Empty where it cannot be told. */
export function sourcesOf({ tree }: Pick<Statement, 'tree'>, column: string): Source[] {
  const found = written(tree, column);
  const key = ({ table, column: of, path }: Source): string => JSON.stringify([table, of, path]);
  return found.filter((one, at) => found.findIndex((other) => key(other) === key(one)) === at);
}

function written(tree: Node, column: string): Source[] {
  if ('UpdateStmt' in tree) {
    const { relation, fromClause, targetList } = tree.UpdateStmt;
    const scope = scopeOf(fromClause, [
      relation?.alias?.aliasname ?? relation?.relname ?? '',
      relation?.relname ?? '',
    ]);
    const value = outputOf({ targetList } as SelectStmt, column);
    return value ? sourcesIn(value, scope) : [];
  }
  if ('InsertStmt' in tree) {
    const { cols, selectStmt } = tree.InsertStmt;
    const at = (cols ?? []).findIndex((one) => 'ResTarget' in one && one.ResTarget.name === column);
    const select = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined;
    const target = select?.targetList?.[at];
    if (!target || !('ResTarget' in target) || !target.ResTarget.val) return [];
    return sourcesIn(target.ResTarget.val, scopeOf(select?.fromClause));
  }
  return [];
}
