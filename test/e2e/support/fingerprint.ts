/** What a database looks like to the old application: definitions, and rows without what is random by nature. */
import type { Database } from '../../support/states.ts';

const DEFINITIONS = `
  SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
         || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  UNION ALL
  SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
   WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid
  UNION ALL
  SELECT c.relname || ' ' || o.conname || ' ' || pg_get_constraintdef(o.oid)
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
   WHERE c.relnamespace = 'public'::regnamespace AND o.contype <> 'n'
  ORDER BY 1`;

/** Rows as JSON, sorted as text; ids of technology_knowledge are made by the rollback and differ each time. */
const ROWS = {
  detection_events: 'to_jsonb(t)',
  git_sessions: 'to_jsonb(t)',
  technology_knowledge: "to_jsonb(t) - 'id'",
  schema_migrations: "to_jsonb(t) - 'inserted_at'",
};

export interface Fingerprint {
  definitions: string[];
  rows: Record<string, string[]>;
}

/** Reads the whole of it; the test databases are small. */
export async function fingerprint(db: Database): Promise<Fingerprint> {
  const rows: Fingerprint['rows'] = {};
  for (const [table, value] of Object.entries(ROWS)) {
    rows[table] = await lines(db, `SELECT (${value})::text AS line FROM public.${table} t ORDER BY 1`);
  }
  return { definitions: await definitions(db), rows };
}

/** Columns, indexes and constraints of schema public, a line each. */
export const definitions = (db: Database): Promise<string[]> => lines(db, DEFINITIONS);

async function lines(db: Database, sql: string): Promise<string[]> {
  const { rows } = await db.query(sql);
  return rows.map((row) => String((row as { line: unknown }).line));
}
