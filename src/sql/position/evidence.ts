/** What the data says about a statement that changes rows: is there something left for it to do? */
import type { DeleteStmt, InsertStmt, Node, ResTarget, SelectStmt, UpdateStmt } from '@pgsql/types';
import { isChanging } from '../effects-functions.ts';
import { columnsIn, functionsIn, tablesIn } from '../parse-tree.ts';
import type { Session } from '../session.ts';
import type { Catalog, Statement } from '../types.ts';
import { both, count, countMatching, countReturned } from './probe.ts';

/** `unknown`: the rows do not show whether the statement has run. */
export interface Evidence {
  state: 'applied' | 'pending' | 'unknown';
  reason: string;
}

export interface Looking {
  session: Pick<Session, 'query'>;
  catalog: Catalog;
  /** A statement after this one has visibly taken effect, so that this one must have had its turn. */
  passed: boolean;
  /** The table that is written was made by an earlier statement of the plan. */
  ownTarget: boolean;
}

const rows = (n: number): string => (n === 1 ? '1 row' : `${n} rows`);

const PASSED: Evidence = { state: 'applied', reason: 'A later statement of the step has taken effect.' };

function targets(list: readonly Node[] | undefined): ResTarget[] {
  return (list ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget] : []));
}

/** Columns of the written table that a tree reads, by bare name. */
function readsAny(tree: unknown, columns: readonly string[]): boolean {
  return columnsIn(tree).some((parts) => columns.includes(parts.at(-1) ?? ''));
}

/** Whether running it twice does no more than running it once. */
function isRepeatable(update: UpdateStmt, columns: readonly string[]): boolean {
  const values = targets(update.targetList).map((one) => one.val);
  return !readsAny(values, columns) && !functionsIn(values).some(isChanging);
}

function setColumns(update: UpdateStmt): string[] {
  return targets(update.targetList).map((one) => one.name ?? '');
}

/** At least one column does not hold yet what the UPDATE would put there. */
function wouldChange(update: UpdateStmt): Node | undefined {
  const target = update.relation?.alias?.aliasname ?? update.relation?.relname ?? '';
  const args = targets(update.targetList).flatMap((one): Node[] => {
    const plain = one.val !== undefined && !('SetToDefault' in one.val) && !('MultiAssignRef' in one.val);
    if (!plain || !one.val) return [];
    const lexpr: Node = {
      ColumnRef: { fields: [{ String: { sval: target } }, { String: { sval: one.name ?? '' } }] },
    };
    return [{ A_Expr: { kind: 'AEXPR_DISTINCT', name: [{ String: { sval: '=' } }], lexpr, rexpr: one.val } }];
  });
  return args.length < 2 ? args[0] : { BoolExpr: { boolop: 'OR_EXPR', args } };
}

async function updateEvidence(update: UpdateStmt, looking: Looking): Promise<Evidence> {
  const { session, catalog } = looking;
  const { relation, whereClause, fromClause, withClause } = update;
  if (!relation) return { state: 'unknown', reason: 'The statement names no table.' };
  const columns = setColumns(update);
  const clears = whereClause !== undefined && readsAny(whereClause, columns);
  if (!clears && looking.passed) return PASSED;
  if (whereClause !== undefined) {
    const n = await count(session, catalog, countMatching(relation, whereClause, fromClause, withClause));
    if (n === 0)
      return { state: 'applied', reason: `No row of ${relation.relname ?? ''} matches its WHERE any more.` };
    if (clears)
      return { state: 'pending', reason: `${rows(n)} of ${relation.relname ?? ''} still match its WHERE.` };
  }
  const different = wouldChange(update);
  if (!different || !isRepeatable(update, columns)) {
    return {
      state: 'unknown',
      reason: 'The rows do not show whether this UPDATE has run, and running it twice may change them twice.',
    };
  }
  const left = await count(
    session,
    catalog,
    countMatching(relation, both([whereClause, different]), fromClause, withClause),
  );
  return left === 0
    ? { state: 'applied', reason: `Every row of ${relation.relname ?? ''} holds what it sets.` }
    : {
        state: 'pending',
        reason: `${rows(left)} of ${relation.relname ?? ''} do not hold yet what it sets.`,
      };
}

async function deleteEvidence(remove: DeleteStmt, { session, catalog, passed }: Looking): Promise<Evidence> {
  const { relation, whereClause, usingClause, withClause } = remove;
  if (!relation) return { state: 'unknown', reason: 'The statement names no table.' };
  const table = relation.relname ?? '';
  const n = await count(session, catalog, countMatching(relation, whereClause, usingClause, withClause));
  if (n === 0) return { state: 'applied', reason: `The rows it deletes from ${table} are gone.` };
  if (whereClause === undefined && passed) return PASSED;
  return {
    state: 'pending',
    reason: `${rows(n)} that it deletes ${n === 1 ? 'is' : 'are'} still in ${table}.`,
  };
}

