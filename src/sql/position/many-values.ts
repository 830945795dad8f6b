/** Which of many rows of VALUES a table does not hold: asked for together, so that it is read once for many of them. */
import type { InsertStmt, Node, SelectStmt } from '@pgsql/types';
import { parseOne } from '../parse.ts';
import { renderExpression } from '../parse-render.ts';
import { name } from '../risk/text.ts';
import type { Catalog, Column } from '../types.ts';

/** Of fewer rows each is looked for by itself, by an index where there is one. */
const FEW = 20;

/** A chain of UNION ALL goes as deep as it is long, and a stack is not (max_stack_depth). */
const TOGETHER = 200;

/** Types that have no equality (manual, functions-comparison; datatype-json, datatype-xml, datatype-geometric). */
const UNEQUAL = /^(json|xml|point|box|line|lseg|path|polygon|circle)(\[\])?$/;

const isUnequal = ({ type }: Column): boolean => UNEQUAL.test(type);

const isConstant = (node: Node): boolean => 'A_Const' in node;

/**
 * Queries whose counts, added, are the rows that are absent. Null where each row is better looked for by itself: there are
 * few, not every value is a constant, or there is nothing to compare. EXCEPT takes NULL for the same as NULL; a literal
 * takes the type of the table's column, which stands first.
 */
export function absentAmong(insert: InsertStmt, values: SelectStmt, { tables }: Catalog): Node[] | null {
  const table = tables[insert.relation?.relname ?? ''];
  const rows = (values.valuesLists ?? []).map((list) => ('List' in list ? (list.List.items ?? []) : []));
  if (!table) return null;
  const all = table.columns.map((column) => column.name);
  const named = insert.cols?.map((node) => ('ResTarget' in node ? (node.ResTarget.name ?? '') : '')) ?? all;
  const columns = named.flatMap((column, at) => {
    const found = table.columns.find((one) => one.name === column);
    return found && at < (rows[0]?.length ?? 0) ? [{ column: found, at }] : [];
  });
  const compared = columns.filter(({ column }) => !isUnequal(column));
  if (rows.length <= FEW && compared.length === columns.length) return null;
  if (compared.length === 0 || rows.some((row) => row.length !== rows[0]?.length || !row.every(isConstant)))
    return null;
  const from = `${name(table.schema)}.${name(table.bare ?? table.name)}`;
  const list = compared.map(({ column }) => name(column.name)).join(', ');
  const queries: Node[] = [];
  for (let at = 0; at < rows.length; at += TOGETHER) {
    const arms = rows.slice(at, at + TOGETHER).map((row) => {
      const cells = compared.flatMap(({ at: place }) => {
        const node = row[place];
        return node ? [renderExpression(node)] : [];
      });
      return ` UNION ALL SELECT ${cells.join(', ')}`;
    });
    queries.push(
      parseOne(
        `SELECT pg_catalog.count(*) AS n FROM ((SELECT ${list} FROM ${from} WHERE false${arms.join('')}) EXCEPT SELECT ${list} FROM ${from}) AS absent`,
      ),
    );
  }
  return queries;
}
