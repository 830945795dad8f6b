/** The rows of a table in two databases: counted, hashed in no order, told apart by key where they differ. */
import type { Session } from '../sql/session.ts';
import { asJson, asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { TableComparison } from './types.ts';

export interface ComparedTable {
  schema: string;
  name: string;
  columns: string[];
  /** Of its primary key. */
  key: string[];
}

/** As `schema.name`, for reading. */
export const nameOf = ({ schema, name }: Pick<ComparedTable, 'schema' | 'name'>): string =>
  `${schema}.${name}`;

const q = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Ordinary tables that a dump holds rows of; ours of the journal is written to meanwhile. */
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name,
         (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
            FROM pg_catalog.pg_index x
            CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY k(attnum, n)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
           WHERE x.indrelid = c.oid AND x.indisprimary AND k.n <= x.indnkeyatts) AS key
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND c.relpersistence <> 't'
     AND n.nspname NOT IN ('information_schema', 'backout') AND n.nspname NOT LIKE 'pg\\_%'
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
   ORDER BY 1, 2`;

/** Expects our own search_path. @throws {DatabaseError} */
export async function comparedTables(session: Session): Promise<ComparedTable[]> {
  const { rows } = await session.query(TABLES);
  return rows.map((row) => ({
    schema: asText(row['schema']),
    name: asText(row['name']),
    columns: (asJson(row['columns']) ?? []) as string[],
    key: (asJson(row['key']) ?? []) as string[],
  }));
}

/** The columns that both have, in one order. */
interface Shape {
  table: Pick<ComparedTable, 'schema' | 'name'>;
  columns: string[];
  key: string[];
}

const record = (columns: readonly string[]): string =>
  `ROW(${columns.map((column) => `backout_row.${q(column)}`).join(', ')})::pg_catalog.text`;

/** 64 bits of the row as the server writes it; both sessions write alike (src/postgres/connect.ts). */
const hashed = (columns: readonly string[]): string =>
  `pg_catalog.hashtextextended(${record(columns)} COLLATE pg_catalog."C", 0)`;

const from = ({ table }: Shape): string => `FROM ONLY ${q(table.schema)}.${q(table.name)} AS backout_row`;

const BUCKETS = 4096;

/** More rows in the buckets that differ are counted and not told apart. */
const MOST_ROWS = 200_000;

const bucket = ({ key }: Shape): string => `${hashed(key)} & ${BUCKETS - 1}`;

async function totals(session: Session, shape: Shape): Promise<{ rows: number; sum: string }> {
  const { rows } = await session.query(
    `SELECT pg_catalog.count(*) AS n, pg_catalog.sum(${hashed(shape.columns)}) AS sum ${from(shape)}`,
  );
  return { rows: asNumber(rows[0]?.['n']), sum: asText(rows[0]?.['sum']) };
}

/** Count and sum by bucket of the key: only the buckets that differ have to be looked at row by row. */
async function buckets(session: Session, shape: Shape): Promise<Map<string, { said: string; rows: number }>> {
  const { rows } = await session.query(
    `SELECT ${bucket(shape)} AS bucket, pg_catalog.count(*) AS n, pg_catalog.sum(${hashed(shape.columns)}) AS sum
       ${from(shape)} GROUP BY 1`,
  );
  return new Map(
    rows.map((row) => {
      const n = asText(row['n']);
      return [asText(row['bucket']), { said: `${n}:${asText(row['sum'])}`, rows: Number(n) }];
    }),
  );
}

/** Hashes by key; without a key every row is its own, and the same row may be there more than once. */
async function rowsIn(
  session: Session,
  shape: Shape,
  wanted: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await session.query(
    `SELECT ${record(shape.key)} AS key, ${hashed(shape.columns)} AS hash ${from(shape)}
      WHERE ${bucket(shape)} = ANY ($1::pg_catalog.int8[])`,
    [`{${wanted.join(',')}}`],
  );
  const found = new Map<string, string[]>();
  for (const row of rows) {
    const key = asText(row['key']);
    found.set(key, [...(found.get(key) ?? []), asText(row['hash'])]);
  }
  return found;
}

/** So many keys are named. */
const NAMED = 5;

/** Pure: what only one of them has, and what both have with other values. */
export function apart(
  live: Map<string, string[]>,
  backup: Map<string, string[]>,
): NonNullable<TableComparison['difference']> {
  const difference = { onlyLive: 0, onlyBackup: 0, changed: 0 };
  const keys: string[] = [];
  for (const key of new Set([...live.keys(), ...backup.keys()])) {
    const here = live.get(key) ?? [];
    const there = [...(backup.get(key) ?? [])];
    const more = here.filter((hash) => {
      const at = there.indexOf(hash);
      if (at >= 0) there.splice(at, 1);
      return at < 0;
    });
    const changed = Math.min(more.length, there.length);
    difference.changed += changed;
    difference.onlyLive += more.length - changed;
    difference.onlyBackup += there.length - changed;
    if (more.length + there.length > 0 && keys.length < NAMED) keys.push(toLine(key, 80));
  }
  return { ...difference, keys };
}

async function differenceOf(
  live: Session,
  backup: Session,
  shape: Shape,
): Promise<TableComparison['difference']> {
  const [here, there] = await Promise.all([buckets(live, shape), buckets(backup, shape)]);
  const differing = [...new Set([...here.keys(), ...there.keys()])].filter(
    (one) => here.get(one)?.said !== there.get(one)?.said,
  );
  const rows = differing.reduce(
    (sum, one) => sum + (here.get(one)?.rows ?? 0) + (there.get(one)?.rows ?? 0),
    0,
  );
  if (rows > MOST_ROWS) return null;
  const [mine, theirs] = await Promise.all([
    rowsIn(live, shape, differing),
    rowsIn(backup, shape, differing),
  ]);
  return apart(mine, theirs);
}

/** One table on both sides. Reads every row of both once, and again where they differ. @throws {DatabaseError} */
export async function compareTable(
  live: Session,
  backup: Session,
  here: ComparedTable,
  there: ComparedTable,
): Promise<TableComparison> {
  const columns = here.columns.filter((column) => there.columns.includes(column));
  const single = [...here.columns, ...there.columns].filter((column) => !columns.includes(column));
  const sameKey = here.key.length > 0 && here.key.join('\0') === there.key.join('\0');
  const shape: Shape = { table: here, columns, key: sameKey ? here.key : columns };
  const [mine, theirs] = await Promise.all([totals(live, shape), totals(backup, shape)]);
  const same = mine.rows === theirs.rows && mine.sum === theirs.sum;
  return {
    table: toLine(nameOf(here), 200),
    rowsLive: mine.rows,
    rowsBackup: theirs.rows,
    equal: same && single.length === 0,
    difference: same
      ? { onlyLive: 0, onlyBackup: 0, changed: 0, keys: [] }
      : await differenceOf(live, backup, shape),
    columns: single.map((column) => toLine(column, 100)),
  };
}