/** Rows of VALUES that the table does not hold yet. Values that differ at each call are not compared. */
function absentValues(insert: InsertStmt, values: SelectStmt): Node[] | null {
  const names = targets(insert.cols).map((one) => one.name ?? '');
  const { relation } = insert;
  if (!relation || names.length === 0) return null;
  const queries = (values.valuesLists ?? []).map((list): Node | null => {
    const items = 'List' in list ? (list.List.items ?? []) : [];
    const same = items.flatMap((rexpr, at): Node[] => {
      if ('SetToDefault' in rexpr || functionsIn(rexpr).some(isChanging)) return [];
      const lexpr: Node = { ColumnRef: { fields: [{ String: { sval: names[at] ?? '' } }] } };
      return [{ A_Expr: { kind: 'AEXPR_NOT_DISTINCT', name: [{ String: { sval: '=' } }], lexpr, rexpr } }];
    });
    return same.length === 0 ? null : countMatching(relation, both(same));
  });
  return queries.every((query) => query !== null) ? queries : null;
}

async function valuesEvidence(insert: InsertStmt, values: SelectStmt, looking: Looking): Promise<Evidence> {
  const queries = absentValues(insert, values);
  const table = insert.relation?.relname ?? '';
  if (queries === null)
    return { state: 'unknown', reason: `The rows of ${table} do not show whether this INSERT has run.` };
  let absent = 0;
  for (const query of queries) absent += (await count(looking.session, looking.catalog, query)) === 0 ? 1 : 0;
  if (absent === 0) return { state: 'applied', reason: `The rows it adds are in ${table}.` };
  return {
    state: 'pending',
    reason: `${rows(absent)} that it adds ${absent === 1 ? 'is' : 'are'} not in ${table}.`,
  };
}

/** True when the SELECT leaves out what is in the target already, by whatever means. */
export function isGuarded(insert: InsertStmt): boolean {
  const table = insert.relation?.relname ?? '';
  return tablesIn(insert.selectStmt).some((name) => name === table || name.endsWith(`.${table}`));
}

async function insertEvidence(insert: InsertStmt, looking: Looking): Promise<Evidence> {
  const { session, catalog } = looking;
  const { relation, selectStmt, withClause } = insert;
  if (!relation || !selectStmt || !('SelectStmt' in selectStmt)) {
    return { state: 'unknown', reason: 'The rows do not show whether this INSERT has run.' };
  }
  const table = relation.relname ?? '';
  const query = selectStmt.SelectStmt;
  if (query.valuesLists) return valuesEvidence(insert, query, looking);
  const source = await count(session, catalog, countReturned(query, withClause));
  if (source === 0) return { state: 'applied', reason: `There is no row left to add to ${table}.` };
  if (isGuarded(insert))
    return {
      state: 'pending',
      reason: `${rows(source)} that it adds ${source === 1 ? 'is' : 'are'} not in ${table} yet.`,
    };
  const there = await count(session, catalog, countMatching(relation, undefined));
  if (there === 0)
    return { state: 'pending', reason: `${table} is empty, and there are ${rows(source)} to add.` };
  if (looking.ownTarget || looking.passed)
    return { state: 'applied', reason: `${table} holds ${rows(there)}.` };
  return {
    state: 'unknown',
    reason: `${table} holds ${rows(there)}, and nothing shows whether this INSERT added them.`,
  };
}

/** True when the statement may run again without doing anything twice. */
export function mayRunAgain(statement: Statement): boolean {
  const { tree } = statement;
  if ('DeleteStmt' in tree) return true;
  if ('InsertStmt' in tree) return isGuarded(tree.InsertStmt);
  if (!('UpdateStmt' in tree)) return false;
  const columns = setColumns(tree.UpdateStmt);
  return isRepeatable(tree.UpdateStmt, columns) || readsAny(tree.UpdateStmt.whereClause, columns);
}

/**
 * Asks the data about an UPDATE, INSERT or DELETE whose tables and columns are all there.
 *
 * @throws {DatabaseError} when a query fails: what it would have said is not known then
 */
export async function evidenceFor(statement: Statement, looking: Looking): Promise<Evidence> {
  const { tree } = statement;
  if ('UpdateStmt' in tree) return updateEvidence(tree.UpdateStmt, looking);
  if ('InsertStmt' in tree) return insertEvidence(tree.InsertStmt, looking);
  if ('DeleteStmt' in tree) return deleteEvidence(tree.DeleteStmt, looking);
  return { state: 'unknown', reason: 'The rows do not show whether this statement has run.' };
}
