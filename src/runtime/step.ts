/** Runs what was confirmed: looks again, owns the database, locks, compares, runs, commits, looks again. */
import { explainError, type ExplainContext } from '../postgres/explain.ts';
import type { ExplainedError } from '../postgres/types.ts';
import { lockOrder } from '../sql/execute/lock-order.ts';
import type { LockPolicy } from '../sql/execute/lock-policy.ts';
import { runStep, type StepHooks, type StepResult, type TransactionId } from '../sql/execute.ts';
import { LOCK_TIMEOUT_MS } from '../sql/lock-levels.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import type { ArchivedObject, JournalBody } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Event, Survey, Task } from '../wizard/types.ts';
import { wholeHash } from '../wizard/whole.ts';
import { chosen, type CourseLook } from './course.ts';
import { NOT_LOOKED } from './lone.ts';
import { blockerLine, type LockWatch } from './waiting.ts';

export interface StepContext {
  session: Session;
  schema: string;
  /** Everything, counted anew: for the confirmation of the next step, or of this one. */
  survey(during: 'look' | 'after'): Promise<Survey>;
  /** The store made, the run written down, the lock of all runs held. @throws {DatabaseError} 55P03 when another holds it */
  own(procedures: readonly Procedure[]): Promise<void>;
  /** What the step keeps, as the database counted it. */
  archived(step: string): Promise<ArchivedObject[]>;
  record(body: JournalBody): Promise<void>;
  emit(event: Event): void;
  stopped(): boolean;
  /** From here on a cancel would only make the outcome uncertain: COMMIT is about to be sent. */
  committing(transaction: TransactionId, procedures: readonly Procedure[]): Promise<void>;
  /** The same for what is sent outside of transactions; it may still be cancelled. */
  leaving(backendPid: number, procedures: readonly Procedure[]): Promise<void>;
  /** The answer to COMMIT came. */
  answered(): void;
  /** What broke off outside of transactions leaves, a sentence each. */
  left(procedure: Procedure): Promise<string[]>;
  policies: { before: LockPolicy; amid: LockPolicy };
  watch: LockWatch;
  context: ExplainContext;
  now(): number;
  random(): number;
}

type RunStep = Extract<Task, { type: 'run-step' }>;

/** `look`: made right before. Emits `step-started`, the actions, and one of step-done, step-failed, step-unknown, survey-changed. */
export async function performStep(task: RunStep, look: CourseLook, context: StepContext): Promise<void> {
  const { emit, now, watch } = context;
  const steps = task.steps ?? [task.step];
  const conflict = look.position.steps.some(({ id, state }) => steps.includes(id) && state === 'conflict');
  const procedures = conflict ? null : chosen(look.offers, steps, task.forms);
  if (!procedures || hashOf(task, procedures) !== task.confirmed) {
    return emit({ type: 'survey-changed', step: task.step, survey: await context.survey('look') });
  }
  await context.own(procedures);
  await context.record({ type: 'step-started', step: task.step, attempt: task.attempt });
  emit({ type: 'step-started', step: task.step, at: now() });
  const result = await runStep({
    session: context.session,
    schema: context.schema,
    procedures,
    locks: look.locks?.(procedures) ?? mergedLocks(procedures),
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    policies: context.policies,
    deadlocked: () => watch.deadlocked,
    unchanged: (procedure) => look.unchanged(procedures, procedure),
    hooks: hooks(procedures, context),
    stopped: context.stopped,
    now,
    random: context.random,
    pause: (ms) => watch.pause(ms),
  });
  if (result.kind !== 'unknown') context.answered();
  // What was written down before it may be committed, though nothing was sent.
  if (result.kind === 'rolled-back' && procedures[0]?.lone) await context.left(procedures[0]).catch(() => []);
  await finish(procedures, result, context);
}

const hashOf = (task: RunStep, procedures: readonly Procedure[]): string => {
  const hashes = procedures.map(({ hash }) => hash);
  return task.steps === undefined ? (hashes[0] ?? '') : wholeHash(hashes);
};

const mergedLocks = (procedures: readonly Procedure[]) =>
  lockOrder(
    procedures.flatMap(({ locks }) => locks),
    [],
    () => true,
  );

