/** Copies of values: some columns of a table, by the row's key, or whole rows where there is no key. */
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { all, name } from '../risk/text.ts';
import type { ArchiveEntry } from '../procedure/types.ts';
import { ARCHIVE_SCHEMA, draft, list, relation, placed, type Draft } from './draft.ts';
import { archiveName } from './names.ts';

export interface Kept {
  drafts: Draft[];
  /** What follows the statement before which it is kept. */
  after?: Draft[];
  entry: ArchiveEntry;
}

/**
 * The columns by which a row is found again: the primary key's, else those of a unique constraint none of whose
 * columns may be NULL; none when there is no such key, or when one of its columns is among `unsteady`.
 */
export function keyOf(definition: TableDefinition, unsteady: readonly string[] = []): string[] {
  const filled = (column: string): boolean =>
    definition.columns.some((one) => one.name === column && one.notNull);
  const candidates = definition.constraints
    .filter(({ type, definition: sql }) => (type === 'p' || type === 'u') && !/\bDEFERRABLE\b/.test(sql))
    .sort((one, other) => (one.type < other.type ? -1 : 1))
    .map(({ columns }) => columns);
  return candidates.find((columns) => columns.every((one) => filled(one) && !unsteady.includes(one))) ?? [];
}

/** A generated column's values follow from others: it is made again, never copied back. */
export function isStored(column: ColumnDefinition): boolean {
  return column.generated === '';
}

export interface ColumnsRequest {
  /** The table as it is when the copy is made; it is made first in the step. */
  definition: TableDefinition;
  /** What would be destroyed. May be empty: then the keys alone are kept, of every row. */
  columns: readonly string[];
  seq: number;
  run: string;
  step: string;
  /** Keep every row, also those that hold nothing: where it matters which rows there were. */
  full?: boolean;
  /** Columns whose values the step changes although they are not in `columns`, so that they cannot be the key. */
  unsteady?: readonly string[];
}

/**
 * Keeps columns of a table as a table of the archive. A row that holds nothing in any of them is left out: what has no
 * row in the copy was NULL. Where one of them has a default every row is kept, because then a NULL is not what a new
 * row would get. Without a key to find rows by, whole rows are kept, all of them.
 */
export function archiveColumns(request: ColumnsRequest): Kept {
  const { definition, seq, run, step } = request;
  const key = keyOf(definition, [...request.columns, ...(request.unsteady ?? [])]);
  const stored = definition.columns.filter(isStored);
  const wanted =
    key.length === 0
      ? stored
      : stored.filter((one) => request.columns.includes(one.name) && !key.includes(one.name));
  const columns = wanted.map((one) => one.name).filter((one) => !key.includes(one));
  const full =
    request.full === true ||
    key.length === 0 ||
    columns.length === 0 ||
    wanted.some((one) => one.default !== null);
  const archived = archiveName(run, step, seq, definition.name);
  const some = columns.map((column) => `t.${name(column)} IS NOT NULL`).join(' OR ');
  const selected = [...key, ...columns].map((column) => `t.${name(column)}`).join(', ');
  const words =
    key.length === 0
      ? `Every row of ${definition.name}, whole: it has no key to find a row by.`
      : columns.length === 0
        ? `The keys of every row of ${definition.name}.`
        : `${list(columns)} of ${definition.name}, by ${list(key)}${full ? '' : ', where they hold something'}.`;
  return {
    drafts: [
      draft(
        'archive',
        `CREATE TABLE ${relation(ARCHIVE_SCHEMA, archived)} AS SELECT ${selected} FROM ${placed(definition)} AS t${full ? '' : ` WHERE ${all([some])}`}`,
        `Keeps ${words.charAt(0).toLowerCase()}${words.slice(1)}`,
        { command: 'CREATE TABLE AS' },
      ),
    ],
    entry: {
      seq,
      kind: 'columns',
      object: definition.name,
      archived,
      key,
      columns,
      ...(full ? { full } : {}),
      words,
    },
  };
}
