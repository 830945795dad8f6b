/** Finding a row of one table by the key of a row of another. */
import { EQ } from '../archive/draft.ts';
import type { TableDefinition } from '../definition.ts';
import { name } from '../risk/text.ts';
import { parseType } from '../castable.ts';

/** Types with an equality of their own in pg_catalog; others are compared by their text. */
const PLAIN: ReadonlySet<string> = new Set([
  'bigint',
  'boolean',
  'bytea',
  'character',
  'character varying',
  'date',
  'double precision',
  'inet',
  'integer',
  'name',
  'numeric',
  'oid',
  'real',
  'smallint',
  'text',
  'time without time zone',
  'timestamp with time zone',
  'timestamp without time zone',
  'uuid',
]);

function plain(definition: TableDefinition, column: string): boolean {
  const type = definition.columns.find((one) => one.name === column)?.type ?? '';
  const { base, array } = parseType(type);
  return !array && PLAIN.has(base);
}

/**
 * `one` and `other` are aliases of rows with the key's columns.
 *
 * @param names pairs of column names, when they differ in the two
 */
export function sameKey(
  definition: TableDefinition,
  key: readonly string[],
  [one, other]: readonly [string, string],
  names: (column: string) => string = (column) => column,
): string {
  return key
    .map((column) => {
      const [left, right] = [`${one}.${name(names(column))}`, `${other}.${name(column)}`];
      if (plain(definition, column)) return `${left} ${EQ} ${right}`;
      return `CAST(${left} AS pg_catalog.text) ${EQ} CAST(${right} AS pg_catalog.text)`;
    })
    .join(' AND ');
}
