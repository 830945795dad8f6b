/** Reading the catalog: one schema, one statement, one snapshot. */
import type { Session } from '../sql/session.ts';
import type { Catalog, Elsewhere, Table } from '../sql/types.ts';
import { asJson, asText } from '../sql/values.ts';
import {
  CONSTRAINT_PARENT,
  FAMILY,
  familyOf,
  INDEX_PARENT,
  lean,
  type RawFamily,
} from './definition/family.ts';
import { unqualified } from './unqualified.ts';

/*
 * Every function, type and operator is qualified, and no operator converts an argument: these also run inside a step's
 * transaction, where the runbook's schema is in the search_path and an operator that somebody made there would
 * otherwise run with our rights.
 */
const EQ = 'OPERATOR(pg_catalog.=)';

const COLUMNS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', a.attname,
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'notNull', a.attnotnull,
           'default', CASE WHEN a.attgenerated ${EQ} ''::pg_catalog."char"
                           THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
           'generated', a.attgenerated,
           'identity', a.attidentity,
           'domain', y.typtype ${EQ} 'd'::pg_catalog."char") ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type y ON y.oid ${EQ} a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid ${EQ} a.attrelid AND d.adnum ${EQ} a.attnum
   WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped`;

const INDEX_COLUMNS = `
  SELECT pg_catalog.json_agg(
           COALESCE(a.attname::pg_catalog.text,
                    pg_catalog.pg_get_indexdef(x.indexrelid, k.n::pg_catalog.int4, false)) ORDER BY k.n)
    FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY k(attnum, n)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid ${EQ} x.indrelid AND a.attnum ${EQ} k.attnum
   WHERE k.n OPERATOR(pg_catalog.<=) x.indnkeyatts::pg_catalog.int8`;

const INDEXES = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', i.relname,
           'definition', pg_catalog.pg_get_indexdef(x.indexrelid),
           'columns', (${INDEX_COLUMNS}),
           'unique', x.indisunique,
           'primary', x.indisprimary,
           'parent', ${INDEX_PARENT},
           'valid', x.indisvalid) ORDER BY i.relname)
    FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_class i ON i.oid ${EQ} x.indexrelid
   WHERE x.indrelid ${EQ} c.oid`;

const CONSTRAINTS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', o.conname,
           'type', o.contype,
           'definition', pg_catalog.pg_get_constraintdef(o.oid),
           'parent', ${CONSTRAINT_PARENT},
           'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
                         FROM pg_catalog.unnest(o.conkey) WITH ORDINALITY k(attnum, n)
                         JOIN pg_catalog.pg_attribute a
                           ON a.attrelid ${EQ} o.conrelid AND a.attnum ${EQ} k.attnum)) ORDER BY o.conname)
    FROM pg_catalog.pg_constraint o
   WHERE o.conrelid ${EQ} c.oid AND o.contype OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"`;

