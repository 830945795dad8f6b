/** What tables are and hold, so that two moments of a copy can be compared. */
import { readDefinitions } from '../postgres/definition.ts';
import { placed } from '../sql/archive/draft.ts';
import { quoteName } from '../sql/definition-sql.ts';
import type { TableDefinition } from '../sql/definition.ts';
import { asNumber, asText } from '../sql/values.ts';
import type { Elsewhere } from '../sql/types.ts';
import type { Stage, Watch } from './stage.ts';

export interface Contents {
  /** Those that were looked for, whether they are there or not. */
  names: readonly string[];
  /** Of these, those of other schemas. */
  elsewhere: Elsewhere;
  definitions: TableDefinition[];
  rows: Map<string, { count: number; sum: string }>;
}

/**
 * Counts the rows and adds up 64 bits of each (as src/backup/compare.ts does), with the columns in the order of their
 * names: what comes back may stand elsewhere. Reads every row once. @throws {Halted} @throws {DatabaseError}
 */
export async function contentsOf(
  { raw, schema }: Stage,
  names: readonly string[],
  elsewhere: Elsewhere,
  watch: Watch,
): Promise<Contents> {
  const definitions = await readDefinitions(raw, schema, [...names], schema, elsewhere);
  const rows: Contents['rows'] = new Map();
  for (const table of definitions) {
    watch.check();
    const columns = table.columns.map(({ name }) => `t.${quoteName(name)}`).sort();
    const hash = `pg_catalog.hashtextextended(CAST(ROW(${columns.join(', ')}) AS pg_catalog.text) COLLATE pg_catalog."C", 0)`;
    const found = await raw.query(
      `SELECT pg_catalog.count(*) AS n, pg_catalog.sum(${hash}) AS sum FROM ${table.kind === 'p' ? '' : 'ONLY '}${placed(table)} AS t`,
    );
    rows.set(table.name, { count: asNumber(found.rows[0]?.['n']), sum: asText(found.rows[0]?.['sum']) });
  }
  return { names, elsewhere, definitions, rows };
}

/** One sentence for each table whose rows are not the same. Pure. */
export function rowDifferences(before: Contents, after: Contents): string[] {
  return [...before.rows].flatMap(([table, was]) => {
    const is = after.rows.get(table);
    if (!is) return [];
    if (is.count !== was.count) return [`${table}: ${was.count} rows before, ${is.count} after.`];
    return is.sum === was.sum ? [] : [`${table}: as many rows, but not the same values.`];
  });
}
