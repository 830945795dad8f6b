/** One step on the copy: its own procedure, by the executor that would run it on the database. */
import { explainError } from '../postgres/explain.ts';
import { readDefinitions } from '../postgres/definition.ts';
import { forwardOf } from '../runbook/forward.ts';
import { AMID_WORK, BEFORE_WORK } from '../sql/execute/lock-policy.ts';
import { lockOf } from '../sql/execute/locks.ts';
import { runStep } from '../sql/execute.ts';
import { LOCK_TIMEOUT_MS } from '../sql/lock-levels.ts';
import { inTransaction } from '../sql/lone/within.ts';
import { offersFor } from '../sql/procedure/index.ts';
import type { Procedure, StepOffers } from '../sql/procedure/types.ts';
import { asNumber, asText } from '../sql/values.ts';
import { concernedTables, tablesOfEffect } from '../sql/tables-of.ts';
import type { Failing, Plan, PlanStep, Position } from '../sql/types.ts';
import { planNow } from '../runtime/look.ts';
import { locksFirst } from '../runtime/rollback.ts';
import { estimateFrom } from './limits.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import type { CopiedTable, RehearsedLock, RehearsedStatement, RehearsedStep } from './types.ts';

/** The plan with the steps before this one taken as done. */
export function positionAfter(position: Position, done: readonly string[]): Position {
  return {
    steps: position.steps.map((step) =>
      done.includes(step.id)
        ? {
            ...step,
            state: 'applied' as const,
            statements: step.statements.map((one) => ({ ...one, state: 'applied' as const })),
          }
        : step,
    ),
  };
}

/** What would be run of the plan on the copy as it is now. */
export async function offersOn(subject: Subject, stage: Stage, position: Position): Promise<StepOffers[]> {
  const { session, schema, server } = stage;
  const { plan, catalog } = await planNow(session, schema, stage.plan);
  const names = [...new Set(concernedTables(plan, catalog))].sort();
  return offersFor({
    plan,
    position,
    catalog,
    definitions: await readDefinitions(session, schema, names, schema, catalog.elsewhere),
    attachments: [],
    run: subject.run,
    schema,
    withoutArchive: subject.withoutArchive,
    keepsJournal: subject.keepsJournal,
    lookHash: 'rehearsal',
    forward: forwardOf(subject.runbook),
    serverVersion: server.versionNumber,
    embedded: stage.embedded,
    defaultGrantees: subject.defaultGrantees,
    toolLocks: [],
    user: { name: server.user, superuser: server.superuser },
  });
}

export function unreached({ id, title }: PlanStep, outcome: RehearsedStep['outcome']): RehearsedStep {
  return {
    id,
    title,
    form: null,
    outcome,
    seconds: 0,
    estimate: null,
    statements: [],
    locks: [],
    archiveBytes: 0,
    archivedRows: 0,
    error: null,
    failing: [],
    words: [],
  };
}

/** The copies that the step's statements work on, by the names they have before and after. */
function tablesFor(plan: Plan, { id }: PlanStep, tables: readonly CopiedTable[]): CopiedTable[] {
  const renames = plan.steps.flatMap(({ statements }) =>
    statements.flatMap(({ effects }) => effects.filter((effect) => effect.kind === 'rename-table')),
  );
  const statements = plan.steps.find((step) => step.id === id)?.statements ?? [];
  const named = new Set(statements.flatMap(({ effects }) => effects.flatMap(tablesOfEffect)));
  for (const { from, to } of renames) {
    if (named.has(from) || named.has(to)) named.add(from).add(to);
  }
  return tables.filter(({ table }) => named.has(table));
}

export interface StepWork {
  subject: Subject;
  stage: Stage;
  watch: Watch;
  /** Rows on which statements fail, counted on the copy before anything ran. */
  failing: readonly Failing[];
}

/** @throws {Halted} @throws {DatabaseError} when the copy cannot be read any more */
export async function rehearseStep(
  work: StepWork,
  step: PlanStep,
  position: Position,
): Promise<RehearsedStep> {
  const { subject, stage, watch } = work;
  const over = unreached(step, 'nothing-to-do');
  const found = (await offersOn(subject, stage, position)).find((one) => one.step === step.id);
  if (!found) return over;
  const wanted = subject.forms[step.id];
  const usable = found.offers.filter(({ procedure }) => procedure !== null);
  const procedure = (usable.find(({ form }) => form === wanted) ?? usable[0])?.procedure;
  if (!procedure) {
    const words = found.offers.flatMap(({ refused }) => refused);
    return { ...over, outcome: 'refused', words };
  }
  const words =
    wanted !== undefined && procedure.form !== wanted
      ? [
          `On the copy it ran as ${procedure.form}: ${found.offers.find(({ form }) => form === wanted)?.refused.join(' ') ?? ''}`,
        ]
      : [];
  const within = procedure.lone && !stage.commits ? inTransaction(procedure) : null;
  if (within?.procedure === null) return { ...over, words: [within.words] };
  watch.hear({ type: 'step', step: step.id, title: step.title, form: procedure.form });
  const told = within ? [...words, within.words] : words;
  return { ...(await carriedOut(work, step, within?.procedure ?? procedure)), words: told };
}

