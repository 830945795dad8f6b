/** One embedded Postgres a test file, an empty schema a test. */
import type { PGlite } from '@electric-sql/pglite';
import type { Database } from '../support/states.ts';

export type Row = Record<string, unknown>;

/** Throws away what is there; names resolve as in a run: the runbook's schema, then the extension's, then pg_temp. */
export async function emptySchema(db: PGlite): Promise<void> {
  await db.exec(
    'DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app; SET search_path = app, public, pg_temp',
  );
}

/** All rows of a query. */
export async function rowsOf(db: Database, sql: string): Promise<Row[]> {
  return (await db.query(sql)).rows as Row[];
}

/** Rows of a table as JSON, without some of its columns, in a fixed order. */
export async function contents(
  db: Database,
  table: string,
  without: readonly string[] = [],
): Promise<unknown[]> {
  const left = without.map((column) => `'${column}'`).join(', ');
  const rows = await rowsOf(
    db,
    `SELECT to_jsonb(t) - ARRAY[${left}]::text[] AS row FROM ${table} AS t ORDER BY to_jsonb(t) - ARRAY[${left}]::text[]`,
  );
  return rows.map(({ row }) => row);
}

/** Columns, indexes and constraints of a table, by name, each as the catalog writes it. */
export async function definition(db: Database, table: string): Promise<Record<string, string>> {
  const rows = await rowsOf(
    db,
    `SELECT 'column ' || a.attname AS name, format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS definition
     FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = to_regclass('${table}') AND a.attnum > 0 AND NOT a.attisdropped
     UNION ALL
     SELECT 'index ' || c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index AS i
     JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass('${table}')
     UNION ALL
     SELECT 'constraint ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = to_regclass('${table}') AND contype <> 'n'
     ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ name, definition: text }) => [String(name), String(text)]));
}
