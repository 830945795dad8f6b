/** How much a dump has to read: the tables and their sizes, from the catalog. */
import { statfs } from 'node:fs/promises';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';

export interface TableSize {
  /** As pg_dump says it in its progress: `public.orders`, quoted where a name needs it. */
  name: string;
  /** Rows and TOAST, without indexes. */
  bytes: number;
}

/**
 * Ordinary tables whose rows pg_dump reads: none of the system, none temporary, none of an extension. pg_dump quotes by
 * the same rule as quote_ident (string_utils.c, fmtId).
 */
const tablesBy = (size: string): string => `
  SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
         ${size} AS bytes
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND c.relpersistence <> 't'
     AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
   ORDER BY 1`;

/** Opens every table, and so waits for whoever holds one exclusively. */
const MEASURED = 'pg_catalog.pg_table_size(c.oid)';

/** As VACUUM and ANALYZE last counted the pages; asks no table. */
const COUNTED = `GREATEST(c.relpages, 0)::pg_catalog.int8
         * pg_catalog.current_setting('block_size')::pg_catalog.int8`;

/** lock_not_available (manual, errcodes-appendix). */
const LOCKED = '55P03';

/** Measured; where somebody holds a table, as counted last. Expects our own search_path. @throws {DatabaseError} */
export async function tableSizes(session: Session): Promise<TableSize[]> {
  try {
    return await sizes(session, MEASURED);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlstate !== LOCKED) throw error;
    return sizes(session, COUNTED);
  }
}

async function sizes(session: Session, by: string): Promise<TableSize[]> {
  await session.query('BEGIN READ ONLY');
  try {
    await session.query("SET LOCAL lock_timeout = '300ms'");
    const { rows } = await session.query(tablesBy(by));
    return rows.map((row) => ({ name: asText(row['name']), bytes: asNumber(row['bytes'] ?? 0) }));
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}

export const totalOf = (tables: readonly TableSize[]): number =>
  tables.reduce((sum, { bytes }) => sum + bytes, 0);

/** Bytes that this process may still write in a folder; null where that cannot be asked. */
export async function freeIn(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
