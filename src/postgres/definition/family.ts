/**
 * What the catalog says of partitions and inheritance, as src/sql/family/types.ts has it. Every query sees `c`, the table's
 * row of pg_class. Qualified throughout, as parts.ts is and for the same reason.
 */
import type { Family } from '../../sql/family/types.ts';

const EQ = 'OPERATOR(pg_catalog.=)';
const NE = 'OPERATOR(pg_catalog.<>)';
const AGG = 'pg_catalog.json_agg';
const OBJECT = 'pg_catalog.json_build_object';

/** pg_inherits.inhdetachpending is new in 14. */
const PENDING = `COALESCE(pg_catalog.to_jsonb(h.*) OPERATOR(pg_catalog.->>) 'inhdetachpending', 'false') ${EQ} 'true'`;

const relatives = (self: string, other: string, more: string): string => `
  (SELECT ${AGG}(${OBJECT}('schema', hn.nspname, 'name', hc.relname${more}) ORDER BY h.inhseqno, hn.nspname, hc.relname)
     FROM pg_catalog.pg_inherits h
     JOIN pg_catalog.pg_class hc ON hc.oid ${EQ} h.${other}
     JOIN pg_catalog.pg_namespace hn ON hn.oid ${EQ} hc.relnamespace
    WHERE h.${self} ${EQ} c.oid)`;

const BOUND = `, 'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid), 'pending', ${PENDING}`;

/** NULL for a table that is neither partitioned nor has parents or children. */
export const FAMILY = `
  CASE WHEN c.relkind ${EQ} 'p'::pg_catalog."char"
         OR EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid ${EQ} c.oid OR h.inhparent ${EQ} c.oid) THEN
    ${OBJECT}(
      'key', CASE WHEN c.relkind ${EQ} 'p'::pg_catalog."char" THEN pg_catalog.pg_get_partkeydef(c.oid) END,
      'parents', ${relatives('inhrelid', 'inhparent', BOUND)},
      'children', ${relatives('inhparent', 'inhrelid', '')},
      'inherited', (SELECT ${AGG}(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
                     WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2
                       AND NOT a.attisdropped AND NOT a.attislocal AND a.attinhcount::pg_catalog.int4 ${EQ} 1)) END`;

/** The index of the parent that an index is a part of. Sees `x`, its row of pg_index. */
export const INDEX_PARENT = `
  (SELECT hi.relname FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class hi ON hi.oid ${EQ} h.inhparent
    WHERE h.inhrelid ${EQ} x.indexrelid)`;

/** The parent's constraint that a constraint comes and goes with. Sees `o`, its row of pg_constraint. */
export const CONSTRAINT_PARENT = `
  CASE WHEN o.conparentid ${NE} 0::pg_catalog.oid
         THEN (SELECT po.conname FROM pg_catalog.pg_constraint po WHERE po.oid ${EQ} o.conparentid)
       WHEN o.coninhcount::pg_catalog.int4 OPERATOR(pg_catalog.>) 0 AND NOT o.conislocal THEN o.conname END`;

/** json_agg over nothing is NULL. */
export type RawFamily = { [K in keyof Family]: Family[K] | null };

export function familyOf(raw: RawFamily | null | undefined): { family?: Family } {
  if (!raw) return {};
  const { key, parents, children, inherited } = raw;
  return {
    family: { key, parents: parents ?? [], children: children ?? [], inherited: inherited ?? [] },
  };
}

/** Without what has no parent. */
export function lean<T extends object>(part: T): T {
  const entries = Object.entries(part).filter(
    ([key, value]) => !['parent', 'inherited'].includes(key) || (value !== null && value !== false),
  );
  return Object.fromEntries(entries) as T;
}
