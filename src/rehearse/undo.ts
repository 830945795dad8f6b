/** The undo of all steps on the copy, and whether the end is like the start. */
import { explainError } from '../postgres/explain.ts';
import { lookAtUndo } from '../runtime/undo/look.ts';
import type { StepRow } from '../postgres/store.ts';
import { undoPlan } from '../runtime/undo/plan.ts';
import { AMID_WORK, BEFORE_WORK } from '../sql/execute/lock-policy.ts';
import { lockOrder } from '../sql/execute/lock-order.ts';
import { runStep } from '../sql/execute.ts';
import { LOCK_TIMEOUT_MS } from '../sql/lock-levels.ts';
import { allDifferences } from '../sql/definition-differences.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import { byStep } from '../sql/undo/written.ts';
import { DatabaseError } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import { contentsOf, rowDifferences, type Contents } from './contents.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import type { RehearsedStep, RehearsedUndo } from './types.ts';

const none = (outcome: RehearsedUndo['outcome'], words: string[] = []): RehearsedUndo => ({
  outcome,
  seconds: 0,
  words,
  step: null,
  error: null,
});

/**
 * A snapshot that has seen every transaction, whatever number a savepoint's rows are taken to have: nobody else writes
 * to the copy, so nothing was written since.
 */
const ALL_SEEN = '18446744073709551615:18446744073709551615:';

/** Why there is no undo to rehearse; null when there is. */
function obstacle({ keepsJournal, withoutArchive }: Subject): string | null {
  if (withoutArchive) return 'Without an archive there is no undo.';
  return keepsJournal ? null : 'The journal cannot be kept in this database, so nothing can be undone.';
}

/**
 * Rows that a step inserted are known by its transaction. Where all of a rehearsal is one, they bear the number of a
 * savepoint instead, and cannot be told from others.
 */
const needsTransactions = ({ actions }: Procedure, { xid }: StepRow): boolean =>
  actions.some(({ sql }) => sql.includes(byStep('t', { xid })));

const ONE_TRANSACTION =
  'Rows that a step inserts cannot be told apart in one transaction. --way database rehearses the undo as well.';

/**
 * @param start as the copy was before its first step
 * @returns what came of it, also where a limit ended it. @throws {Halted} when it was stopped by hand
 */
export async function rehearseUndo(
  subject: Subject,
  stage: Stage,
  watch: Watch,
  { start, steps }: { start: Contents; steps: readonly RehearsedStep[] },
): Promise<RehearsedUndo> {
  const why = obstacle(subject);
  if (why !== null) return none('not-rehearsed', [why]);
  const done = steps.filter(({ outcome }) => outcome === 'ok');
  if (done.length === 0) return none('not-rehearsed', ['No step ran.']);
  watch.hear({ type: 'undoing' });
  const began = watch.now();
  const seconds = (): number => (watch.now() - began) / 1000;
  try {
    const taken = await takenBack(subject, stage, watch, done);
    if (taken.outcome !== 'same') return { ...taken, seconds: seconds() };
    const took = seconds();
    const end = await contentsOf(stage, start.names, start.elsewhere, watch);
    const found = [...allDifferences(start.definitions, end.definitions), ...rowDifferences(start, end)];
    if (found.length === 0) return { ...taken, seconds: took };
    return {
      ...taken,
      outcome: 'different',
      seconds: took,
      words: [...found.map((line) => toLine(line)), ...taken.words],
    };
  } catch (error) {
    return interrupted(error, watch);
  }
}

function interrupted(error: unknown, watch: Watch): RehearsedUndo {
  let cause = error;
  try {
    watch.check();
  } catch (halted) {
    cause = halted;
  }
  if (cause instanceof Halted && cause.kind === 'limit') return none('not-rehearsed', [cause.message]);
  if (!(cause instanceof DatabaseError)) throw cause;
  return { ...none('failed'), error: explainError(cause, {}) };
}

async function takenBack(
  subject: Subject,
  stage: Stage,
  watch: Watch,
  done: readonly RehearsedStep[],
): Promise<RehearsedUndo> {
  const { session, schema, server } = stage;
  const run = `${subject.run}u`;
  const plan = undoPlan({ run: subject.run, steps: done.map(({ id, title }) => ({ id, title })) });
  await session.query(
    `INSERT INTO backout.run (run, kind, undoes, runbook, plan, schema, operator, host, version)
     VALUES ($1, 'undo', $2, '{}', $3, $4, 'rehearsal', '', '')`,
    [run, subject.run, plan.hash, schema],
  );
  if (!stage.commits)
    await session.query(`UPDATE backout.step SET snapshot = CAST($1 AS pg_catalog.pg_snapshot)`, [ALL_SEEN]);
  const words: string[] = [];
  for (const { id } of plan.steps) {
    watch.check();
    const request = {
      ...{ session, server, schema, run, withoutArchive: false, backup: null },
      openOther: () => Promise.reject(new Error('a rehearsal has one session')),
    };
    const look = await lookAtUndo(request, subject.run, plan);
    const step = look.steps.find(({ row }) => row.step === id);
    const offer = step?.offer;
    if (!step || !offer?.procedure)
      return {
        ...none(
          'refused',
          (offer?.refused ?? []).map((line) => toLine(line)),
        ),
        step: id,
      };
    if (!stage.commits && needsTransactions(offer.procedure, step.row))
      return none('not-rehearsed', [ONE_TRANSACTION]);
    words.push(...offer.procedure.notUndoable.map((line) => toLine(line)));
    const error = await carriedOut(offer.procedure, stage, watch);
    watch.check();
    if (error !== null) return { ...none('failed'), step: id, error: explainError(error, {}) };
  }
  return none('same', [...new Set(words)]);
}

/** @returns what it failed with */
async function carriedOut(procedure: Procedure, { session, schema }: Stage, watch: Watch): Promise<unknown> {
  const silent = (): void => undefined;
  const result = await runStep({
    session,
    schema,
    procedures: [procedure],
    locks: lockOrder(procedure.locks, [], () => true),
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    policies: { before: BEFORE_WORK, amid: AMID_WORK },
    unchanged: () => Promise.resolve(true),
    hooks: {
      ...{ lockTrying: silent, lockMissed: silent, lockTaken: silent, actionStarted: silent, notice: silent },
      ...{ actionDone: silent, actionFailed: silent, committing: () => Promise.resolve() },
    },
    stopped: watch.stopped,
    now: watch.now,
    random: Math.random,
    pause: () => Promise.resolve(),
  });
  if (result.kind === 'committed') return null;
  return result.kind === 'changed' ? new Error('the copy changed under the rehearsal') : result.error;
}
