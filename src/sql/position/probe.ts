/** Queries that ask the data whether a statement still has something to do. They only read. */
import type { Node, RangeVar, SelectStmt, WithClause } from '@pgsql/types';
import { renderStatement } from '../parse-render.ts';
import { cteNames, walk } from '../parse-tree.ts';
import type { Session } from '../session.ts';
import type { Catalog } from '../types.ts';

const ONE: Node = { ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } };
const COUNT: Node = {
  ResTarget: {
    name: 'n',
    val: {
      FuncCall: {
        funcname: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'count' } }],
        agg_star: true,
        funcformat: 'COERCE_EXPLICIT_CALL',
      },
    },
  },
};

function select(parts: SelectStmt): Node {
  return { SelectStmt: { ...parts, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' } };
}

/** All of the conditions, without an AND directly within an AND: the parser never makes one. */
export function both(nodes: readonly (Node | undefined)[]): Node | undefined {
  const args = nodes.flatMap((node): Node[] => {
    if (node === undefined) return [];
    const within = 'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' ? node.BoolExpr.args : undefined;
    return within ?? [node];
  });
  return args.length < 2 ? args[0] : { BoolExpr: { boolop: 'AND_EXPR', args } };
}

/** Rows of a table that a condition holds for; with `from`, those for which it holds with any row of it. */
export function countMatching(
  relation: RangeVar,
  where: Node | undefined,
  from: readonly Node[] = [],
  withClause?: WithClause,
): Node {
  const exists: Node = {
    SubLink: {
      subLinkType: 'EXISTS_SUBLINK',
      subselect: select({
        targetList: [ONE],
        fromClause: [...from],
        ...(where ? { whereClause: where } : {}),
      }),
    },
  };
  const whereClause = from.length > 0 ? exists : where;
  return select({
    targetList: [COUNT],
    fromClause: [{ RangeVar: relation }],
    ...(whereClause ? { whereClause } : {}),
    ...(withClause ? { withClause } : {}),
  });
}

/** What decides how many rows a query returns, so that its expressions need not be computed (and cannot fail). */
function isPlain(query: SelectStmt): boolean {
  const shaped = [
    query.distinctClause,
    query.groupClause,
    query.havingClause,
    query.valuesLists,
    query.windowClause,
  ];
  return (query.op ?? 'SETOP_NONE') === 'SETOP_NONE' && shaped.every((part) => part === undefined);
}

/** Rows that a query returns. Its select list is left out where it has no part in that. */
export function countReturned(query: SelectStmt, withClause?: WithClause): Node {
  const kept = { ...query };
  if (query.limitCount === undefined && query.limitOffset === undefined) delete kept.sortClause;
  const bare = isPlain(query) && !aggregates(query) ? { ...kept, targetList: [ONE] } : kept;
  return select({
    targetList: [COUNT],
    fromClause: [{ RangeSubselect: { subquery: { SelectStmt: bare }, alias: { aliasname: 'returned' } } }],
    ...(withClause ? { withClause } : {}),
  });
}

const AGGREGATES =
  /^(count|sum|avg|min|max|every|any_value|\w*_agg|\w*agg|bool_\w+|bit_\w+|std\w+|var\w+|percentile_\w+|mode)$/;

/** An aggregate, or a function returning a set, in the select list decides how many rows there are. */
function aggregates(query: SelectStmt): boolean {
  const text = JSON.stringify(query.targetList ?? []);
  const names = [
    ...text.matchAll(
      /"FuncCall":\{"funcname":\[(?:\{"String":\{"sval":"pg_catalog"\}\},)?\{"String":\{"sval":"(\w+)"/g,
    ),
  ];
  return names.some(
    ([, name = '']) =>
      AGGREGATES.test(name) ||
      /(_elements|_each|_text|_keys|_recordset|series|subscripts|^unnest|_to_table|^regexp_matches)$/.test(
        name,
      ),
  );
}

/** Puts the schema before every table that the catalog has, so that the query does not hang on the search_path. */
export function qualify<T>(tree: T, catalog: Catalog): T {
  const ctes = cteNames(tree);
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, below]) => [
      key,
      key === 'RangeVar' ? here(below as RangeVar) : visit(below),
    ]);
    return Object.fromEntries(fields) as unknown;
  };
  const here = (range: RangeVar): RangeVar => {
    const name = range.relname ?? '';
    const ours = range.schemaname === undefined && !ctes.has(name) && name in catalog.tables;
    return ours ? { ...range, schemaname: catalog.schema } : range;
  };
  return visit(tree) as T;
}

/** A WITH within may hold a statement that writes: it is never sent to look at something. */
export function writes(query: Node): boolean {
  let found = false;
  walk(query, (kind) => {
    if (/^(Update|Insert|Delete|Merge)Stmt$/.test(kind)) found = true;
  });
  return found;
}

/**
 * Runs a counting query.
 *
 * @throws {DatabaseError} from the server, {Error} when the query cannot be rendered faithfully
 */
export async function count(session: Pick<Session, 'query'>, catalog: Catalog, query: Node): Promise<number> {
  if (writes(query)) throw new Error('A counting query must not write.');
  const { rows } = await session.query(renderStatement(qualify(query, catalog)));
  const n = Number(rows[0]?.['n']);
  if (!Number.isSafeInteger(n)) throw new Error('A counting query gave no number.');
  return n;
}
