/** What deletes rows, as a DELETE: of a TRUNCATE, one that has no condition. */
import type { DeleteStmt, RangeVar } from '@pgsql/types';
import { rowParts, type RowPart } from './parts/index.ts';
import type { Statement } from './types.ts';

/**
 * Null when the statement deletes no rows of the table.
 *
 * @param table its name at that moment; a TRUNCATE may empty one that it does not name
 */
export function deletionOf({ tree, effects }: Statement, table: string): DeleteStmt | null {
  const parts = rowParts({ tree });
  if (parts !== null) return deletionAmong(parts, table);
  if ('DeleteStmt' in tree) return tree.DeleteStmt;
  const truncates = effects.some((effect) => effect.kind === 'delete' && effect.table === table);
  if (!('TruncateStmt' in tree) || !truncates) return null;
  const named = (tree.TruncateStmt.relations ?? []).flatMap((node) =>
    'RangeVar' in node ? [node.RangeVar] : [],
  );
  const relation: RangeVar = named.find(({ relname }) => relname === table) ?? {
    relname: table,
    inh: true,
    relpersistence: 'p',
  };
  return { relation };
}

function deletionAmong(parts: readonly RowPart[], table: string): DeleteStmt | null {
  const own = parts.find(({ effects }) =>
    effects.some((one) => one.kind === 'delete' && one.table === table),
  );
  return own?.tree && 'DeleteStmt' in own.tree ? own.tree.DeleteStmt : null;
}

/** The tables whose rows the statement deletes, each with its DELETE. */
export function deletionsOf(statement: Statement): DeleteStmt[] {
  return statement.effects.flatMap((effect) =>
    effect.kind === 'delete' ? (deletionOf(statement, effect.table) ?? []) : [],
  );
}
