/** Effects of COPY, and of the INSERT that one with rows below it was made. */
import type { CopyStmt, Node, SelectStmt } from '@pgsql/types';
import { tableText } from '../parse-tree.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { MARK } from './inline.ts';
import { MOST_CHARACTERS, MOST_ROWS } from './text.ts';

const not = (why: string): Effect[] => [{ kind: 'not-understood', what: `COPY: ${why}` }];

/** @param reading effects of a query */
export function copyEffects(copy: CopyStmt, reading: (select: SelectStmt) => Effect[]): Effect[] {
  const { relation, query, is_from, is_program, filename } = copy;
  if (is_program) return not('it runs a program on the server, which may do anything there');
  if (is_from && filename !== undefined)
    return not(`it reads ${filename} on the server: what would go into the table cannot be seen from here`);
  if (is_from)
    return not(
      `its rows are sent as INSERT … VALUES where they stand below it in the text format, up to a line \\. and at most ${MOST_ROWS} (${MOST_CHARACTERS} characters); these do not`,
    );
  if (filename !== undefined)
    return not(`it writes ${filename} on the server, which is neither seen nor taken back from here`);
  if (query) {
    if (!('SelectStmt' in query)) return not('the statement whose rows it shows writes');
    return reading(query.SelectStmt);
  }
  return [{ kind: 'select', reads: relation ? [tableText(relation)] : [] }];
}

const firstRow = ({ tree }: Pick<Statement, 'tree'>): { table: string; values: number } | null => {
  const insert = 'InsertStmt' in tree ? tree.InsertStmt : undefined;
  const query: Node | undefined = insert?.selectStmt;
  const rows = query && 'SelectStmt' in query ? query.SelectStmt.valuesLists : undefined;
  const [first] = rows ?? [];
  if (!insert || insert.cols !== undefined || !first || !('List' in first)) return null;
  return { table: insert.relation?.relname ?? '', values: (first.List.items ?? []).length };
};

/** How many rows it adds, of an INSERT that was a COPY; else null. */
export function copiedRows({ sql, tree }: Pick<Statement, 'sql' | 'tree'>): number | null {
  if (!sql.startsWith(MARK) || !('InsertStmt' in tree)) return null;
  const query = tree.InsertStmt.selectStmt;
  return query && 'SelectStmt' in query ? (query.SelectStmt.valuesLists?.length ?? 0) : null;
}

/** COPY refuses rows with fewer values than the table has columns, where INSERT would take the defaults. */
export function withWholeRows(
  effects: readonly Effect[],
  statement: Pick<Statement, 'sql' | 'tree'>,
  { tables }: Catalog,
): readonly Effect[] {
  if (copiedRows(statement) === null) return effects;
  const row = firstRow(statement);
  const table = tables[row?.table ?? ''];
  if (!row || !table || table.open) return effects;
  const columns = table.columns.filter(({ generated }) => generated === '').length;
  return columns === row.values
    ? effects
    : not(`its rows have ${row.values} values, and ${row.table} has ${columns} columns`);
}
