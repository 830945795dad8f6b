/** Effects of statements that read and write rows. */
import type {
  CreateTableAsStmt,
  DeleteStmt,
  InsertStmt,
  Node,
  RangeVar,
  SelectStmt,
  UpdateStmt,
} from '@pgsql/types';
import { createAsEffects } from './effects-create-as.ts';
import { setConfigEffects } from './effects-session.ts';
import { sequenceEffects } from './effects-sequence.ts';
import { onlyComputes } from './effects-functions.ts';
import { cteNames, functionsIn, tablesIn, walk } from './parse-tree.ts';
import type { Effect } from './types.ts';

const WRITING: Readonly<Record<string, string>> = {
  DeleteStmt: 'DELETE',
  InsertStmt: 'INSERT',
  MergeStmt: 'MERGE',
  UpdateStmt: 'UPDATE',
};

/** Why rows cannot be read or written by this without something else happening, or null. */
function unclear(tree: unknown): string | null {
  let why: string | null = null;
  walk(tree, (kind) => {
    const writes = WRITING[kind];
    if (writes) why = `it holds ${writes === 'MERGE' ? 'a' : 'another'} ${writes} within`;
    if (kind === 'IntoClause' || kind === 'intoClause') why = 'SELECT INTO creates a table';
  });
  if (why !== null) return why;
  const unknown = functionsIn(tree).find((name) => !onlyComputes(name));
  return unknown === undefined ? null : `it calls ${unknown}(), which may do more than compute a value`;
}

function targetNames(list: readonly Node[] | undefined): string[] {
  const names = (list ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []));
  return [...new Set(names)];
}

function target(range: RangeVar | undefined): { table: string; schema?: string } {
  const table = range?.relname ?? '';
  return range?.schemaname ? { table, schema: range.schemaname } : { table };
}

function notUnderstood(command: string, why: string): Effect[] {
  return [{ kind: 'not-understood', what: `${command}: ${why}` }];
}

export function updateEffects(update: UpdateStmt): Effect[] {
  const { relation, ...rest } = update;
  const why = unclear(rest);
  if (why !== null) return notUnderstood('UPDATE', why);
  const columns = targetNames(update.targetList);
  return [{ kind: 'update', ...target(relation), columns, reads: tablesIn(rest, cteNames(update)) }];
}

function conflictColumns(insert: InsertStmt): string[] {
  return targetNames(insert.onConflictClause?.targetList);
}

export function insertEffects(insert: InsertStmt): Effect[] {
  const { relation, ...rest } = insert;
  const why = unclear(rest);
  if (why !== null) return notUnderstood('INSERT', why);
  const reads = tablesIn(rest, cteNames(insert));
  const columns = targetNames(insert.cols);
  const effects: Effect[] = [{ kind: 'insert', ...target(relation), columns, reads }];
  const updated = conflictColumns(insert);
  if (updated.length > 0) effects.push({ kind: 'update', ...target(relation), columns: updated, reads: [] });
  return effects;
}

export function deleteEffects(remove: DeleteStmt): Effect[] {
  const { relation, ...rest } = remove;
  const why = unclear(rest);
  if (why !== null) return notUnderstood('DELETE', why);
  return [{ kind: 'delete', ...target(relation), reads: tablesIn(rest, cteNames(remove)) }];
}

export function createTableAsEffects(create: CreateTableAsStmt): Effect[] {
  return createAsEffects({ CreateTableAsStmt: create }, unclear);
}

export function selectEffects(select: SelectStmt): Effect[] {
  if (select.intoClause) return createAsEffects({ SelectStmt: select }, unclear);
  const numbers = sequenceEffects(select) ?? setConfigEffects(select);
  if (numbers !== null) return numbers;
  const why = unclear(select);
  return why === null ? [{ kind: 'select', reads: tablesIn(select) }] : notUnderstood('SELECT', why);
}
