/** The course of a rollback: by its runbook, on the tables that the runbook names. */
import type { RunKind } from '../journal/types.ts';
import {
  checkBetweenSteps,
  checkPrerequisites,
  type PrerequisiteContext,
} from '../postgres/prerequisites/index.ts';
import type { Prerequisite } from '../postgres/types.ts';
import { toolLocks } from '../migrations/locks.ts';
import { forwardOf } from '../runbook/forward.ts';
import type { Runbook } from '../runbook/types.ts';
import { lockOrder } from '../sql/execute/lock-order.ts';
import { versionTables } from '../sql/lock-levels.ts';
import { locksOf } from '../sql/locks.ts';
import { offersFor } from '../sql/procedure/index.ts';
import type { Procedure, StepLocks, StepOffers } from '../sql/procedure/types.ts';
import { assessRisk } from '../sql/risk.ts';
import type { Session } from '../sql/session.ts';
import { catalogAfter } from '../sql/symbolic.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Catalog, Plan, Position } from '../sql/types.ts';
import { verify } from '../sql/verify.ts';
import type { Survey } from '../wizard/types.ts';
import type { Course, CourseRequest } from './course.ts';
import { lookAt, sameAs, schemaFor, type Look } from './look.ts';
import type { Judgement } from './types.ts';

export interface RollbackOptions {
  runbook: Runbook;
  plan: Plan;
  /** `--schema`. */
  schema?: string;
  /** A repair is carried out like a rollback, by a runbook made for it. */
  kind?: Exclude<RunKind, 'undo'>;
  /** The run that a repair was begun from. */
  related?: string | null;
}

/** Nothing is asked yet. */
export function rollbackCourse(options: RollbackOptions): Course {
  const { runbook, plan, schema: asked, kind = 'rollback', related = null } = options;
  /** What was found before Step 1: what verification compares with. */
  let before: { intended: Catalog; baseline: Record<string, number> } | null = null;

  const offersOf = ({ run, schema, server, withoutArchive }: CourseRequest, look: Look): StepOffers[] =>
    offersFor({
      ...look,
      run,
      schema,
      withoutArchive,
      lookHash: look.hash,
      forward: forwardOf(runbook),
      toolLocks: toolLocks(runbook, { schema, database: server.database }),
      serverVersion: server.versionNumber,
      embedded: server.embedded,
      user: { name: server.user, superuser: server.superuser },
    });

  async function surveyed(request: CourseRequest): Promise<{ look: Look; survey: Survey }> {
    const look = await lookAt(request, plan);
    const { session, server } = request;
    const { rowsAfter, ...risk } = await withRoom(session, () =>
      assessRisk(look.plan, look.catalog, look.position, session, { serverVersion: server.versionNumber }),
    );
    const survey: Survey = {
      position: look.position,
      locks: locksOf(look.plan, look.position, look.catalog),
      risk,
      attachments: look.attachments,
      offers: offersOf(request, look),
      baseline: rowsAfter,
      hash: look.hash,
    };
    // Looked at again after Step 1 has run, the baseline would no longer be one.
    before ??= {
      intended: intendedCatalog(look.plan, look.catalog, look.position),
      baseline: survey.baseline,
    };
    return { look, survey };
  }

  const contextOf = (request: CourseRequest, look: Look, survey: Survey): PrerequisiteContext => ({
    ...request,
    kind,
    related,
    runbook,
    plan: look.plan,
    catalog: look.catalog,
    position: survey.position,
    risk: survey.risk,
    offers: survey.offers,
    backup: request.backup === null ? null : { path: request.backup },
    env: process.env,
    otherRuns: [],
  });

  return {
    kind,
    undoes: null,
    related,
    schema: (session) => schemaFor(session, plan, asked),
    async look(request) {
      const look = await lookAt(request, plan);
      return {
        position: look.position,
        offers: offersOf(request, look),
        hash: look.hash,
        unchanged: (procedures, procedure) =>
          sameAs(request, look, procedure === null ? null : restsOn(procedures, procedure)),
        locks: (procedures) => locksFirst(procedures, look.plan, look.catalog),
      };
    },
    async survey(request) {
      const { look, survey } = await surveyed(request);
      return { ...survey, again: await checkBetweenSteps(contextOf(request, look, survey)) };
    },
    async judge(request: CourseRequest, onResult: (result: Prerequisite) => void): Promise<Judgement> {
      const { look, survey } = await surveyed(request);
      const { results, attachments } = await checkPrerequisites(contextOf(request, look, survey), onResult);
      const { schema } = request;
      return { schema, catalog: look.catalog, survey, prerequisites: results, attachments };
    },
    async verify(request) {
      const { plan: local, catalog, position } = await lookAt(request, plan);
      const known = { intended: before?.intended ?? null, baseline: before?.baseline ?? null };
      return verify({ session: request.session, runbook, plan: local, catalog, position, ...known });
    },
  };
}

/** What a procedure guards and no earlier one of the same transaction has changed by then. */
function restsOn(procedures: readonly Procedure[], procedure: Procedure): string[] {
  const earlier = procedures.slice(0, procedures.indexOf(procedure)).flatMap(({ guarded }) => guarded);
  return procedure.guarded.filter((table) => !earlier.includes(table));
}

/** LOCK TABLE takes tables and views, of which only tables concern us (manual, sql-lock). */
export function locksFirst(procedures: readonly Procedure[], plan: Plan, catalog: Catalog): StepLocks[] {
  const lockable = ({ schema, table, advisory }: StepLocks): boolean =>
    advisory !== undefined ||
    (schema !== undefined && schema !== catalog.schema && !catalog.elsewhere?.[`${schema}.${table}`]) ||
    ['r', 'p'].includes(catalog.tables[schema === undefined ? table : `${schema}.${table}`]?.kind ?? '');
  return lockOrder(
    procedures.flatMap(({ locks }) => locks),
    versionTables(plan),
    lockable,
  );
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

/** What the plan has to end in, for the tables it touches. */
export function intendedCatalog(plan: Plan, catalog: Catalog, position: Position): Catalog {
  const after = catalogAfter(plan, catalog, position);
  const touched = new Set(tablesOf(plan));
  return {
    ...after,
    tables: Object.fromEntries(Object.entries(after.tables).filter(([name]) => touched.has(name))),
  };
}
