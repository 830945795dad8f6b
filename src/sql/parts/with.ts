/**
 * WITH whose parts write: `WITH gone AS (DELETE … RETURNING …) INSERT … SELECT … FROM gone`. Each part is made a statement
 * of its own, in which what the others return is read by a query instead.
 */
import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { columnsIn, walk } from '../parse-tree.ts';

export type Writing = Extract<
  Node,
  { UpdateStmt: unknown } | { InsertStmt: unknown } | { DeleteStmt: unknown }
>;

export interface WrittenOut {
  written: Writing;
  tree: Node | null;
  linked: boolean;
}

const isWriting = (node: Node | undefined): node is Writing =>
  node !== undefined && ('UpdateStmt' in node || 'InsertStmt' in node || 'DeleteStmt' in node);

function clauseOf(tree: Node): WithClause | undefined {
  if ('SelectStmt' in tree) return tree.SelectStmt.withClause;
  if ('InsertStmt' in tree) return tree.InsertStmt.withClause;
  if ('UpdateStmt' in tree) return tree.UpdateStmt.withClause;
  if ('MergeStmt' in tree) return tree.MergeStmt.withClause;
  return 'DeleteStmt' in tree ? tree.DeleteStmt.withClause : undefined;
}

const commonTables = (clause: WithClause | undefined): CommonTableExpr[] =>
  (clause?.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []));

/** Whether a part of its WITH writes. */
export function hasWritingWith(tree: Node): boolean {
  return commonTables(clauseOf(tree)).some(
    ({ ctequery }) => ctequery !== undefined && !('SelectStmt' in ctequery),
  );
}

const select = (parts: SelectStmt): Node => ({
  SelectStmt: { ...parts, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' },
});

/** RETURNING of rows as they are after it: of plain columns that it does not set. */
function readsSet(exprs: readonly Node[], set: readonly string[]): boolean {
  const columns = columnsIn(exprs).map((parts) => parts.at(-1) ?? '');
  let star = false;
  walk(exprs, (kind) => {
    if (kind === 'A_Star') star = true;
  });
  return star || columns.some((column) => set.includes(column));
}

/** What it returns, as a query over the rows before it; null where there is none that gives the same. */
function returned(written: Writing): Node | null {
  if ('InsertStmt' in written) return null;
  const own = 'DeleteStmt' in written ? written.DeleteStmt : written.UpdateStmt;
  const { relation, whereClause, returningClause, withClause } = own;
  const others = 'DeleteStmt' in written ? written.DeleteStmt.usingClause : written.UpdateStmt.fromClause;
  const targetList = returningClause?.exprs ?? [];
  if (!relation || withClause || (others ?? []).length > 0 || targetList.length === 0) return null;
  if ((returningClause?.options ?? []).length > 0) return null;
  if ('UpdateStmt' in written) {
    const set = (written.UpdateStmt.targetList ?? []).flatMap((node) =>
      'ResTarget' in node ? [node.ResTarget.name ?? ''] : [],
    );
    if (readsSet(targetList, set)) return null;
  }
  return select({
    targetList,
    fromClause: [{ RangeVar: relation }],
    ...(whereClause ? { whereClause } : {}),
  });
}

/** The names of WITH that a tree reads. */
function readsOf(tree: unknown, names: readonly string[]): string[] {
  const found = new Set<string>();
  walk(tree, (kind, fields) => {
    const { relname, schemaname } = fields;
    if (
      kind === 'RangeVar' &&
      schemaname === undefined &&
      typeof relname === 'string' &&
      names.includes(relname)
    )
      found.add(relname);
  });
  return [...found];
}

interface Common {
  name: string;
  reads: string[];
  writes: boolean;
  /** As a query that reads alone; null where there is none. */
  query: CommonTableExpr | null;
}

/** It and everything that it reads, one through another. */
function behind(reads: readonly string[], all: readonly Common[]): Common[] {
  const needed = new Set(reads);
  for (const one of [...all].reverse())
    if (needed.has(one.name)) one.reads.forEach((name) => needed.add(name));
  return all.filter(({ name }) => needed.has(name));
}

function withClauseOf(needed: readonly Common[]): { withClause?: WithClause } {
  const ctes = needed.flatMap(({ query }) => (query ? [{ CommonTableExpr: query }] : []));
  return ctes.length === 0 ? {} : { withClause: { ctes } };
}

function alone(written: Writing, needed: readonly Common[]): Writing | null {
  if (needed.some(({ query }) => query === null)) return null;
  const more = withClauseOf(needed);
  const bare = <T extends { withClause?: WithClause; returningClause?: unknown }>(one: T): T => {
    const rest = { ...one };
    delete rest.withClause;
    delete rest.returningClause;
    return { ...rest, ...more };
  };
  if ('UpdateStmt' in written) return { UpdateStmt: bare(written.UpdateStmt) };
  if ('InsertStmt' in written) return { InsertStmt: bare(written.InsertStmt) };
  return { DeleteStmt: bare(written.DeleteStmt) };
}

/** Every part that writes, in order, the statement itself last; a text: why it is not followed. Pure. */
export function writtenOut(tree: Node): WrittenOut[] | string {
  const clause = clauseOf(tree);
  if (clause?.recursive) return 'a part of a recursive WITH writes';
  const tables = commonTables(clause);
  const names = tables.map(({ ctename = '' }) => ctename);
  const common: Common[] = [];
  const parts: { written: Writing; name: string | null; reads: string[] }[] = [];
  for (const table of tables) {
    const { ctename: name = '', ctequery } = table;
    const reads = readsOf(ctequery, names);
    if (ctequery && 'SelectStmt' in ctequery) {
      common.push({ name, reads, writes: false, query: table });
      continue;
    }
    if (!isWriting(ctequery)) return 'a part of its WITH is a MERGE';
    if (clauseOf(ctequery)) return 'a part of its WITH has a WITH of its own';
    const query = returned(ctequery);
    common.push({ name, reads, writes: true, query: query && { ...table, ctequery: query } });
    parts.push({ written: ctequery, name, reads });
  }
  if (isWriting(tree)) {
    const rest: Record<string, unknown> = { ...Object.values(tree)[0] };
    delete rest['withClause'];
    parts.push({ written: tree, name: null, reads: readsOf(rest, names) });
  }
  const needs = parts.map(({ reads }) => behind(reads, common));
  const read = new Set(
    needs.flatMap((needed) => needed.flatMap(({ name, writes }) => (writes ? [name] : []))),
  );
  return parts.map(({ written, name }, at) => {
    const needed = needs[at] ?? [];
    const linked = needed.some(({ writes }) => writes) || (name !== null && read.has(name));
    return { written, tree: alone(written, needed), linked };
  });
}
