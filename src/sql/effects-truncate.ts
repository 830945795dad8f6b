/**
 * Effects of TRUNCATE: a DELETE of every row, under a lock that keeps readers out (manual, sql-truncate). What CASCADE
 * takes along is found in the catalog: src/sql/settled.ts.
 */
import type { TruncateStmt } from '@pgsql/types';
import type { Effect } from './types.ts';

export function truncateEffects({ relations = [], behavior, restart_seqs }: TruncateStmt): Effect[] {
  const truncate = { cascade: behavior === 'DROP_CASCADE', restart: restart_seqs === true };
  return relations.flatMap((node): Effect[] => {
    if (!('RangeVar' in node)) return [];
    const { relname: table = '', schemaname: schema } = node.RangeVar;
    return [{ kind: 'delete', ...(schema ? { schema } : {}), table, reads: [], truncate }];
  });
}
