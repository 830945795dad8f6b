/** Whether a scratch database may be made and worked in, and what of the database goes into it; reads alone. */
import { mayCreate } from '../backup/scratch.ts';
import { pgDump, pgRestore, type Program } from '../backup/programs.ts';
import { UserError } from '../exit.ts';
import { pinned } from '../postgres/scope.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import { concernedTables } from '../sql/tables-of.ts';
import type { Catalog } from '../sql/types.ts';
import { asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { neededTables, type NeededTable } from './needed-tables.ts';
import { mayBeAsked, PLAIN_EXTENSIONS, reachesOutOf, reachingFunctions } from './reaches.ts';
import type { Subject } from './stage.ts';
import type { Needed, RehearsalOptions } from './types.ts';

/** What the way needs to know before it begins. */
export interface DatabaseWay {
  programs: { dump: Program; restore: Program };
  /** Whose rows are copied. */
  tables: NeededTable[];
  /** Whose functions may act outside of the copy. */
  triggersOff: { table: { schema: string; name: string }; name: string }[];
  mayAsk(sql: string): boolean;
  needed: Needed;
}

export interface WayRequest {
  subject: Subject;
  session: Session;
  catalog: Catalog;
  procedures: readonly Procedure[];
  free: number | null;
  env: NodeJS.ProcessEnv;
  options: Pick<RehearsalOptions, 'sample' | 'sizeLimit'>;
}

/** pg_dump takes ACCESS SHARE on every table, also where it reads no rows; that needs the right to read it. */
const UNREADABLE = `
  SELECT n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'backout', 'backout_archive')
     AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
     AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))
   ORDER BY 1 LIMIT 3`;

/** All that somebody made here, extensions' left out but those that may act elsewhere. */
const FUNCTIONS = `
  SELECT p.proname AS name, l.lanname AS language,
         COALESCE(p.prosrc, '') || ' ' || COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), '') AS source
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
     AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
              AND e.extname::pg_catalog.text = ANY ($1::pg_catalog.text[]))`;

/** pg_get_function_sqlbody came with PostgreSQL 14. */
const functionsSql = (version: number): string =>
  version >= 140_000
    ? FUNCTIONS
    : FUNCTIONS.replace(/ \|\| ' ' \|\| COALESCE\(pg_catalog\.pg_get_function_sqlbody[^)]*\), ''\)/, '');

const TRIGGERS = `
  SELECT n.nspname AS schema, c.relname AS "table", t.tgname AS name, p.proname AS function
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
   WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relkind IN ('r', 'p')
     AND n.nspname NOT IN ('backout', 'backout_archive')
   ORDER BY 1, 2, 3`;

/** Definitions that call functions by themselves, whoever writes or reads. */
const RESTING = `
  SELECT DISTINCT p.proname AS name
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid
   WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     AND d.classid IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass, 'pg_catalog.pg_constraint'::pg_catalog.regclass,
                       'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_policy'::pg_catalog.regclass,
                       'pg_catalog.pg_rewrite'::pg_catalog.regclass)
   ORDER BY 1`;

/** @returns the way, or why it is not open: one sentence each. @throws {DatabaseError} */
export function databaseWay(request: WayRequest): Promise<DatabaseWay | string[]> {
  return pinned(request.session, () => found(request));
}

async function found(request: WayRequest): Promise<DatabaseWay | string[]> {
  const { subject, session, catalog, options } = request;
  const { server, plan, known, schema } = subject;
  if (server.embedded) return ['The embedded PostgreSQL is no server that pg_dump could reach.'];
  if (server.standby) return ['This server is a replica: nothing can be written on it.'];
  if (server.readOnly) return ['This session may only read.'];
  if (options.sample !== undefined)
    return ['pg_dump copies whole tables, so no sample can be taken this way.'];
  const programs = await programsFor(request);
  const unreadable = (await session.query(UNREADABLE)).rows.map((row) => asText(row['name']));
  const functions = (
    await session.query(functionsSql(server.versionNumber), [
      `{${[...PLAIN_EXTENSIONS].map((name) => `"${name}"`).join(',')}}`,
    ])
  ).rows.map((row) => ({
    ...{ name: asText(row['name']), language: asText(row['language']), source: asText(row['source']) },
  }));
  const reaching = reachingFunctions(functions);
  const all = await neededTables(session, schema, concernedTables(known, catalog));
  const foreign = all.filter(({ kind }) => kind === 'f');
  const resting = (await session.query(RESTING)).rows
    .map((row) => asText(row['name']))
    .filter((name) => reaching.has(name));
  const reasons = [
    ...(Array.isArray(programs) ? programs : []),
    ...unreadable.map(
      (name) => `The role ${toLine(server.user, 80)} may not read ${toLine(name, 200)}, which pg_dump would.`,
    ),
    ...foreign.map(({ name }) => `${toLine(name, 100)} is a foreign table: its rows are elsewhere.`),
    ...resting.map(
      (name) =>
        `A default, constraint, index, policy or view calls ${toLine(name, 80)}, which may act outside of a copy.`,
    ),
    ...reachesOutOf(plan, reaching),
  ];
  if (reasons.length > 0 || Array.isArray(programs)) return reasons;
  const fits = neededFor(request, all).bytes <= options.sizeLimit;
  const tables = fits ? all : all.filter(({ referred }) => !referred);
  const triggers = (await session.query(TRIGGERS)).rows.filter((row) =>
    reaching.has(asText(row['function'])),
  );
  return {
    programs,
    tables: tables.filter(({ kind }) => kind === 'r' || kind === 'S'),
    triggersOff: triggers.map((row) => ({
      table: { schema: asText(row['schema']), name: asText(row['table']) },
      name: asText(row['name']),
    })),
    mayAsk: (sql) => mayBeAsked(sql, reaching),
    needed: neededFor(request, tables),
  };
}

/** The tables once, and what the steps write, to the disk; as much again to the log, doubled for full pages. */
function neededFor({ procedures, free }: WayRequest, tables: readonly NeededTable[]): Needed {
  const steps = procedures.reduce((sum, { cost }) => sum + cost.bytes, 0);
  const bytes = steps + tables.reduce((sum, table) => sum + table.bytes, 0);
  return { bytes, wal: 2 * bytes, free, share: 1 };
}

async function programsFor({
  session,
  subject,
  env,
}: WayRequest): Promise<DatabaseWay['programs'] | string[]> {
  try {
    await mayCreate(session);
    const dump = await pgDump(env, subject.server.versionNumber);
    const restore = await pgRestore(env);
    if (restore && restore.major >= dump.major) return { dump, restore };
    return [`pg_restore ${dump.major} or newer is not on PATH.`];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}
