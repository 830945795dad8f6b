/**
 * The columns that a query gives: their names as the server makes them (FigureColname in parse_target.c), and their types
 * where they can be read off the catalog. Nothing is guessed: what is not known is said to be so.
 */
import type { FuncCall, JoinExpr, Node, RangeVar, SelectStmt } from '@pgsql/types';
import { textsOf } from './parse-tree.ts';
import { typeNameOf } from './types-of.ts';
import type { Catalog } from './types.ts';

export interface QueryColumn {
  name: string;
  /** In format_type's spelling; '' where it is not known. */
  type: string;
}

/** Null: not all of its columns are known. */
type Columns = QueryColumn[] | null;

interface Source {
  alias: string;
  columns: Columns;
}

interface Scope {
  catalog: Catalog;
  with: ReadonlyMap<string, Columns>;
}

const SQL_VALUE: Readonly<Record<string, [string, string]>> = {
  SVFOP_CURRENT_DATE: ['current_date', 'date'],
  SVFOP_CURRENT_TIMESTAMP: ['current_timestamp', 'timestamp with time zone'],
  SVFOP_CURRENT_USER: ['current_user', 'name'],
  SVFOP_LOCALTIMESTAMP: ['localtimestamp', 'timestamp without time zone'],
  SVFOP_SESSION_USER: ['session_user', 'name'],
};

const COUNTS: Readonly<Record<string, string>> = {
  clock_timestamp: 'timestamp with time zone',
  count: 'bigint',
  gen_random_uuid: 'uuid',
  now: 'timestamp with time zone',
  row_number: 'bigint',
};

function renamedBy(columns: Columns, names: readonly string[]): Columns {
  return columns?.map((column, at) => ({ ...column, name: names[at] ?? column.name })) ?? null;
}

function tableSource(range: RangeVar, { catalog, with: ctes }: Scope): Source {
  const name = range.relname ?? '';
  const alias = range.alias?.aliasname ?? name;
  const bare = range.schemaname === undefined || range.schemaname === catalog.schema;
  const common = range.schemaname === undefined ? ctes.get(name) : undefined;
  const table = bare ? catalog.tables[name] : undefined;
  // What columns a view that the plan makes has is not worked out.
  const known = table && !table.open && table.columns.length > 0 ? table.columns : null;
  const columns = common ?? known?.map(({ name: column, type }) => ({ name: column, type })) ?? null;
  return { alias, columns: renamedBy(columns, textsOf(range.alias?.colnames)) };
}

function joinSources(join: JoinExpr, scope: Scope): Source[] {
  const both = [join.larg, join.rarg].flatMap((side) => (side ? sourcesOf(side, scope) : []));
  // USING puts the columns in another order, and an alias hides the names within.
  const plain = !join.isNatural && (join.usingClause ?? []).length === 0 && !join.alias;
  return plain ? both : [...both.map(({ alias }) => ({ alias, columns: null }))];
}

function sourcesOf(node: Node, scope: Scope): Source[] {
  if ('RangeVar' in node) return [tableSource(node.RangeVar, scope)];
  if ('JoinExpr' in node) return joinSources(node.JoinExpr, scope);
  if (!('RangeSubselect' in node)) return [{ alias: '', columns: null }];
  const { subquery, alias } = node.RangeSubselect;
  const columns = subquery && 'SelectStmt' in subquery ? columnsOf(subquery.SelectStmt, scope) : null;
  return [{ alias: alias?.aliasname ?? '', columns: renamedBy(columns, textsOf(alias?.colnames)) }];
}

function typeOfColumn(parts: readonly string[], sources: readonly Source[]): string {
  const [first = '', second] = parts.slice(-2);
  if (parts.length > 2 || sources.some(({ columns }) => columns === null)) return '';
  const among = second === undefined ? sources : sources.filter(({ alias }) => alias === first);
  const found = among.flatMap(({ columns }) =>
    (columns ?? []).filter(({ name }) => name === (second ?? first)),
  );
  return found.length === 1 ? (found[0]?.type ?? '') : '';
}

const called = ({ funcname }: FuncCall): string => textsOf(funcname).at(-1) ?? '';