/** The intent to commit is only written when every action is in the journal: a disk that failed commits nothing. */
function hooks(procedures: readonly Procedure[], context: StepContext): StepHooks {
  const { emit, record, committing, watch, now } = context;
  const heard = new Map<string, string[]>();
  const key = (step: string, index: number): string => JSON.stringify([step, index]);
  const first = procedures[0]?.step;
  const begun = new Set([first]);
  let written: Promise<unknown> = Promise.resolve();
  return {
    lockTrying: (tried, pid) => watch.trying(tried, pid),
    lockMissed: (tried, pauseMs) => watch.missed(tried, pauseMs),
    lockTaken: () => watch.taken(),
    actionStarted(step, { index }) {
      if (!begun.has(step)) emit({ type: 'step-started', step, at: now() });
      begun.add(step);
      emit({ type: 'statement-started', step, index });
    },
    notice(step, { index }, raw) {
      const text = toLine(raw);
      heard.set(key(step, index), [...(heard.get(key(step, index)) ?? []), text]);
      emit({ type: 'statement-notice', step, index, text });
    },
    actionDone(step, { index, sql, command, role, carries }, rows, seconds) {
      const notices = heard.get(key(step, index)) ?? [];
      const entry = record({
        type: 'statement',
        step,
        index,
        sql,
        command,
        rows,
        seconds,
        notices,
        role,
        carries,
      });
      written = Promise.all([written, entry]);
      // Heard at the intent, which waits for all of them; until then nobody does.
      written.catch(() => undefined);
      emit({ type: 'statement-done', step, index, rows, seconds });
    },
    actionFailed: (step, { index }) => emit({ type: 'statement-failed', step, index }),
    async committing(transaction) {
      await written;
      await committing(transaction, procedures);
    },
    async leaving(pid) {
      await written;
      await context.leaving(pid, procedures);
    },
    atWork(step, action, pid) {
      const lock = procedures
        .flatMap(({ locks }) => locks)
        .findLast(({ advisory }) => advisory === undefined);
      watch.following(
        { step, table: lock?.table ?? '', level: lock?.level ?? 'SHARE UPDATE EXCLUSIVE' },
        pid,
        (text) => emit({ type: 'statement-notice', step, index: action.index, text }),
      );
    },
  };
}

async function finish(
  procedures: readonly Procedure[],
  result: StepResult,
  context: StepContext,
): Promise<void> {
  const { emit } = context;
  const step = procedures[0]?.step ?? '';
  switch (result.kind) {
    case 'changed':
      return emit({ type: 'survey-changed', step, survey: await context.survey('look') });
    case 'committed':
      return committed(procedures, result, context);
    case 'rolled-back':
      return emit({
        type: 'step-failed',
        step: result.at.step,
        seconds: result.seconds,
        error: failure(result, context),
        cancelled: result.cancelled,
      });
    case 'broken-off':
      return brokenOff(procedures, result, context);
    case 'unknown':
      return emit({
        type: 'step-unknown',
        step,
        seconds: result.seconds,
        error: explainError(result.error, context.context),
      });
  }
}

/** What is left of it is looked for at once: the operator decides on that. */
async function brokenOff(
  procedures: readonly Procedure[],
  { seconds, error, at, cancelled }: Extract<StepResult, { kind: 'broken-off' }>,
  context: StepContext,
): Promise<void> {
  const [procedure] = procedures;
  const statement = at.action?.sql;
  const explained = explainError(error, {
    ...context.context,
    ...(statement === undefined ? {} : { statement }),
  });
  const left = procedure ? await context.left(procedure).catch(() => [NOT_LOOKED]) : [];
  context.emit({ type: 'step-failed', step: at.step, seconds, error: explained, cancelled, left });
}

/** From here on nothing may be told as a failure of the step: it is done, whatever cannot be read afterwards. */
async function committed(
  procedures: readonly Procedure[],
  { seconds, warnings }: Extract<StepResult, { kind: 'committed' }>,
  context: StepContext,
): Promise<void> {
  const { emit } = context;
  const last = procedures.at(-1);
  for (const warning of warnings.map((text) => toLine(text))) {
    await context
      .record({ type: 'note', text: `At COMMIT the server said: ${warning}` })
      .catch(() => undefined);
    const index = last?.actions.at(-1)?.index;
    if (last && index !== undefined) {
      emit({ type: 'statement-notice', step: last.step, index, text: warning });
    }
  }
  for (const { step, archive } of procedures) {
    if (archive.length === 0) continue;
    const objects = await context.archived(step).catch(() => archive.map((entry) => uncounted(step, entry)));
    emit({ type: 'archived', step, objects });
  }
  const survey = await context.survey('after').catch(() => null);
  for (const { step } of procedures) {
    emit({ type: 'step-done', step, seconds, survey: step === last?.step ? survey : null });
  }
}

/** What the procedure said it would keep, when the counts cannot be read. */
const uncounted = (step: string, entry: Procedure['archive'][number]): ArchivedObject => ({
  step,
  seq: entry.seq,
  kind: entry.kind,
  object: toLine(entry.object),
  archived: entry.archived === null ? null : toLine(entry.archived),
  rows: null,
  words: toLine(entry.words),
});

/** What went wrong; for a lock that was not to be had, with those who held it. */
function failure(
  { error, at, lock }: Extract<StepResult, { kind: 'rolled-back' }>,
  { context, watch }: StepContext,
): ExplainedError {
  const statement = at.action?.sql;
  const explained = explainError(error, { ...context, ...(statement === undefined ? {} : { statement }) });
  if (!lock) return explained;
  const seen = watch.blockers.map(blockerLine);
  const who = seen.length > 0 ? ` It was held by ${seen.join('; ')}.` : '';
  return {
    ...explained,
    explanation: `${lock.level} on ${toLine(lock.table)} could not be had in ${lock.attempt} tries.${who}`,
    advice: 'Everything of this step was rolled back. Have those sessions end, then try again.',
  };
}
