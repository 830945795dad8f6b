/** Whether a table has an index that does what another one is for, whatever its name. Pure. */
import type { Index, Table } from '../../../sql/types.ts';

export interface Wanted {
  columns: readonly string[];
  unique: boolean;
}

/** A partial index leaves rows out, and an operator class answers other questions. */
const isPlain = ({ definition }: Index): boolean =>
  /^CREATE (UNIQUE )?INDEX \S+ ON \S+( USING btree)? \([^()]*\)$/.test(definition) &&
  !/ (text|varchar|bpchar)_pattern_ops\b/.test(definition);

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((column, at) => column === other[at]);

/** A unique one does all that one which is not unique does. */
export const isCovered = (table: Table, { columns, unique }: Wanted): boolean =>
  table.indexes.some(
    (index) => index.valid && same(index.columns, columns) && (index.unique || !unique) && isPlain(index),
  );

/**
 * The columns behind an index name of the form `table_column_column_index` (Ecto) or `…_idx` (PostgreSQL); null where
 * the name cannot be read so, or in more than one way.
 */
export function columnsByName(table: Table, index: string): string[] | null {
  const match = new RegExp(`^${table.name.replace(/\W/g, '\\$&')}_(.+)_(?:index|idx)$`).exec(index);
  if (!match?.[1]) return null;
  const ways = splits(
    match[1],
    table.columns.map(({ name }) => name),
  );
  return ways.length === 1 ? (ways[0] ?? null) : null;
}

function splits(text: string, columns: readonly string[]): string[][] {
  return columns.flatMap((column) => {
    if (text === column) return [[column]];
    if (!text.startsWith(`${column}_`)) return [];
    return splits(text.slice(column.length + 1), columns).map((rest) => [column, ...rest]);
  });
}