/** The server's own name for an expression; null where that is not worked out. */
export function nameOf(node: Node): string | null {
  if ('ColumnRef' in node) return textsOf(node.ColumnRef.fields).at(-1) ?? null;
  if ('FuncCall' in node) return called(node.FuncCall);
  if ('TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    const within = arg ? nameOf(arg) : null;
    return within === null || within === '?column?' ? (textsOf(typeName?.names).at(-1) ?? null) : within;
  }
  if ('CoalesceExpr' in node) return 'coalesce';
  if ('MinMaxExpr' in node) return node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest';
  if ('CaseExpr' in node) {
    const last = node.CaseExpr.defresult ? nameOf(node.CaseExpr.defresult) : null;
    return last === null || last === '?column?' || last === 'case' ? 'case' : last;
  }
  if ('SQLValueFunction' in node) return SQL_VALUE[node.SQLValueFunction.op ?? '']?.[0] ?? null;
  if ('A_ArrayExpr' in node) return 'array';
  if ('RowExpr' in node) return 'row';
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? 'nullif' : '?column?';
  if ('A_Const' in node || 'BoolExpr' in node || 'NullTest' in node) return '?column?';
  if ('SubLink' in node && node.SubLink.subLinkType === 'EXISTS_SUBLINK') return 'exists';
  return null;
}

function typeOf(node: Node, sources: readonly Source[]): string {
  if ('ColumnRef' in node) return typeOfColumn(textsOf(node.ColumnRef.fields), sources);
  if ('TypeCast' in node) return typeNameOf(node.TypeCast.typeName);
  if ('A_Const' in node) {
    const { sval, ival, boolval, isnull } = node.A_Const;
    // An unknown literal becomes text (manual, typeconv-select).
    return sval || isnull ? 'text' : ival ? 'integer' : boolval ? 'boolean' : '';
  }
  if ('FuncCall' in node) return COUNTS[called(node.FuncCall)] ?? '';
  if ('SQLValueFunction' in node) return SQL_VALUE[node.SQLValueFunction.op ?? '']?.[1] ?? '';
  if ('BoolExpr' in node || 'NullTest' in node || 'BooleanTest' in node) return 'boolean';
  return '';
}

function expanded(fields: readonly Node[], sources: readonly Source[]): Columns {
  const [alias] = textsOf([...fields]).slice(-1);
  const among = alias === undefined ? sources : sources.filter((one) => one.alias === alias);
  if (among.length === 0 || among.some(({ columns }) => columns === null)) return null;
  return among.flatMap(({ columns }) => columns ?? []);
}

function withTables(select: SelectStmt, scope: Scope): Scope {
  const { withClause } = select;
  if (!withClause) return scope;
  const known = new Map(scope.with);
  for (const node of withClause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const { ctename = '', ctequery, aliascolnames } = node.CommonTableExpr;
    const query =
      ctequery && 'SelectStmt' in ctequery && !withClause.recursive
        ? columnsOf(ctequery.SelectStmt, { ...scope, with: known })
        : null;
    known.set(ctename, renamedBy(query, textsOf(aliascolnames)));
  }
  return { ...scope, with: known };
}

/** Null where one of its columns is not known by its name. Pure. */
export function columnsOf(select: SelectStmt, outer: Scope): Columns {
  const scope = withTables(select, outer);
  if (select.larg) {
    // What both arms are converted to is the server's to say.
    return columnsOf(select.larg, scope)?.map(({ name }) => ({ name, type: '' })) ?? null;
  }
  if (select.valuesLists) {
    const [first] = select.valuesLists;
    const items = first && 'List' in first ? (first.List.items ?? []) : [];
    return items.map((_, at) => ({ name: `column${at + 1}`, type: '' }));
  }
  const sources = (select.fromClause ?? []).flatMap((node) => sourcesOf(node, scope));
  const columns: QueryColumn[] = [];
  for (const node of select.targetList ?? []) {
    const target = 'ResTarget' in node ? node.ResTarget : undefined;
    const { val } = target ?? {};
    if (!val) return null;
    if ('ColumnRef' in val && (val.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)) {
      const all = expanded(val.ColumnRef.fields ?? [], sources);
      if (all === null) return null;
      columns.push(...all);
      continue;
    }
    const name = target?.name ?? nameOf(val);
    if (name === null || name === undefined) return null;
    columns.push({ name, type: typeOf(val, sources) });
  }
  return columns;
}
