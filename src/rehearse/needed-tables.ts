/** Which relations a copy needs rows of: those of the plan, their partitions, what they refer to, and what views read. */
import { arrayLiteral } from '../postgres/catalog.ts';
import type { Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';

export interface NeededTable {
  schema: string;
  name: string;
  /** pg_class.relkind. */
  kind: string;
  /** With its indexes. */
  bytes: number;
  /** Needed for a foreign key alone. */
  referred: boolean;
}

const STEP = (foreignKeys: boolean): string => `
  SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = need.oid
  UNION ALL
  SELECT d.refobjid FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                               AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
   WHERE r.ev_class = need.oid
  UNION ALL
  SELECT d.refobjid FROM pg_catalog.pg_attrdef a
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = a.oid
                               AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
   WHERE a.adrelid = need.oid
  ${foreignKeys ? "UNION ALL SELECT k.confrelid FROM pg_catalog.pg_constraint k WHERE k.conrelid = need.oid AND k.contype = 'f'" : ''}`;

const needed = (foreignKeys: boolean): string => `
  WITH RECURSIVE need(oid) AS (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND n.nspname::pg_catalog.text || '.' || c.relname::pg_catalog.text = ANY ($1::pg_catalog.text[])
    UNION
    SELECT next.oid FROM need CROSS JOIN LATERAL (${STEP(foreignKeys)}) AS next(oid))
  SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         CASE WHEN c.relkind = 'r' THEN pg_catalog.pg_total_relation_size(c.oid) ELSE 0 END AS bytes
    FROM need JOIN pg_catalog.pg_class c ON c.oid = need.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   ORDER BY 1, 2`;

/**
 * @param names of the plan; without a schema they are in `schema`
 * @throws {DatabaseError}
 */
export async function neededTables(
  session: Session,
  schema: string,
  names: readonly string[],
): Promise<NeededTable[]> {
  const full = names.flatMap((name) => [`${schema}.${name}`, ...(name.includes('.') ? [name] : [])]);
  const rowsOf = async (foreignKeys: boolean): Promise<Record<string, unknown>[]> =>
    (await session.query(needed(foreignKeys), [arrayLiteral(full)])).rows;
  const key = (row: Record<string, unknown>): string => JSON.stringify([row['schema'], row['name']]);
  const without = new Set((await rowsOf(false)).map(key));
  return (await rowsOf(true)).map((row) => ({
    schema: asText(row['schema']),
    name: asText(row['name']),
    kind: asText(row['kind']),
    bytes: asNumber(row['bytes']),
    referred: !without.has(key(row)),
  }));
}
