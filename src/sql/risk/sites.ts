/** The operands whose type decides whether an expression can raise: asked of the server in one query. */
import type { Node } from '@pgsql/types';
import type { Session } from '../session.ts';
import { renderExpression } from '../parse-render.ts';
import { textsOf } from '../parse-tree.ts';
import { asText } from '../values.ts';
import { isConstant } from './facts.ts';
import { fromless, innerSource, plainSelect } from './select.ts';

interface Site {
  node: Node;
  /** An expression of the operand's type that reads no row. */
  sql: string;
  /** It sees the FROM list in which the statement's expressions stand. */
  inside: boolean;
}

/** Where an expression stands. */
type Wrap = (expression: string) => Omit<Site, 'node'>;

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A sub-query in FROM sees nothing outside. */
const alone: Wrap = (expression) => ({ sql: `(SELECT ${expression})`, inside: false });

const within: Wrap = (expression) => ({ sql: expression, inside: true });

function look(value: unknown, wrap: Wrap, sites: Site[]): void {
  if (Array.isArray(value)) return value.forEach((item) => look(item, wrap, sites));
  if (!isFields(value)) return;
  const node = value as unknown as Node;
  const ask = (operand: Node | undefined): void => {
    if (operand && !isConstant(operand)) sites.push({ node: operand, ...wrap(renderExpression(operand)) });
  };
  if ('TypeCast' in node) ask(node.TypeCast.arg);
  if (
    'A_Expr' in node &&
    node.A_Expr.kind === 'AEXPR_OP' &&
    /^[-+*/%^|]+$|^#-$/.test(textsOf(node.A_Expr.name).at(-1) ?? '')
  ) {
    ask(node.A_Expr.lexpr);
    ask(node.A_Expr.rexpr);
  }
  if ('SubLink' in node || 'RangeSubselect' in node) {
    const inFrom = 'RangeSubselect' in node;
    const select = plainSelect(inFrom ? node.RangeSubselect.subquery : node.SubLink.subselect);
    if (!inFrom) look(node.SubLink.testexpr, wrap, sites);
    if (!select) return;
    const items = select.fromClause ?? [];
    const inner: Wrap = fromless(select)
      ? wrap
      : (expression) =>
          (inFrom ? alone : wrap)(`(SELECT ${expression} FROM ${innerSource(items)} WHERE false)`);
    look(items, inner, sites);
    look([select.targetList, select.whereClause, select.sortClause], inner, sites);
    return;
  }
  Object.values(value).forEach((below) => look(below, wrap, sites));
}

/**
 * The types of what `expressions` and the operands in them give, as pg_typeof writes them.
 *
 * @param from SQL of the FROM list in which the expressions stand
 * @param query adds the declarations that the text needs
 * @throws {DatabaseError} when the database cannot make sense of an expression
 */
export async function typesOf(
  session: Pick<Session, 'query'>,
  from: string,
  parts: { expressions: readonly Node[]; looked: readonly unknown[]; items: readonly Node[] },
  query: (sql: string) => string,
): Promise<Map<object, string>> {
  const sites: Site[] = [];
  for (const node of parts.expressions) sites.push({ node, ...within(renderExpression(node)) });
  look(parts.looked, within, sites);
  look(parts.items, within, sites);
  const types = new Map<object, string>();
  if (sites.length === 0) return types;
  // The FROM list stands once, for planning it takes the longer part; the join gives the one row without reading any.
  const inside = sites.flatMap((site, at) => (site.inside ? [`${site.sql} AS c${at + 1}`] : []));
  const scope = `(SELECT ${inside.join(', ')}${from === '' ? '' : ` FROM ${from}`} WHERE false) AS backout_q`;
  const typed = sites.map(({ sql, inside: own }, at) => (own ? `backout_q.c${at + 1}` : sql));
  const list = typed.map((sql, at) => `CAST(pg_catalog.pg_typeof(${sql}) AS text) AS t${at + 1}`);
  const { rows } = await session.query(
    query(`SELECT ${list.join(', ')} FROM (SELECT 1) AS backout_one LEFT JOIN ${scope} ON true`),
  );
  sites.forEach((site, at) => types.set(site.node, asText(rows[0]?.[`t${at + 1}`])));
  return types;
}
