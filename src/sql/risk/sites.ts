/** The operands whose type decides whether an expression can raise: asked of the server in one query. */
import type { Node } from '@pgsql/types';
import type { Session } from '../session.ts';
import { renderExpression } from '../parse-render.ts';
import { textsOf } from '../parse-tree.ts';
import { asText } from '../values.ts';
import { isConstant } from './facts.ts';
import { fromless, innerSource, plainSelect } from './select.ts';

/** Turns an expression into a scalar sub-query that reads no row and has the expression's type. */
type Wrap = (expression: string) => string;

interface Site {
  node: Node;
  query: string;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A sub-query in FROM sees nothing outside. */
const alone: Wrap = (expression) => `(SELECT ${expression})`;

function look(value: unknown, wrap: Wrap, sites: Site[]): void {
  if (Array.isArray(value)) return value.forEach((item) => look(item, wrap, sites));
  if (!isFields(value)) return;
  const node = value as unknown as Node;
  const ask = (operand: Node | undefined): void => {
    if (operand && !isConstant(operand))
      sites.push({ node: operand, query: wrap(renderExpression(operand)) });
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
  const wrap: Wrap = (expression) =>
    `(SELECT ${expression}${from === '' ? '' : ` FROM ${from}`} WHERE false)`;
  const sites: Site[] = [];
  for (const node of parts.expressions) sites.push({ node, query: wrap(renderExpression(node)) });
  look(parts.looked, wrap, sites);
  look(parts.items, wrap, sites);
  const types = new Map<object, string>();
  if (sites.length === 0) return types;
  const list = sites.map((site, at) => `CAST(pg_catalog.pg_typeof(${site.query}) AS text) AS t${at + 1}`);
  const { rows } = await session.query(query(`SELECT ${list.join(', ')}`));
  sites.forEach((site, at) => types.set(site.node, asText(rows[0]?.[`t${at + 1}`])));
  return types;
}
