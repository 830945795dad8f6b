/** Runs one confirmed step: looks again, locks, compares, runs, commits, looks again. */
import { catalogHash } from '../postgres/baseline.ts';
import { readCatalog } from '../postgres/catalog.ts';
import { explainError } from '../postgres/explain.ts';
import { runStep, type StepHooks, type StepLocks, type StepResult } from '../sql/execute.ts';
import { LOCK_TIMEOUT_MS, strongestLocks, versionTables } from '../sql/lock-levels.ts';
import { locksOf } from '../sql/locks.ts';
import { nextStatements } from '../sql/position.ts';
import type { Session } from '../sql/session.ts';
import type { Catalog, Lock, Plan, Position, Statement } from '../sql/types.ts';
import type { JournalBody } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Event, Survey, Task } from '../wizard/types.ts';
import type { Look } from './judge.ts';

export interface StepContext {
  session: Session;
  schema: string;
  plan: Plan;
  /** Where the database stands now: cheap, asked right before anything runs. */
  look(): Promise<Look>;
  /** Everything, counted anew: for the confirmation of the next step. */
  survey(): Promise<Survey>;
  record(body: JournalBody): Promise<void>;
  emit(event: Event): void;
  stopped(): boolean;
  /** From here on a cancel would only make the outcome uncertain: COMMIT is about to be sent. */
  committing(): void;
  context: Parameters<typeof explainError>[1];
  now(): number;
}

type RunStep = Extract<Task, { type: 'run-step' }>;

/** Emits `step-started`, the statements, and one of step-done, step-failed, step-unknown, survey-changed. */
export async function performStep(task: RunStep, context: StepContext): Promise<void> {
  const { emit, now } = context;
  const { catalog, position, hash } = await context.look();
  const conflict = position.steps.find((step) => step.id === task.step)?.state === 'conflict';
  if (conflict || hash !== task.confirmed) {
    return emit({ type: 'survey-changed', step: task.step, survey: await context.survey() });
  }
  const pending = pendingOf(context.plan, position, task.step);
  const skipped = statementsOf(context.plan, task.step).filter((statement) => !pending.includes(statement));
  const seen = catalogHash(catalog, context.plan);
  const began = now();
  await context.record({ type: 'step-started', step: task.step, attempt: task.attempt });
  emit({ type: 'step-started', step: task.step, at: began });
  for (const statement of skipped)
    emit({ type: 'statement-skipped', step: task.step, index: statement.index });
  const result = await runStep({
    session: context.session,
    statements: pending,
    schema: context.schema,
    locks: locksFirst(context.plan, catalog, locksOf(context.plan, position, catalog), task.step),
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    unchanged: async () =>
      catalogHash(await readCatalog(context.session, context.schema), context.plan) === seen,
    hooks: hooks(task.step, context),
    stopped: context.stopped,
    now,
  });
  await finish(task.step, result, context);
}

function statementsOf(plan: Plan, step: string): Statement[] {
  return plan.steps.find((candidate) => candidate.id === step)?.statements ?? [];
}

function pendingOf(plan: Plan, position: Position, step: string): Statement[] {
  const wanted = new Set(statementsOf(plan, step));
  return nextStatements(plan, position).filter((statement) => wanted.has(statement));
}

/**
 * The strongest lock the step will need on each table that exists, tables in one order in every run. First the table
 * of applied versions, in a mode that keeps `mix ecto.migrate` out in each of its lock modes (SHARE ROW EXCLUSIVE
 * conflicts with the SHARE UPDATE EXCLUSIVE it takes, and with the ROW EXCLUSIVE of its writes).
 */
export function locksFirst(plan: Plan, catalog: Catalog, locks: Lock[], step: string): StepLocks[] {
  const own = strongestLocks(locks.filter((lock) => lock.step === step && lockable(catalog, lock.table)));
  const versions = versionTables(plan).filter((table) => lockable(catalog, table));
  const fence: StepLocks[] = versions.map((table) => ({ table, level: 'SHARE ROW EXCLUSIVE' }));
  const rest = own
    .map(({ table, level }) => ({ table, level }))
    .sort((one, other) => (one.table < other.table ? -1 : 1));
  return [...fence, ...rest.filter(({ table }) => !versions.includes(table))];
}

/** LOCK TABLE takes tables and views, of which only tables concern us (manual, sql-lock). */
const lockable = (catalog: Catalog, table: string): boolean =>
  ['r', 'p'].includes(catalog.tables[table]?.kind ?? '');

/** The intent to commit is only written when every statement is in the journal: a disk that failed commits nothing. */
function hooks(step: string, { emit, record, committing }: StepContext): StepHooks {
  const heard = new Map<number, string[]>();
  let written: Promise<unknown> = Promise.resolve();
  return {
    statementStarted: ({ index }) => emit({ type: 'statement-started', step, index }),
    notice: ({ index }, raw) => {
      const text = toLine(raw);
      heard.set(index, [...(heard.get(index) ?? []), text]);
      emit({ type: 'statement-notice', step, index, text });
    },
    statementDone: ({ index, sql, command }, rows, seconds) => {
      const notices = heard.get(index) ?? [];
      const entry = record({ type: 'statement', step, index, sql, command, rows, seconds, notices });
      written = Promise.all([written, entry]);
      // Heard at the intent, which waits for all of them; until then nobody does.
      written.catch(() => undefined);
      emit({ type: 'statement-done', step, index, rows, seconds });
    },
    statementFailed: ({ index }) => emit({ type: 'statement-failed', step, index }),
    committing: async () => {
      await written;
      await record({ type: 'step-committing', step });
      committing();
    },
  };
}

async function finish(step: string, result: StepResult, context: StepContext): Promise<void> {
  const { emit } = context;
  switch (result.kind) {
    case 'changed':
      return emit({ type: 'survey-changed', step, survey: await context.survey() });
    case 'committed': {
      const survey = await context.survey().catch(() => null);
      return emit({ type: 'step-done', step, seconds: result.seconds, survey });
    }
    case 'rolled-back': {
      const statement = result.statement?.sql;
      const error = explainError(result.error, {
        ...context.context,
        ...(statement === undefined ? {} : { statement }),
      });
      return emit({ type: 'step-failed', step, seconds: result.seconds, error, cancelled: result.cancelled });
    }
    case 'unknown':
      return emit({
        type: 'step-unknown',
        step,
        seconds: result.seconds,
        error: explainError(result.error, context.context),
      });
  }
}
