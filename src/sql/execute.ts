/**
 * Carries out procedures: one transaction, one statement a message, COMMIT alone. Nothing is decided here; what runs
 * was confirmed, and is compared with the database again once the locks are held.
 */
import type { Action, Procedure } from './procedure/types.ts';
import { runLook } from './execute/look.ts';
import { beginWithLocks, lockAmid, LockNotHad } from './execute/locks.ts';
import { runLone } from './execute/lone.ts';
import { commit, isCancel, rollBack, Stopped, transactionId } from './execute/transaction.ts';
import type { Place, StepRequest, StepResult } from './execute/types.ts';

export type { LockTry, Place, StepHooks, StepRequest, StepResult, TransactionId } from './execute/types.ts';

/** The database is not as it was when the procedure was confirmed. */
class Changed extends Error {
  constructor(readonly step: string) {
    super('changed');
  }
}

/**
 * Runs one procedure, or all of a plan in one transaction: whole or not at all.
 *
 * `lock_timeout` applies to each lock separately (manual, runtime-config-client). The server runs with
 * `idle_in_transaction_session_timeout`, so nobody is asked anything in between.
 */
export async function runStep(request: StepRequest): Promise<StepResult> {
  const { session, now } = request;
  const [only] = request.procedures;
  if (request.procedures.some(({ lone }) => lone)) {
    if (request.procedures.length > 1) throw new Error('a step outside of transactions is run by itself');
    return runLone(request, only!, runAction);
  }
  const began = now();
  const seconds = (): number => (now() - began) / 1000;
  const at: Place = { step: request.procedures[0]?.step ?? '', action: null };
  try {
    const pid = await beginWithLocks(request);
    if (!(await request.unchanged(null))) throw new Changed(at.step);
    for (const procedure of request.procedures) {
      at.step = procedure.step;
      await runProcedure(request, procedure, pid, at);
    }
    at.action = null;
    if (request.stopped()) throw new Stopped();
    await request.hooks.committing(await transactionId(session));
    if (request.stopped()) throw new Stopped();
  } catch (error) {
    await rollBack(session);
    if (error instanceof Changed) return { kind: 'changed', step: error.step };
    if (at.action && !(error instanceof Stopped)) request.hooks.actionFailed(at.step, at.action);
    const lock = error instanceof LockNotHad ? error.tried : null;
    const cancelled = request.stopped() && isCancel(error);
    const cause = error instanceof LockNotHad ? error.cause : error;
    return { kind: 'rolled-back', seconds: seconds(), error: cause, at, lock, cancelled };
  }
  const committed = await commit(session);
  if (committed.kind === 'committed') return { ...committed, seconds: seconds() };
  if (committed.kind === 'unknown') return { ...committed, seconds: seconds() };
  const { error } = committed;
  return { kind: 'rolled-back', seconds: seconds(), error, at, lock: null, cancelled: false };
}

async function runProcedure(
  request: StepRequest,
  procedure: Procedure,
  pid: number,
  at: Place,
): Promise<void> {
  for (const actions of together(procedure.actions)) {
    const first = actions[0]!;
    if (request.stopped()) throw new Stopped();
    at.action = first;
    if (first.role === 'look') {
      await runLook(request, procedure.step, first);
      continue;
    }
    if (first.role !== 'lock') {
      await runAction(request, procedure.step, first);
      continue;
    }
    await lockAmid(request, procedure.step, actions, pid);
    // Readers and GRANTs went on until now: what they changed would be lost by what follows.
    if (!(await request.unchanged(procedure))) throw new Changed(procedure.step);
  }
}

/** Locks that follow each other stay together; everything else is by itself. */
export function together(actions: readonly Action[]): Action[][] {
  const groups: Action[][] = [];
  for (const action of actions) {
    const last = groups.at(-1);
    if (action.role === 'lock' && last?.[0]?.role === 'lock') last.push(action);
    else groups.push([action]);
  }
  return groups;
}

async function runAction(request: StepRequest, step: string, action: Action): Promise<void> {
  const { session, hooks, now } = request;
  hooks.actionStarted(step, action);
  const stopListening = session.onNotice((notice) =>
    hooks.notice(step, action, `${notice.severity}: ${notice.message}`),
  );
  try {
    const began = now();
    const { rowCount } = await session.query(action.sql, action.params ?? []);
    hooks.actionDone(step, action, rowCount, (now() - began) / 1000);
  } finally {
    stopListening();
  }
}
