/** Looks at the database and judges the plan against it: the survey that every confirmation is bound to. */
import { createHash } from 'node:crypto';
import { catalogHash } from '../postgres/baseline.ts';
import { chooseSchema, readCatalog } from '../postgres/catalog.ts';
import { checkPrerequisites } from '../postgres/prerequisites/index.ts';
import type { Prerequisite, ServerInfo } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import { locksOf } from '../sql/locks.ts';
import { nextStatements, positionOf } from '../sql/position.ts';
import { assessRisk } from '../sql/risk.ts';
import type { Session } from '../sql/session.ts';
import { catalogAfter } from '../sql/symbolic.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Catalog, Plan, Position } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Survey } from '../wizard/types.ts';
import type { Judgement } from './types.ts';

export interface JudgeRequest {
  session: Session;
  server: ServerInfo;
  schema: string;
  runbook: Runbook;
  plan: Plan;
  backup: string | null;
  openOther: () => Promise<Session>;
}

/** The schema that the plan's names are in: as the operator says, or as the role's own search_path finds them. */
export async function schemaFor(session: Session, plan: Plan, asked?: string): Promise<string> {
  return asked ?? chooseSchema(session, tablesOf(plan));
}

export interface Look {
  catalog: Catalog;
  position: Position;
  /** What a confirmation is bound to: the plan's text, the catalog it was judged against, and what is still to run. */
  hash: string;
}

/** Where the database stands, alone. */
export async function lookAt(session: Session, schema: string, plan: Plan): Promise<Look> {
  const catalog = await readCatalog(session, schema);
  const position = readable(await positionOf(plan, catalog, session));
  const open = nextStatements(plan, position).map((statement) => statement.line);
  const hash = createHash('sha256')
    .update(JSON.stringify([catalogHash(catalog, plan), open]))
    .digest('hex');
  return { catalog, position, hash };
}

/** Reasons hold names and messages as the server gave them; from here on they are shown and stored. */
function readable(position: Position): Position {
  const steps = position.steps.map((step) => ({
    ...step,
    statements: step.statements.map((statement) => ({ ...statement, reason: toLine(statement.reason) })),
  }));
  return { steps };
}

/**
 * The counts carry wide rows through several joins: with the default 4 MB the server writes them to disk and reads
 * them again hundreds of times. Set for the counting alone, so that the steps run as they would by hand.
 */
async function withRoom<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query("SET work_mem = '64MB'");
  try {
    return await work();
  } finally {
    if (!session.lost) await session.query('RESET work_mem');
  }
}

/** Everything but the prerequisites. */
export async function surveyOf(
  request: Pick<JudgeRequest, 'session' | 'server' | 'schema' | 'plan'>,
): Promise<{ catalog: Catalog; survey: Survey }> {
  const { session, plan, schema, server } = request;
  const { catalog, position, hash } = await lookAt(session, schema, plan);
  const { rowsAfter, ...risk } = await withRoom(session, () =>
    assessRisk(plan, catalog, position, session, { serverVersion: server.versionNumber }),
  );
  const survey: Survey = {
    position,
    locks: locksOf(plan, position, catalog),
    risk,
    attachments: [],
    offers: [],
    baseline: rowsAfter,
    hash,
  };
  return { catalog, survey };
}

/** The whole judgement. `onResult` hears each prerequisite as it is known. */
export async function judge(
  request: JudgeRequest,
  onResult: (result: Prerequisite) => void,
): Promise<Judgement> {
  const { catalog, survey } = await surveyOf(request);
  const { results, attachments } = await checkPrerequisites(
    {
      ...request,
      catalog,
      position: survey.position,
      risk: survey.risk,
      backup: request.backup === null ? null : { path: request.backup },
      env: process.env,
      otherRuns: [],
    },
    onResult,
  );
  return {
    schema: request.schema,
    catalog,
    survey: { ...survey, attachments },
    prerequisites: results,
    attachments,
  };
}

/** What the plan has to end in, for the tables it touches. */
export function intendedCatalog(plan: Plan, catalog: Catalog, position: Position): Catalog {
  const after = catalogAfter(plan, catalog, position);
  const touched = new Set(tablesOf(plan));
  return {
    ...after,
    tables: Object.fromEntries(Object.entries(after.tables).filter(([name]) => touched.has(name))),
  };
}
