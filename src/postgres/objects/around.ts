/** What a plan means by everything: who the session is, what is in a schema, which triggers are on a table. */
import { effectsOf } from '../../sql/effects.ts';
import { everyOf, type Around, type Member } from '../../sql/objects/every.ts';
import { asksForRoles, withRoles } from '../../sql/objects/session-roles.ts';
import type { ObjectType } from '../../sql/objects/types.ts';
import type { Session } from '../../sql/session.ts';
import type { Catalog, Plan } from '../../sql/types.ts';
import { asJson, asText } from '../../sql/values.ts';
import { arrayLiteral } from '../catalog.ts';
import { EQ, code } from '../definition/parts.ts';

const ROLES = `SELECT CURRENT_USER::pg_catalog.text AS current, SESSION_USER::pg_catalog.text AS session`;

const AGG = 'pg_catalog.json_agg';
const OBJECT = 'pg_catalog.json_build_object';

/** Relations by GRANT's kinds, and routines by their parameters. $1 schemas, $2 the search_path that spells types. */
const MEMBERS = `
  SELECT CASE WHEN pg_catalog.set_config('search_path', $2, true) IS NOT NULL THEN (
  SELECT ${AGG}(m.one ORDER BY m.schema, m.name) FROM (
    SELECT n.nspname AS schema, c.relname AS name, ${OBJECT}('schema', n.nspname, 'name', c.relname,
             'type', CASE WHEN c.relkind ${EQ} ${code('S')} THEN 'sequence' ELSE 'table' END,
             'table', (SELECT tc.relname FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_class tc ON tc.oid ${EQ} e.refobjid
                        WHERE e.classid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND e.objid ${EQ} c.oid
                          AND e.refclassid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND c.relkind ${EQ} ${code('S')}
                          AND e.deptype ${EQ} ANY (ARRAY['a', 'i']::pg_catalog."char"[])),
             'column', (SELECT ta.attname FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_attribute ta
                            ON ta.attrelid ${EQ} e.refobjid AND ta.attnum::pg_catalog.int4 ${EQ} e.refobjsubid
                        WHERE e.classid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND e.objid ${EQ} c.oid
                          AND e.refclassid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND c.relkind ${EQ} ${code('S')}
                          AND e.deptype ${EQ} ANY (ARRAY['a', 'i']::pg_catalog."char"[]))) AS one
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace
     WHERE n.nspname ${EQ} ANY ($1::pg_catalog.name[]) AND c.relkind ${EQ} ANY (ARRAY['r', 'p', 'v', 'm', 'f', 'S']::pg_catalog."char"[])
    UNION ALL
    SELECT n.nspname, p.proname, ${OBJECT}('schema', n.nspname, 'name', p.proname,
             'type', CASE WHEN p.prokind ${EQ} ${code('p')} THEN 'procedure' ELSE 'function' END,
             'signature', (SELECT COALESCE(${AGG}(pg_catalog.format_type(u.type, NULL::pg_catalog.int4) ORDER BY u.number), '[]'::pg_catalog.json)
                             FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) WITH ORDINALITY u(type, number)))
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} p.pronamespace
     WHERE n.nspname ${EQ} ANY ($1::pg_catalog.name[])) m) END AS found`;

const TRIGGERS = `
  SELECT ${AGG}(${OBJECT}('schema', n.nspname, 'table', c.relname, 'name', g.tgname, 'internal', g.tgisinternal) ORDER BY g.tgname) AS found
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid ${EQ} g.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace
   WHERE n.nspname ${EQ} ANY ($1::pg_catalog.name[]) AND c.relname ${EQ} ANY ($2::pg_catalog.name[])`;

interface RawMember {
  schema: string;
  name: string;
  type: ObjectType;
  signature?: string[];
  table?: string | null;
  column?: string | null;
}

const memberOf = ({ schema, name, type, signature, table, column }: RawMember, home: string): Member => ({
  ref: {
    type,
    name,
    ...(schema === home ? {} : { schema }),
    ...(signature ? { signature } : {}),
  },
  table: table ?? null,
  column: column ?? null,
});

async function membersOf(
  session: Session,
  home: string,
  schemas: readonly string[],
): Promise<Around['members']> {
  if (schemas.length === 0) return {};
  const path = `"${home.replaceAll('"', '""')}", pg_temp`;
  const former = asText(
    (await session.query(`SELECT pg_catalog.current_setting('search_path') AS path`)).rows[0]?.['path'],
  );
  const { rows } = await session.query(MEMBERS, [arrayLiteral(schemas), path]);
  await session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [former]);
  const found = (asJson(rows[0]?.['found'] ?? null) ?? []) as RawMember[];
  return Object.fromEntries(
    schemas.map((schema) => [
      schema,
      found.filter((one) => one.schema === schema).map((one) => memberOf(one, home)),
    ]),
  );
}

async function triggersOf(
  session: Session,
  schemas: readonly string[],
  tables: readonly string[],
): Promise<Around['triggers']> {
  if (tables.length === 0) return {};
  const { rows } = await session.query(TRIGGERS, [arrayLiteral(schemas), arrayLiteral(tables)]);
  const found = (asJson(rows[0]?.['found'] ?? null) ?? []) as {
    schema: string;
    table: string;
    name: string;
    internal: boolean;
  }[];
  const all: Record<string, { name: string; internal: boolean }[]> = {};
  for (const { schema, table, name, internal } of found)
    (all[`${schema}.${table}`] ??= []).push({ name, internal });
  return all;
}

/** The catalog with what the plan asks for around it; as it is where it asks for nothing. @throws {DatabaseError} */
export async function withAround(session: Session, catalog: Catalog, plan: Plan): Promise<Catalog> {
  const statements = plan.steps.flatMap((step) => step.statements);
  const effects = statements.flatMap((one) => one.effects);
  const every = everyOf(effects);
  if (every.length === 0 && !statements.some(({ tree }) => asksForRoles(tree))) return catalog;
  const row = (await session.query(ROLES)).rows[0] ?? {};
  const roles = { current: asText(row['current']), session: asText(row['session']) };
  const whole = every.filter(({ table }) => table === undefined);
  const schemas = [...new Set(whole.flatMap(({ schema }) => schema ?? []))].sort();
  const switched = every.filter(({ table }) => table !== undefined);
  const renamed = effects.flatMap((one) => (one.kind === 'rename-table' ? [one.from, one.to] : []));
  const tables = switched.length === 0 ? [] : [...switched.map(({ table }) => table ?? ''), ...renamed];
  const places = [catalog.schema, ...switched.flatMap(({ schema }) => schema ?? [])];
  const asked = { schemas, places: [...new Set(places)], tables: [...new Set(tables)].sort() };
  return { ...catalog, around: await read(session, catalog.schema, { roles, asked }) };
}

async function read(
  session: Session,
  home: string,
  { roles, asked }: Pick<Around, 'roles' | 'asked'>,
): Promise<Around> {
  const members = await membersOf(session, home, asked.schemas);
  return { roles, asked, members, triggers: await triggersOf(session, asked.places, asked.tables) };
}

/** The catalog with the same asked again, to be compared. May be called inside a transaction. @throws {DatabaseError} */
export async function aroundAgain(session: Session, catalog: Catalog, { around }: Catalog): Promise<Catalog> {
  return around ? { ...catalog, around: await read(session, catalog.schema, around) } : catalog;
}

/** CURRENT_USER and its kin by the name of the session's role. Pure. */
export function withSessionRoles(plan: Plan, { around }: Catalog): Plan {
  return around === undefined ? plan : withRoles(plan, around.roles, effectsOf);
}
