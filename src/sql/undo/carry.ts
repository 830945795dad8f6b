/** Rows written since the rollback become rows of a forward table. */
import { ARCHIVE_SCHEMA, relation, placed } from '../archive/draft.ts';
import type { TableDefinition } from '../definition.ts';
import { parseOne } from '../parse.ts';
import { tablesIn } from '../parse-tree.ts';
import type { ArchiveEntry, ForwardMapping } from '../procedure/types.ts';
import { outputNames } from '../output-names.ts';
import { name } from '../risk/text.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import type { Making } from './making.ts';
import { sameKey } from './match.ts';
import type { Since } from './since.ts';

/** Rows for a forward table, in its own column names. */
export interface Carried {
  query: string;
  key: string[];
  columns: string[];
  fill: string[];
  /** Columns that are carried as text, and the type they become once it is back itself. */
  late?: Readonly<Record<string, string>>;
}

/** The restored tables that a mapping reads. */
export function sourcesOf(mapping: ForwardMapping, layout: Layout): TableDefinition[] {
  const read = tablesIn(parseOne(mapping.sql));
  const restored = [
    ...layout.entities.flatMap(({ kind, now }) => (now && kind !== 'moved' ? [now] : [])),
    ...layout.created,
  ];
  return restored.filter(({ name: table }) => read.includes(table));
}

/** The mapping over the rows written since alone; tables that the step dropped are seen as they were then. */
export function byMapping(mapping: ForwardMapping, layout: Layout, since: Since): Carried {
  const sources = sourcesOf(mapping, layout);
  const read = tablesIn(parseOne(mapping.sql));
  const kept = layout.entities.flatMap(({ kind, table, columns, before }) => {
    const archived = (table ?? (kind === 'dropped' ? columns : null))?.archived;
    const wanted = read.includes(before.name) && !sources.some((one) => one.name === before.name);
    return archived && wanted ? [{ before, archived }] : [];
  });
  const ctes = [
    ...sources.map((now) => `${name(now.name)} AS (SELECT * FROM ${since.of(now)})`),
    ...kept.map(
      ({ before, archived }) =>
        `${name(before.name)} AS (SELECT * FROM ${relation(ARCHIVE_SCHEMA, archived)})`,
    ),
  ];
  const columns = outputNames(parseOne(mapping.sql)) ?? [];
  return {
    query: `WITH ${ctes.join(', ')} SELECT * FROM (\n${mapping.sql}\n) AS mapped`,
    key: mapping.key,
    columns,
    fill: mapping.fill ?? [],
  };
}

/** Without a mapping: the columns that both have under one name and with one type. */
export function byName(entity: Entity, now: TableDefinition, since: Since): Carried | null {
  const { key } = entity;
  const shared = now.columns.filter((column) => {
    const match = entity.before.columns.find((one) => one.name === nameBefore(entity, column.name));
    return match?.type === column.type && match.generated === '' && column.generated === '';
  });
  const columns = shared.map((column) => nameBefore(entity, column.name));
  if (key.length === 0 || !key.every((column) => columns.includes(column))) return null;
  const selected = shared.map(
    (column) => `w.${name(column.name)} AS ${name(nameBefore(entity, column.name))}`,
  );
  return { query: `SELECT ${selected.join(', ')} FROM ${since.of(now)} AS w`, key, columns, fill: [] };
}

/**
 * Keeps the carried rows, and puts them into the forward table once it is back: a row that is there gets their values,
 * one that is not is inserted.
 *
 * @param lies where the forward table lies in the archive, so that rows may be missing from it, and those that get other
 * values are kept as they were; null where it is there with every row
 */
export function carry(
  making: Making,
  before: TableDefinition,
  carried: Carried,
  lies: ArchiveEntry | null,
): void {
  const { key, columns, fill, late = {} } = carried;
  const value = (column: string): string =>
    late[column] === undefined ? `m.${name(column)}` : `CAST(m.${name(column)} AS ${late[column]})`;
  const place = making.keepRows(before.name, carried.query, {
    key,
    columns,
    words: `Rows written since the rollback, as rows of ${before.name}.`,
  });
  if (lies?.archived) {
    const there = relation(ARCHIVE_SCHEMA, lies.archived);
    making.keepRows(
      before.name,
      `SELECT t.* FROM ${there} AS t WHERE EXISTS (SELECT 1 FROM ${place} AS m WHERE ${sameKey(before, key, ['t', 'm'])})`,
      {
        key,
        columns: before.columns.map((column) => column.name),
        words: `Rows of ${before.name} as they were before they got what was written since the rollback.`,
      },
    );
    making.keepWritten(before, key, [
      `SELECT ${key.map((one) => `m.${name(one)}`).join(', ')} FROM ${place} AS m`,
    ]);
  }
  const target = placed(before);
  const match = sameKey(before, key, ['t', 'm']);
  const sets = columns
    .filter((column) => !key.includes(column))
    .map((column) =>
      fill.includes(column)
        ? `${name(column)} = COALESCE(t.${name(column)}, ${value(column)})`
        : `${name(column)} = ${value(column)}`,
    );
  if (sets.length > 0) {
    making.write(
      'carry',
      before,
      `UPDATE ${target} AS t SET ${sets.join(', ')} FROM ${place} AS m WHERE ${match}`,
      `Gives rows of ${before.name} the values that were written since the rollback.`,
    );
  }
  if (!lies) return;
  const list = columns.map(name).join(', ');
  const values = columns.map(value).join(', ');
  making.write(
    'carry',
    before,
    `INSERT INTO ${target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${place} AS m WHERE NOT EXISTS (SELECT 1 FROM ${target} AS t WHERE ${match})`,
    `Puts rows that were inserted since the rollback into ${before.name}.`,
  );
}