const TABLES = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'schema', s.nspname,
           'name', c.relname,
           'oid', c.oid,
           'kind', c.relkind,
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'estimatedRows', c.reltuples,
           'bytes', CASE WHEN c.relkind ${EQ} ANY (ARRAY['r', 'p', 'm']::pg_catalog."char"[])
                         THEN pg_catalog.pg_total_relation_size(c.oid::pg_catalog.regclass) ELSE 0 END,
           'columns', (${COLUMNS}),
           'indexes', (${INDEXES}),
           'family', ${FAMILY},
           'constraints', (${CONSTRAINTS})) ORDER BY c.relname) AS tables
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace s ON s.oid ${EQ} c.relnamespace
   WHERE (s.nspname ${EQ} $1::pg_catalog.name OR EXISTS (
           SELECT FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.name[]), pg_catalog.unnest($3::pg_catalog.name[])) e(schema, name)
            WHERE e.schema ${EQ} s.nspname AND (e.name ${EQ} c.relname OR EXISTS (
                    SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid ${EQ} x.indexrelid
                     WHERE x.indrelid ${EQ} c.oid AND i.relname ${EQ} e.name))))
     AND c.relkind ${EQ} ANY (ARRAY['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[])`;

/**
 * The tables of a schema as the database has them now, and those of other schemas that are asked for, under
 * `schema.name`. May be called inside a transaction; changes no setting. Types, defaults and constraints are spelled as
 * they read with `schema` in the search_path.
 * @throws {DatabaseError}
 */
export async function readCatalog(session: Session, schema: string, asked: Elsewhere = {}): Promise<Catalog> {
  const places = Object.values(asked);
  const { rows } = await session.query(TABLES, [
    schema,
    arrayLiteral(places.map((place) => place.schema)),
    arrayLiteral(places.map(({ name }) => name)),
  ]);
  const raw = ((asJson(rows[0]?.['tables'] ?? null) ?? []) as Raw[]).map((table) => tableOf(table, schema));
  const own = raw.filter((table) => table.schema === schema);
  // A table of the schema that is really called `other.name` keeps its name: the other one is not looked at then.
  const isFree = (key: string): boolean => own.every(({ name }) => name !== key);
  const others = raw
    .filter((table) => table.schema !== schema)
    .map((table): Table => ({ ...table, name: `${table.schema}.${table.name}`, bare: table.name }))
    .filter(({ name }) => isFree(name))
    .map((table) => withoutHidden(table, places[0]?.hidden ?? []));
  const found = others.map((table) => [
    table.name,
    { ...places[0], schema: table.schema, name: table.bare ?? '' },
  ]);
  const elsewhere = Object.fromEntries([
    ...found,
    ...Object.entries(asked).filter(([key]) => isFree(key)),
  ]) as Elsewhere;
  const tables = Object.fromEntries([...own, ...others].map((table) => [table.name, table]));
  return places.length === 0 ? { schema, tables } : { schema, tables, elsewhere };
}

function withoutHidden(table: Table, hidden: readonly string[]): Table {
  if (hidden.length === 0) return table;
  return { ...table, indexes: table.indexes.filter(({ name }) => !hidden.includes(name)) };
}

type RawPart<T> = Omit<T, 'columns' | 'definition'> & { columns: string[] | null; definition: string | null };

/**
 * json_agg over nothing is NULL. A definition is NULL for what was dropped while we waited to read it: the functions
 * that spell definitions see the catalog as it is by then, not the statement's snapshot.
 */
type Raw = Omit<Table, 'columns' | 'indexes' | 'constraints' | 'family'> & {
  family: RawFamily | null;
  columns: Table['columns'] | null;
  indexes: RawPart<Table['indexes'][number]>[] | null;
  constraints: RawPart<Table['constraints'][number]>[] | null;
};

function isThere<T extends { definition: string | null }>(part: T): part is T & { definition: string } {
  return part.definition !== null;
}

function tableOf(raw: Raw, schema: string): Table {
  const bare = (text: string): string => unqualified(text, schema);
  const { family, ...rest } = raw;
  return {
    ...rest,
    ...familyOf(family),
    oid: Number(raw.oid),
    columns: (raw.columns ?? []).map(({ domain, ...column }) => ({
      ...column,
      ...(domain ? { domain } : {}),
      type: bare(column.type),
      default: column.default === null ? null : bare(column.default),
    })),
    indexes: (raw.indexes ?? [])
      .filter(isThere)
      .map((index) => ({ ...lean(index), columns: index.columns ?? [] })),
    constraints: (raw.constraints ?? []).filter(isThere).map((constraint) => ({
      ...lean(constraint),
      definition: bare(constraint.definition),
      columns: constraint.columns ?? [],
    })),
  };
}

/** `reset_val`: what the role, the database and the connection asked for, before we set our own search_path. */
const SCHEMAS = `
  SELECT s.setting AS path, CURRENT_USER AS user_name,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'hits', (
                   SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
                    WHERE c.relnamespace ${EQ} n.oid AND c.relname ${EQ} ANY ($1::pg_catalog.name[])
                      AND c.relkind ${EQ} ANY (ARRAY['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[]))))
            FROM pg_catalog.pg_namespace n
           WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE')) AS schemas
    FROM (SELECT g.reset_val AS setting FROM pg_catalog.pg_settings g
           WHERE g.name ${EQ} 'search_path'::pg_catalog.text) s`;

/**
 * The schema the runbook's names are in: the first of the role's own search_path that holds any of the tables, else
 * the first that exists, else `public`.
 * @throws {DatabaseError}
 */
export async function chooseSchema(session: Session, names: readonly string[]): Promise<string> {
  const row = (await session.query(SCHEMAS, [arrayLiteral(names)])).rows[0] ?? {};
  const schemas = (asJson(row['schemas'] ?? null) ?? []) as { schema: string; hits: number }[];
  const hits = new Map(schemas.map(({ schema, hits: count }) => [schema, count]));
  const path = splitPath(asText(row['path'])).map((name) =>
    name === '$user' ? asText(row['user_name']) : name,
  );
  const there = path.filter((name) => hits.has(name) && !name.startsWith('pg_'));
  return there.find((name) => (hits.get(name) ?? 0) > 0) ?? there[0] ?? 'public';
}

/** The names in a search_path: separated by commas, in quotes or folded to lower case. */
function splitPath(path: string): string[] {
  return [...path.matchAll(/"((?:[^"]|"")*)"|([^,\s"]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '').toLowerCase() : quoted.replaceAll('""', '"'),
  );
}

/** An array as PostgreSQL writes it (manual, arrays-io): a parameter that every driver passes on as it is. */
export function arrayLiteral(items: readonly (string | number)[]): string {
  const quoted = items.map((item) => `"${String(item).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `{${quoted.join(',')}}`;
}
