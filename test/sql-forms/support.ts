/** Carrying out a step in each of its forms, each in a database of its own, and what came of it. */
import { readCatalog } from '../../src/postgres/catalog.ts';
import { findAttachments } from '../../src/postgres/attachments.ts';
import { defaultGrantees, readDefinitions } from '../../src/postgres/definition.ts';
import { prepareStore, registerRun } from '../../src/postgres/store.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { quoteName } from '../../src/sql/definition-sql.ts';
import { offersFor, type OffersRequest } from '../../src/sql/procedure/index.ts';
import type { Form, FormOffer, Procedure } from '../../src/sql/procedure/types.ts';
import type { Session } from '../../src/sql/session.ts';
import { concernedTables } from '../../src/sql/tables-of.ts';
import type { Plan, Position } from '../../src/sql/types.ts';
import type { Database } from '../support/states.ts';
import { allPending, execute, openBench, type Bench } from '../postgres/support.ts';

export const RUN = '20261122-1549-k3f9';
export const FORMS: Form[] = ['as-written', 'rewrite', 'copy-and-swap'];

export interface Outcome {
  definitions: TableDefinition[];
  /** By table: every row as text, in the order of these texts. */
  rows: Record<string, string[]>;
  /** Tables in the archive with their numbers of rows, as the journal says. */
  archived: Record<string, number | null>;
}

export async function requestFor(
  session: Session,
  plan: Plan,
  position: Position,
  more: Partial<OffersRequest> = {},
): Promise<OffersRequest> {
  const catalog = await readCatalog(session, 'public');
  const names = concernedTables(plan, catalog).filter((name) => catalog.tables[name] !== undefined);
  return {
    plan,
    position,
    catalog,
    definitions: await readDefinitions(session, 'public', names),
    attachments: await findAttachments(session, catalog, plan, position),
    run: RUN,
    schema: 'public',
    withoutArchive: false,
    keepsJournal: true,
    lookHash: 'look',
    forward: [],
    serverVersion: 150_000,
    embedded: false,
    defaultGrantees: await defaultGrantees(session),
    ...more,
  };
}

export async function storeFor(session: Session): Promise<void> {
  await prepareStore(session);
  await registerRun(session, {
    run: RUN,
    kind: 'rollback',
    undoes: null,
    runbook: { path: '', title: '', sha256: '', migration: '' },
    plan: '',
    schema: 'public',
    operator: 'tester',
    host: 'here',
    version: '0',
  });
}

export function offered(offers: readonly FormOffer[], form: Form): FormOffer {
  const offer = offers.find((one) => one.form === form);
  if (!offer) throw new Error(`no word about ${form}`);
  return offer;
}

/** The actions in one transaction; `between` sees each before it is sent. */
export async function carryOut(
  session: Session,
  procedure: Procedure,
  between: (action: Procedure['actions'][number]) => Promise<void> | void = () => undefined,
): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query('SET LOCAL search_path = "public", pg_temp');
    for (const { table, level } of procedure.locks)
      await session.query(`LOCK TABLE public.${quoteName(table)} IN ${level} MODE`);
    for (const action of procedure.actions) {
      await between(action);
      await session.query(action.sql, action.params ?? []);
    }
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK');
    throw error;
  }
}

const USER_TABLES = `
  SELECT c.relname AS name FROM pg_catalog.pg_class c
   WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`;

export async function outcomeOf(session: Session): Promise<Outcome> {
  const tables = (await session.query(USER_TABLES)).rows.map(({ name }) => String(name));
  const rows: Outcome['rows'] = {};
  for (const table of tables) {
    const found = await session.query(`SELECT t::text AS row FROM public.${quoteName(table)} t ORDER BY 1`);
    rows[table] = found.rows.map(({ row }) => String(row));
  }
  const kept = await session.query('SELECT object, kind, "rows" FROM backout.archived ORDER BY step, seq');
  const archived = kept.rows.map(({ object, kind, rows: count }) => [
    `${String(kind)} ${String(object)}`,
    count === null ? null : Number(count),
  ]);
  return {
    definitions: await readDefinitions(session, 'public', tables),
    rows,
    archived: Object.fromEntries(archived) as Outcome['archived'],
  };
}

export interface Course {
  /** Null when the form is not offered. */
  outcome: Outcome | null;
  offers: FormOffer[];
  procedure: Procedure | null;
}

/** One step of the plan carried out in one form, in a database made for it. */
export async function inForm(
  state: (db: Database) => Promise<void>,
  plan: Plan,
  form: Form,
  more: { step?: string; position?: Position } = {},
): Promise<Course> {
  const bench = await openBench({ state });
  try {
    return await courseOf(bench, plan, form, more);
  } finally {
    await bench.close();
  }
}

const LEFT = `
  SELECT pg_catalog.format('DROP PUBLICATION %I', pubname) AS sql FROM pg_catalog.pg_publication
  UNION ALL
  SELECT pg_catalog.format('DROP SCHEMA %I CASCADE', nspname) FROM pg_catalog.pg_namespace
   WHERE nspname IN ('public', 'backout', 'backout_archive')
  UNION ALL
  SELECT DISTINCT pg_catalog.format('ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM %I', x.grantee::pg_catalog.regrole::text)
    FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) x WHERE x.grantee <> d.defaclrole`;

/** One step in one form, in a database that other courses have used: emptied first, which is faster than a new one. */
export async function inFormOn(
  bench: Bench,
  planted: readonly string[],
  plan: Plan,
  form: Form,
): Promise<Course> {
  const { session } = bench;
  for (const { sql } of (await session.query(LEFT)).rows) await session.query(String(sql));
  await session.query('CREATE SCHEMA public');
  await execute(session, 'public', planted);
  return courseOf(bench, plan, form, {});
}

async function courseOf(
  { session }: Bench,
  plan: Plan,
  form: Form,
  more: { step?: string; position?: Position },
): Promise<Course> {
  await storeFor(session);
  const request = await requestFor(session, plan, more.position ?? allPending(plan));
  const wanted = more.step ?? plan.steps[0]?.id;
  const offers = offersFor(request).find(({ step }) => step === wanted)?.offers ?? [];
  const { procedure } = offered(offers, form);
  if (!procedure) return { outcome: null, offers, procedure };
  await carryOut(session, procedure);
  return { outcome: await outcomeOf(session), offers, procedure };
}
