/** What the data says about a statement that changes rows: is there something left for it to do? */
import type {
  AlterTableStmt,
  DeleteStmt,
  InsertStmt,
  Node,
  ResTarget,
  SelectStmt,
  UpdateStmt,
} from '@pgsql/types';
import { isChanging } from '../effects-functions.ts';
import { columnsIn, functionsIn, tablesIn } from '../parse-tree.ts';
import type { Session } from '../session.ts';
import type { Catalog, Statement } from '../types.ts';
import { isComposed, rowParts, type RowPart } from '../parts/index.ts';
import { countAfterInsert, countAfterUpdate } from './again.ts';
import { absentAmong } from './many-values.ts';
import { partsEvidence } from './parts.ts';
import { truncateEvidence } from './truncated.ts';
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
  /** Statements of the step that write rows to the table since the step made it; null when it did not make it. */
  writers: readonly Statement[] | null;
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

/** The same for an UPDATE, whose FROM may have columns of the same names: those of other tables are none of its own. */
function readsOwn(
  { relation, fromClause, withClause }: UpdateStmt,
  tree: unknown,
  columns: readonly string[],
): boolean {
  const target = relation?.alias?.aliasname ?? relation?.relname ?? '';
  const apart = !tablesIn([fromClause, withClause]).includes(relation?.relname ?? '');
  return columnsIn(tree).some(
    (parts) =>
      columns.includes(parts.at(-1) ?? '') && !(apart && parts.length > 1 && parts.at(-2) !== target),
  );
}

