/** What there is in a schema, for moves to choose from: names quoted as a statement needs them. */
import type { Session } from '../../../src/sql/session.ts';

export interface Relation {
  name: string;
  kind: string;
  /** Bound, of a partition. */
  bound: string | null;
  parent: string | null;
  columns: {
    name: string;
    type: string;
    notNull: boolean;
    identity: string;
    generated: string;
    default: string | null;
  }[];
  constraints: { name: string; type: string }[];
  indexes: string[];
  triggers: string[];
  policies: string[];
}

export interface Inventory {
  relations: Relation[];
  functions: { name: string; parameters: string }[];
  types: { name: string; kind: string; labels: string[] | null; constraints: string[] | null }[];
  sequences: { name: string; owned: boolean }[];
}

const LIST = (what: string, from: string): string =>
  `(SELECT coalesce(json_agg(${what}), '[]') FROM ${from})`;

const INVENTORY = `
  SELECT json_build_object(
    'relations', ${LIST(
      `json_build_object('name', quote_ident(c.relname), 'kind', c.relkind, 'bound', pg_get_expr(c.relpartbound, c.oid),
        'parent', (SELECT quote_ident(p.relname) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent WHERE h.inhrelid = c.oid LIMIT 1),
        'columns', ${LIST(
          `json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
            'default', (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum)) ORDER BY a.attnum`,
          'pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped',
        )},
        'constraints', ${LIST(`json_build_object('name', quote_ident(o.conname), 'type', o.contype) ORDER BY o.conname`, 'pg_constraint o WHERE o.conrelid = c.oid')},
        'indexes', ${LIST('quote_ident(i.relname) ORDER BY i.relname', `pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.oid)`)},
        'triggers', ${LIST('quote_ident(g.tgname) ORDER BY g.tgname', 'pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal')},
        'policies', ${LIST('quote_ident(y.polname) ORDER BY y.polname', 'pg_policy y WHERE y.polrelid = c.oid')}) ORDER BY c.relname`,
      `pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm')`,
    )},
    'functions', ${LIST(`json_build_object('name', quote_ident(f.proname), 'parameters', pg_get_function_identity_arguments(f.oid)) ORDER BY f.proname, f.oid`, 'pg_proc f WHERE f.pronamespace = n.oid')},
    'types', ${LIST(
      `json_build_object('name', quote_ident(t.typname), 'kind', t.typtype,
        'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
        'constraints', (SELECT json_agg(quote_ident(o.conname) ORDER BY o.conname) FROM pg_constraint o WHERE o.contypid = t.oid)) ORDER BY t.typname`,
      `pg_type t WHERE t.typnamespace = n.oid AND t.typcategory <> 'A' AND t.typtype IN ('c', 'd', 'e') AND (t.typrelid = 0 OR (SELECT k.relkind FROM pg_class k WHERE k.oid = t.typrelid) = 'c')`,
    )},
    'sequences', ${LIST(
      `json_build_object('name', quote_ident(q.relname), 'owned', EXISTS (SELECT FROM pg_depend d WHERE d.objid = q.oid AND d.deptype IN ('a', 'i'))) ORDER BY q.relname`,
      `pg_class q WHERE q.relnamespace = n.oid AND q.relkind = 'S'`,
    )}) AS found
    FROM pg_namespace n WHERE n.nspname = $1`;

export async function inventoryOf(session: Session, schema: string): Promise<Inventory> {
  const { rows } = await session.query(INVENTORY, [schema]);
  const found = rows[0]?.['found'];
  return (typeof found === 'string' ? JSON.parse(found) : found) as Inventory;
}
