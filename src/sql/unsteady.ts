/**
 * Deletions whose condition may choose other rows when it is asked a second time, as the copy before the deletion asks
 * it: what was copied would not be what goes. Pure.
 */
import type { DeleteStmt } from '@pgsql/types';
import { deletionOf, deletionsOf } from './deletion.ts';
import { isVolatile } from './effects-functions.ts';
import { functionsIn, walk } from './parse-tree.ts';
import type { Catalog, Statement } from './types.ts';

/** Of the time of the statement, and those whose value hangs on the order in which the server meets the rows. */
const ANOTHER_TIME = new Set([
  'statement_timestamp',
  'any_value',
  'array_agg',
  'json_agg',
  'json_object_agg',
  'jsonb_agg',
  'jsonb_object_agg',
  'string_agg',
  'xmlagg',
]);

/** LIMIT, OFFSET, DISTINCT ON, windows and TABLESAMPLE choose by an order that ties, or the server, may make another. */
function choosesByOrder(kind: string, fields: Record<string, unknown>): boolean {
  if (kind === 'RangeTableSample' || kind === 'LockingClause') return true;
  if (fields['limitCount'] !== undefined || fields['limitOffset'] !== undefined) return true;
  if (kind === 'FuncCall' && fields['over'] !== undefined) return true;
  const distinct = fields['distinctClause'];
  return Array.isArray(distinct) && distinct.some((one) => Object.keys(one as object).length > 0);
}

function mayChoose(remove: DeleteStmt): boolean {
  const { whereClause, usingClause, withClause } = remove;
  const parts = [whereClause, usingClause, withClause];
  if (functionsIn(parts).some((name) => isVolatile(name) || ANOTHER_TIME.has(name))) return true;
  let found = false;
  walk(parts, (kind, fields) => {
    found ||= choosesByOrder(kind, fields);
  });
  return found;
}

/** Whether it would delete other rows when it is run again: what it finds then does not tell whether it has run. */
export const choosesAnew = (statement: Statement): boolean => deletionsOf(statement).some(mayChoose);

/** Kinds of relations that LOCK TABLE keeps others from writing to, with all that can be read through them. */
const LOCKABLE = ['r', 'p'];

/** Tables that nobody else may write to while the step runs: which rows are deleted hangs on theirs. */
export function decisive(pending: readonly Statement[]): string[] {
  return pending.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.kind === 'delete' && !effect.truncate ? effect.reads : [])),
  );
}

/** Names that the statements give to tables: what bears one by then is locked by them, or nobody else knows it. */
const named = (pending: readonly Statement[]): string[] =>
  pending.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.kind === 'create-table' ? [effect.table] : effect.kind === 'rename-table' ? [effect.to] : [],
    ),
  );

/**
 * @param table its name at that moment
 * @param pending all statements of the step
 */
export function isUnsteady(
  statement: Statement,
  table: string,
  { catalog, pending }: { catalog: Pick<Catalog, 'tables'>; pending: readonly Statement[] },
): boolean {
  const remove = deletionOf(statement, table);
  if (!remove) return false;
  const own = named(pending);
  const isFree = (name: string): boolean =>
    !own.includes(name) && !LOCKABLE.includes(catalog.tables[name]?.kind ?? '');
  return decisive([statement]).some(isFree) || mayChoose(remove);
}
