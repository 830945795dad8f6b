/** Effects of VACUUM, ANALYZE and REINDEX TABLE: they change neither a definition nor a row, and may run again. */
import type { Node, ReindexStmt, VacuumStmt } from '@pgsql/types';
import { loneName } from './lone/statement.ts';
import type { Effect, LockLevel } from './types.ts';

const upkeep = (
  what: string,
  relation: { relname?: string; schemaname?: string } | undefined,
  level: LockLevel,
  rewrites = false,
): Effect => ({
  kind: 'upkeep',
  ...(relation?.schemaname ? { schema: relation.schemaname } : {}),
  what,
  table: relation?.relname ?? '',
  level,
  rewrites,
});

const named = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((node) => 'DefElem' in node && node.DefElem.defname === name);

/** Null: of the whole database. Source of the locks: the manual, sql-vacuum and sql-analyze. */
export function vacuumEffects({ rels = [], options, is_vacuumcmd }: VacuumStmt): Effect[] | null {
  if (rels.length === 0) return null;
  const full = is_vacuumcmd === true && named(options, 'full');
  const what = !is_vacuumcmd ? 'ANALYZE' : full ? 'VACUUM FULL' : 'VACUUM';
  return rels.flatMap((node) =>
    'VacuumRelation' in node
      ? [
          upkeep(
            what,
            node.VacuumRelation.relation,
            full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE',
            full,
          ),
        ]
      : [],
  );
}

/** REINDEX TABLE; null for anything else. Source of the locks: the manual, sql-reindex. */
export function reindexTableEffects(reindex: ReindexStmt): Effect[] | null {
  const { kind, relation, params = [] } = reindex;
  const strange = params.some((one) => !('DefElem' in one) || one.DefElem.defname !== 'concurrently');
  if (kind !== 'REINDEX_OBJECT_TABLE' || strange) return null;
  const alone = loneName({ ReindexStmt: reindex }) !== null;
  return [upkeep('REINDEX', relation, alone ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE')];
}