/** Whether running it twice does no more than running it once. */
function isRepeatable(update: UpdateStmt, columns: readonly string[]): boolean {
  const values = targets(update.targetList).map((one) => one.val);
  return !readsOwn(update, values, columns) && !functionsIn(values).some(isChanging);
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
  const clears = whereClause !== undefined && readsOwn(update, whereClause, columns);
  if (!clears && looking.passed) return PASSED;
  if (whereClause !== undefined) {
    const n = await count(session, catalog, countMatching(relation, whereClause, fromClause, withClause));
    if (n === 0)
      return { state: 'applied', reason: `No row of ${relation.relname ?? ''} matches its WHERE any more.` };
    const again = {
      state: 'pending',
      reason: `${rows(n)} of ${relation.relname ?? ''} still match its WHERE.`,
    } as const;
    if (clears && isRepeatable(update, columns)) return again;
    const second = clears ? countAfterUpdate(update, wouldChange(update), catalog) : null;
    if (second && (await count(session, catalog, second)) === 0) return again;
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
function absentValues(insert: InsertStmt, values: SelectStmt, { tables }: Catalog): Node[] | null {
  const { relation, cols } = insert;
  const names =
    cols === undefined
      ? (tables[relation?.relname ?? '']?.columns ?? []).map(({ name }) => name)
      : targets(cols).map((one) => one.name ?? '');
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
  const queries = absentValues(insert, values, looking.catalog);
  const table = insert.relation?.relname ?? '';
  if (queries === null)
    return { state: 'unknown', reason: `The rows of ${table} do not show whether this INSERT has run.` };
  const together = absentAmong(insert, values, looking.catalog);
  let absent = 0;
  for (const query of together ?? []) absent += await count(looking.session, looking.catalog, query);
  for (const query of together ? [] : queries)
    absent += (await count(looking.session, looking.catalog, query)) === 0 ? 1 : 0;
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

/** How many rows statements of the step have added to a table that was new; null where that cannot be told. */
async function addedBefore(
  writers: readonly Statement[],
  { session, catalog }: Looking,
): Promise<number | null> {
  let sum = 0;
  for (const { tree } of writers) {
    if (
      isComposed({ tree }) ||
      !('InsertStmt' in tree) ||
      isGuarded(tree.InsertStmt) ||
      tree.InsertStmt.onConflictClause
    )
      return null;
    const { selectStmt, withClause } = tree.InsertStmt;
    if (!selectStmt || !('SelectStmt' in selectStmt)) return null;
    const values = selectStmt.SelectStmt.valuesLists;
    sum +=
      values?.length ?? (await count(session, catalog, countReturned(selectStmt.SelectStmt, withClause)));
  }
  return sum;
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
  const there = await count(session, catalog, countMatching(relation, undefined));
  if (there === 0)
    return { state: 'pending', reason: `${table} is empty, and there are ${rows(source)} to add.` };
  const again = isGuarded(insert) ? countAfterInsert(insert, catalog) : null;
  if (again && (await count(session, catalog, again)) === 0) {
    const are = source === 1 ? 'is' : 'are';
    return { state: 'pending', reason: `${rows(source)} that it adds ${are} not in ${table} yet.` };
  }
  if (looking.passed) return { state: 'applied', reason: `${table} holds ${rows(there)}.` };
  const before = looking.writers ? await addedBefore(looking.writers, looking) : null;
  if (before === 0 || (before !== null && there >= before + source))
    return { state: 'applied', reason: `${table} holds ${rows(there)}.` };
  if (there === before)
    return { state: 'pending', reason: `${table} holds ${rows(there)}, which earlier statements added.` };
  return {
    state: 'unknown',
    reason: `${table} holds ${rows(there)}, and nothing shows whether this INSERT added them.`,
  };
}

/** Columns whose values an ALTER TABLE … TYPE … USING replaces by something that is not made of them. */
function replacedColumns(alter: AlterTableStmt): { column: string; value: Node }[] {
  return (alter.cmds ?? []).flatMap((node) => {
    const command = 'AlterTableCmd' in node ? node.AlterTableCmd : undefined;
    const def = command?.def && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
    const [column = '', value] = [command?.name, def?.raw_default];
    if (command?.subtype !== 'AT_AlterColumnType' || !value || readsAny(value, [column])) return [];
    return [{ column, value }];
  });
}

/**
 * The column may have had the type before: then the values that USING gives show whether it has run. Null where the
 * statement has no such USING.
 */
export async function usingEvidence(
  statement: Statement,
  { session, catalog }: Pick<Looking, 'session' | 'catalog'>,
): Promise<Evidence | null> {
  if (!('AlterTableStmt' in statement.tree)) return null;
  const { relation } = statement.tree.AlterTableStmt;
  const replaced = replacedColumns(statement.tree.AlterTableStmt);
  if (!relation || replaced.length === 0) return null;
  if (functionsIn(replaced.map(({ value }) => value)).some(isChanging))
    return { state: 'unknown', reason: 'The values that USING gives differ each time.' };
  const different = replaced.map(({ column, value: rexpr }): Node => {
    const lexpr: Node = { ColumnRef: { fields: [{ String: { sval: column } }] } };
    return { A_Expr: { kind: 'AEXPR_DISTINCT', name: [{ String: { sval: '=' } }], lexpr, rexpr } };
  });
  const [first, ...others] = different;
  const where = others.length === 0 ? first : ({ BoolExpr: { boolop: 'OR_EXPR', args: different } } as Node);
  const left = await count(session, catalog, countMatching(relation, where));
  return left === 0
    ? { state: 'applied', reason: `Every row of ${relation.relname ?? ''} holds what USING gives.` }
    : {
        state: 'unknown',
        reason: `${rows(left)} of ${relation.relname ?? ''} do not hold what USING gives, although the column has its type.`,
      };
}

/** True when the statement may run again without doing anything twice. */
export function mayRunAgain(statement: Statement): boolean {
  const { tree } = statement;
  if (isComposed(statement)) return partsMayRunAgain(rowParts(statement) ?? [], statement);
  if ('DeleteStmt' in tree || 'TruncateStmt' in tree) return true;
  if ('InsertStmt' in tree) return isGuarded(tree.InsertStmt);
  if (!('UpdateStmt' in tree)) return false;
  const columns = setColumns(tree.UpdateStmt);
  return (
    isRepeatable(tree.UpdateStmt, columns) || readsOwn(tree.UpdateStmt, tree.UpdateStmt.whereClause, columns)
  );
}

/** A part that hangs on another one finds nothing a second time when that one does. */
function partsMayRunAgain(parts: readonly RowPart[], statement: Statement): boolean {
  const again = ({ tree }: RowPart): boolean => tree !== null && mayRunAgain({ ...statement, tree });
  return parts.some(again) && parts.every((part) => part.linked || again(part));
}

/**
 * Asks the data about an UPDATE, INSERT or DELETE whose tables and columns are all there.
 *
 * @throws {DatabaseError} when a query fails: what it would have said is not known then
 */
export async function evidenceFor(statement: Statement, looking: Looking): Promise<Evidence> {
  const { tree } = statement;
  if (isComposed(statement)) {
    const parts = rowParts(statement) ?? [];
    return partsEvidence(parts, looking.passed, (own) =>
      evidenceFor({ ...statement, tree: own }, { ...looking, passed: false }),
    );
  }
  if ('UpdateStmt' in tree) return updateEvidence(tree.UpdateStmt, looking);
  if ('InsertStmt' in tree) return insertEvidence(tree.InsertStmt, looking);
  if ('DeleteStmt' in tree) return deleteEvidence(tree.DeleteStmt, looking);
  if ('TruncateStmt' in tree) return truncateEvidence(statement, looking);
  return { state: 'unknown', reason: 'The rows do not show whether this statement has run.' };
}
