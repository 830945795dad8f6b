/** What is counted before an undo is confirmed: rows written since the rollback, and what of them has no place. */
import { ARCHIVE_SCHEMA, relation, text, placed } from '../archive/draft.ts';
import type { TableDefinition } from '../definition.ts';
import { columnsIn } from '../parse-tree.ts';
import { parseOne } from '../parse.ts';
import { name } from '../risk/text.ts';
import { asJson, asNumber } from '../values.ts';
import { sourcesOf } from './carry.ts';
import { layoutOf, nameBefore, type Entity, type Layout } from './entities.ts';
import { sameKey } from './match.ts';
import type { UndoFacts, Written, WrittenQuery } from './types.ts';
import { writtenHere } from './since.ts';

/** Columns of a restored table that nothing carries forward. */
export function homeless(facts: UndoFacts, layout: Layout, table: TableDefinition): string[] {
  const readers = facts.step.record.forward.filter((mapping) =>
    sourcesOf(mapping, layout).some((one) => one.name === table.name),
  );
  const read = new Set(
    readers.flatMap(({ sql }) => columnsIn(parseOne(sql)).map((parts) => parts.at(-1) ?? '')),
  );
  const entity = layout.entities.find((one) => one.now?.name === table.name && one.kind !== 'moved');
  const stays = (column: string): boolean => {
    if (!entity || (readers.length > 0 && entity.kind === 'swapped')) return false;
    const was = entity.before.columns.find((one) => one.name === nameBefore(entity, column));
    const is = table.columns.find((one) => one.name === column);
    return was !== undefined && was.type === is?.type;
  };
  return table.columns.map((column) => column.name).filter((column) => !read.has(column) && !stays(column));
}

/** Where rows that were there before can be known by their keys: the archived table, or a copy of every key. */
function known(facts: UndoFacts, entity: Entity | undefined): { place: string; key: string[] } | null {
  const there = (archived: string | null | undefined): archived is string =>
    typeof archived === 'string' && facts.kept.some(({ name: kept }) => kept === archived);
  const key = entity?.key ?? [];
  if (!entity || key.length === 0) return null;
  if (entity.kind === 'swapped' && there(entity.table?.archived)) {
    return { place: relation(ARCHIVE_SCHEMA, entity.table?.archived ?? ''), key };
  }
  const { columns } = entity;
  if (columns?.full === true && there(columns.archived) && columns.key.length > 0) {
    return { place: relation(ARCHIVE_SCHEMA, columns.archived), key: columns.key };
  }
  return null;
}

function queryOf(facts: UndoFacts, layout: Layout, table: TableDefinition): WrittenQuery {
  const entity = layout.entities.find((one) => one.now?.name === table.name && one.kind !== 'moved');
  const place = placed(table);
  const old = known(facts, entity);
  const present = (column: string): string =>
    table.columns.find((one) => entity && nameBefore(entity, one.name) === column)?.name ?? column;
  const match = (pair: readonly [string, string]): string =>
    entity && old ? sameKey(entity.before, old.key, pair, present) : 'false';
  const inserted = old
    ? `pg_catalog.count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM ${old.place} AS f WHERE ${match(['t', 'f'])}))`
    : 'CAST(NULL AS pg_catalog.int8)';
  const deleted =
    old && entity?.kind === 'swapped'
      ? `(SELECT pg_catalog.count(*) FROM ${old.place} AS f WHERE NOT EXISTS (SELECT 1 FROM ${place} AS t WHERE ${match(['t', 'f'])}))`
      : 'CAST(NULL AS pg_catalog.int8)';
  const counts = homeless(facts, layout, table).map(
    (column) => `${text(column)}, pg_catalog.count(t.${name(column)})`,
  );
  const loose = (entity?.before.columns ?? []).flatMap((column) => {
    const is = table.columns.find((one) => one.name === present(column.name));
    if (!is || is.notNull || !column.notNull || column.generated !== '') return [];
    return [`${text(column.name)}, pg_catalog.count(*) FILTER (WHERE t.${name(is.name)} IS NULL)`];
  });
  return {
    table: table.name,
    sql: `SELECT pg_catalog.count(*) AS rows, ${inserted} AS inserted, ${deleted} AS deleted, pg_catalog.json_build_object(${counts.join(', ')}) AS without, pg_catalog.json_build_object(${loose.join(', ')}) AS empty FROM ${place} AS t WHERE ${writtenHere('t', facts, table)}`,
  };
}

/**
 * One query for each table whose rows an undo may move or overwrite. To be run with the step's schema in the
 * search_path, or with `pg_catalog, pg_temp`: every name is qualified. Each reads its table once.
 */
export function writtenQueries(facts: UndoFacts): WrittenQuery[] {
  const layout = layoutOf(facts);
  const tables = [
    ...layout.entities.flatMap(({ kind, now }) => (now && kind !== 'moved' ? [now] : [])),
    ...layout.created,
  ];
  return tables.map((table) => queryOf(facts, layout, table));
}

const orNull = (value: unknown): number | null =>
  value === null || value === undefined ? null : asNumber(value);

/** The answer to one of them. */
export function writtenOf(table: string, row: Record<string, unknown>): Written {
  const some = (counts: unknown): Record<string, number> => {
    const all = (asJson(counts ?? null) ?? {}) as Record<string, number>;
    return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
  };
  const empty = some(row['empty']);
  return {
    table,
    rows: asNumber(row['rows']),
    inserted: orNull(row['inserted']),
    deleted: orNull(row['deleted']),
    without: some(row['without']),
    ...(Object.keys(empty).length > 0 ? { empty } : {}),
  };
}