async function carriedOut(
  { subject, stage, watch, failing }: StepWork,
  step: PlanStep,
  procedure: Procedure,
): Promise<RehearsedStep> {
  const { session, schema } = stage;
  const { now } = watch;
  const statements: RehearsedStatement[] = [];
  const taken: { table: string; level: RehearsedLock['level']; at: number }[] = [];
  const { plan, catalog } = await planNow(session, schema, stage.plan);
  const locks = locksFirst([procedure], plan, catalog);
  const began = now();
  const result = await runStep({
    session,
    schema,
    procedures: [procedure],
    locks,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    policies: { before: BEFORE_WORK, amid: AMID_WORK },
    // Nobody else sees the copy.
    unchanged: () => Promise.resolve(true),
    hooks: {
      lockTrying: () => undefined,
      lockMissed: () => undefined,
      lockTaken() {
        if (taken.length === 0) taken.push(...locks.map(({ table, level }) => ({ table, level, at: now() })));
      },
      actionStarted: () => undefined,
      notice: () => undefined,
      actionDone(_step, action, rows, seconds) {
        if (action.role === 'lock') {
          const { table, level } = lockOf(action);
          taken.push(
            ...table.split(', ').map((name) => ({ table: name, level, at: now() - seconds * 1000 })),
          );
        }
        const { index, carries, command, sql } = action;
        statements.push({ index, carries, command, sql, rows, seconds });
        watch.hear({ type: 'statement', step: step.id, command, rows, seconds });
      },
      actionFailed: () => undefined,
      committing: () => Promise.resolve(),
    },
    stopped: watch.stopped,
    now,
    random: Math.random,
    pause: () => Promise.resolve(),
  });
  watch.check();
  const ended = now();
  const seconds = (ended - began) / 1000;
  const held = taken.map(({ at, ...lock }) => ({ ...lock, seconds: (ended - at) / 1000 }));
  const over = { ...unreached(step, 'ok'), form: procedure.form, seconds, statements, locks: held };
  if (result.kind !== 'committed') {
    const error =
      result.kind === 'changed' ? new Error('the copy changed under the rehearsal') : result.error;
    if (error instanceof Halted) throw error;
    const statement =
      result.kind === 'rolled-back' || result.kind === 'broken-off' ? result.at.action?.sql : undefined;
    const context = { runbook: subject.runbook, plan: subject.plan };
    return {
      ...over,
      outcome: 'failed',
      error: explainError(error, { ...context, ...(statement === undefined ? {} : { statement }) }),
      failing: failing.filter((one) => one.step === step.id),
    };
  }
  return {
    ...over,
    estimate:
      stage.embedded !== subject.server.embedded
        ? null
        : estimateFrom(seconds, tablesFor(plan, step, stage.tables)),
    ...(subject.keepsJournal && !subject.withoutArchive ? await archived(stage, subject.run, step.id) : {}),
  };
}

/** What the archive of the copy holds of the step. */
async function archived(
  { session }: Stage,
  run: string,
  step: string,
): Promise<{ archiveBytes: number; archivedRows: number }> {
  const { rows } = await session.query(
    `SELECT a.archived AS name, a."rows" AS "rows" FROM backout.archived a
      WHERE a.run OPERATOR(pg_catalog.=) $1 AND a.step OPERATOR(pg_catalog.=) $2 AND a.archived IS NOT NULL`,
    [run, step],
  );
  let archiveBytes = 0;
  for (const row of rows) {
    const size = await session.query(
      `SELECT pg_catalog.pg_total_relation_size(c.oid::pg_catalog.regclass) AS bytes
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name AND c.relname OPERATOR(pg_catalog.=) $2::pg_catalog.name`,
      ['backout_archive', asText(row['name'])],
    );
    archiveBytes += asNumber(size.rows[0]?.['bytes'] ?? 0);
  }
  return { archiveBytes, archivedRows: rows.reduce((sum, row) => sum + asNumber(row['rows'] ?? 0), 0) };
}
