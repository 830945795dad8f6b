/** Where the database stands, for a rollback: read without counting, and comparable under a step's locks. */
import { createHash } from 'node:crypto';
import { findAttachments } from '../postgres/attachments.ts';
import { catalogHash } from '../postgres/baseline.ts';
import { chooseSchema, readCatalog } from '../postgres/catalog.ts';
import { defaultGrantees, definitionHash, readDefinitions } from '../postgres/definition.ts';
import { withObjects } from '../postgres/objects.ts';
import { aroundAgain, withAround, withSessionRoles } from '../postgres/objects/around.ts';
import { quoteIdentifier } from '../postgres/scope.ts';
import { storeState } from '../postgres/store.ts';
import type { Attachment } from '../postgres/types.ts';
import { volatileCalls } from '../postgres/volatile.ts';
import type { TableDefinition } from '../sql/definition.ts';
import { elsewhereOf, localPlan } from '../sql/elsewhere.ts';

import { nextStatements, positionOf } from '../sql/position.ts';
import type { Session } from '../sql/session.ts';
import { settledPlan } from '../sql/settled.ts';
import { concernedTables, tablesOfEffect } from '../sql/tables-of.ts';
import type { Catalog, Plan, Position } from '../sql/types.ts';
import { asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { stepsDone } from './done.ts';

const OURS = 'pg_catalog, pg_temp';
const PATH = "SELECT pg_catalog.current_setting('search_path') AS path";

/** Where the database stands. */
export interface Look {
  /** With its names as the catalog has them. */
  plan: Plan;
  catalog: Catalog;
  position: Position;
  /** Of the tables the plan names, by name. */
  definitions: TableDefinition[];
  attachments: Attachment[];
  /** Roles that a table made now would be granted something by default. */
  defaultGrantees: string[];
  /** The journal's schema is there or can be made. */
  keepsJournal: boolean;
  /** What every confirmation rests on: changes with the plan's text, the definitions, and what is still to run. */
  hash: string;
  /** The search_path it was read under: expressions in definitions are spelled by it. */
  path: string;
}

interface Place {
  session: Session;
  schema: string;
  /** The run that is under way. */
  run?: string;
}

/** The schema that the plan's names are in: as the operator says, or as the role's own search_path finds them. */
export async function schemaFor(session: Session, plan: Plan, asked?: string): Promise<string> {
  // A name with its schema says nothing of where the others are.
  const loose = plan.steps
    .flatMap(({ statements }) => statements)
    .flatMap(({ effects }) => effects)
    .flatMap((effect) => (effect.schema === undefined ? tablesOfEffect(effect) : []));
  return schemaNamed(session, [...new Set(loose)], asked);
}

/** {@link schemaFor} by the tables' names. */
export async function schemaNamed(
  session: Session,
  tables: readonly string[],
  asked?: string,
): Promise<string> {
  return asked ?? chooseSchema(session, tables);
}

/** The plan with its names as the catalog has them, and that catalog. @throws {DatabaseError} */
export async function planNow(
  session: Session,
  schema: string,
  written: Plan,
): Promise<{ plan: Plan; catalog: Catalog }> {
  const elsewhere = elsewhereOf(written, schema);
  const tables = await withAround(session, await readCatalog(session, schema, elsewhere), written);
  const plan = settledPlan(localPlan(withSessionRoles(written, tables), tables), tables);
  return { plan, catalog: await withObjects(session, tables, plan) };
}

/** The catalog and the position alone: what `status` needs. */
export async function positionNow(
  session: Session,
  schema: string,
  written: Plan,
  run?: string,
): Promise<{ plan: Plan; catalog: Catalog; position: Position }> {
  const { plan, catalog: seen } = await planNow(session, schema, written);
  const done = await stepsDone(session, run, plan);
  const volatile = await volatileCalls(session, schema, plan);
  const catalog = {
    ...seen,
    ...(volatile.length > 0 ? { volatile } : {}),
    ...(done.length > 0 ? { done } : {}),
  };
  return { plan, catalog, position: readable(await positionOf(plan, catalog, session)) };
}

/** Everything a procedure is made from. Not inside a transaction. @throws {DatabaseError} */
export async function lookAt(open: Place, written: Plan): Promise<Look> {
  const { session, schema } = open;
  const path = asText((await session.query(PATH)).rows[0]?.['path']);
  const { plan, catalog, position } = await positionNow(session, schema, written, open.run);
  const definitions = await definitionsNow(open, namesOf(plan, catalog), catalog);
  const attachments = await findAttachments(session, catalog, plan, position);
  const grantees = await defaultGrantees(session);
  const { state } = await storeState(session);
  const pending = nextStatements(plan, position).map((statement) => statement.line);
  const parts = [
    catalogHash(catalog, plan),
    definitionHash(definitions),
    attachments.map(attachmentKey).sort(),
    pending,
  ];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const keepsJournal = state === 'ready' || state === 'absent';
  return {
    plan,
    catalog,
    position,
    definitions,
    attachments,
    defaultGrantees: grantees,
    keepsJournal,
    hash,
    path,
  };
}

/**
 * Whether what the look saw still holds, asked inside the step's transaction, under its locks.
 * @param guarded the tables that are compared; null: everything
 */
export async function sameAs(open: Place, look: Look, guarded: readonly string[] | null): Promise<boolean> {
  const { session, schema } = open;
  const { plan } = look;
  const concerned = (table: string): boolean => guarded === null || guarded.includes(table);
  const before = look.definitions.filter(({ name }) => concerned(name));
  const names = guarded === null ? namesOf(plan, look.catalog) : before.map(({ name }) => name);
  if (guarded === null) {
    const tables = await withPath(session, schema, look.path, async () =>
      aroundAgain(session, await readCatalog(session, schema, look.catalog.elsewhere), look.catalog),
    );
    const catalog = await withObjects(session, tables, plan);
    if (catalogHash(catalog, plan) !== catalogHash(look.catalog, plan)) return false;
  }
  const now = await definitionsNow(open, names, look.catalog);
  if (definitionHash(now) !== definitionHash(before)) return false;
  const mine = ({ table }: Attachment): boolean => concerned(table);
  const attached = await withPath(session, schema, OURS, () =>
    findAttachments(session, look.catalog, plan, look.position),
  );
  return (
    JSON.stringify(attached.filter(mine).map(attachmentKey).sort()) ===
    JSON.stringify(look.attachments.filter(mine).map(attachmentKey).sort())
  );
}

function definitionsNow(
  { session, schema }: Place,
  names: readonly string[],
  { elsewhere }: Catalog,
): Promise<TableDefinition[]> {
  return readDefinitions(session, schema, names, schema, elsewhere);
}

/** That search_path for a question in the middle of a step's transaction, which then has the runbook's again. */
async function withPath<T>(
  session: Session,
  schema: string,
  path: string,
  ask: () => Promise<T>,
): Promise<T> {
  await session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [path]);
  const answer = await ask();
  await session.query(`SET LOCAL search_path = ${quoteIdentifier(schema)}, pg_temp`);
  return answer;
}

/** Without the schema where it is the run's own. */
function namesOf(plan: Plan, catalog: Catalog): string[] {
  const { schema } = catalog;
  const own = concernedTables(plan, catalog).map((name) =>
    name.startsWith(`${schema}.`) ? name.slice(schema.length + 1) : name,
  );
  return [...new Set(own)].sort();
}

/** Whether a slot is being read from at this moment is no property of the table. */
function attachmentKey({ table, kind, name, detail, outcome }: Attachment): string {
  return JSON.stringify([table, kind, name, kind === 'logical replication slot' ? '' : detail, outcome]);
}

/** Reasons hold names and messages as the server gave them; from here on they are shown and stored. */
function readable(position: Position): Position {
  const steps = position.steps.map((step) => ({
    ...step,
    statements: step.statements.map((statement) => ({ ...statement, reason: toLine(statement.reason) })),
  }));
  return { steps };
}
