/**
 * A step that is no transaction: what is written down before it is committed, then the statement is sent by itself, then
 * what came of it is written down and committed.
 */
import type { Action, Procedure } from '../procedure/types.ts';
import { DatabaseError } from '../session.ts';
import { beginWithLocks, LockNotHad } from './locks.ts';
import { commit, isCancel, quoted, rollBack, Stopped, transactionId } from './transaction.ts';
import type { Place, StepRequest, StepResult } from './types.ts';

/**
 * How long any one lock or transaction may be waited for, in milliseconds. CONCURRENTLY waits for transactions that are
 * older (manual, sql-createindex), and `lock_timeout` counts for each of them. Meanwhile only DDL stands behind it, so it
 * may wait far longer than a LOCK TABLE; whoever is in the way is shown.
 */
export const LONE_WAIT_MS = 600_000;

type Run = (request: StepRequest, step: string, action: Action) => Promise<void>;

interface Ending {
  at: Place;
  seconds: () => number;
}

type Early = Extract<StepResult, { kind: 'changed' | 'rolled-back' }>;

/** The first transaction: with the locks, so that it is known that they can be had and that nothing has changed. */
async function before(
  request: StepRequest,
  procedure: Procedure,
  actions: readonly Action[],
  { at, seconds }: Ending,
  runAction: Run,
): Promise<Early | number> {
  const { session } = request;
  try {
    const pid = await beginWithLocks(request);
    if (!(await request.unchanged(null))) {
      await rollBack(session);
      return { kind: 'changed', step: procedure.step };
    }
    for (const action of actions) {
      at.action = action;
      await runAction(request, procedure.step, action);
    }
    at.action = null;
    if (request.stopped()) throw new Stopped();
    await request.hooks.leaving?.(pid);
    if (request.stopped()) throw new Stopped();
    const committed = await commit(session);
    // Written down or not, nothing has been sent yet.
    if (committed.kind !== 'committed') throw committed.error;
    return pid;
  } catch (error) {
    await rollBack(session);
    if (at.action && !(error instanceof Stopped)) request.hooks.actionFailed(at.step, at.action);
    const lock = error instanceof LockNotHad ? error.tried : null;
    const cause = error instanceof LockNotHad ? error.cause : error;
    const cancelled = request.stopped() && isCancel(error);
    return { kind: 'rolled-back', seconds: seconds(), error: cause, at, lock, cancelled };
  }
}

const SETTINGS: readonly string[] = ['search_path', 'lock_timeout', 'statement_timeout'];

/** For the session, since there is no transaction that they could end with; all are put back by what it returns. */
async function settings(
  { session, schema, loneWaitMs }: StepRequest,
  own: readonly string[],
): Promise<() => Promise<void>> {
  const former = new Map<string, unknown>();
  for (const name of new Set([...SETTINGS, ...own])) {
    const { rows } = await session.query('SELECT pg_catalog.current_setting($1) AS value', [name]);
    former.set(name, rows[0]?.['value'] ?? '');
  }
  const set = async (values: ReadonlyMap<string, unknown>): Promise<void> => {
    for (const [name, value] of values)
      await session.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]);
  };
  const wait = String(Math.max(1, Math.round(loneWaitMs ?? LONE_WAIT_MS)));
  const first = [`${quoted(schema)}, pg_temp`, wait, '0'];
  await set(new Map(SETTINGS.map((name, at) => [name, first[at]])));
  return () => set(former);
}

/** The last transaction. A failure of it does not undo what is done: it is not known to the journal, and found out. */
async function after(
  request: StepRequest,
  procedure: Procedure,
  actions: readonly Action[],
  { at, seconds }: Ending,
  runAction: Run,
): Promise<StepResult> {
  const { session, schema } = request;
  try {
    await session.query('BEGIN');
    await session.query('SET LOCAL statement_timeout = 0');
    await session.query(`SET LOCAL search_path = ${quoted(schema)}, pg_temp`);
    for (const action of actions) {
      at.action = action;
      await runAction(request, procedure.step, action);
    }
    at.action = null;
    await request.hooks.committing(await transactionId(session));
    const committed = await commit(session);
    if (committed.kind === 'committed') return { ...committed, seconds: seconds() };
    return { kind: 'unknown', seconds: seconds(), error: committed.error };
  } catch (error) {
    await rollBack(session).catch(() => undefined);
    return { kind: 'unknown', seconds: seconds(), error };
  }
}

/** Runs one procedure that has a part outside of transactions. `runAction` sends an action and tells of it. */
export async function runLone(
  request: StepRequest,
  procedure: Procedure,
  runAction: Run,
): Promise<StepResult> {
  const { session, hooks, now } = request;
  const began = now();
  const at: Place = { step: procedure.step, action: null };
  const ending: Ending = { at, seconds: () => (now() - began) / 1000 };
  const { actions } = procedure;
  const [first, last] = [
    actions.findIndex(({ outside }) => outside),
    actions.findLastIndex(({ outside }) => outside),
  ];
  const pid = await before(request, procedure, actions.slice(0, first), ending, runAction);
  if (typeof pid !== 'number') return pid;
  let sent = false;
  try {
    const putBack = await settings(request, procedure.lone?.settings ?? []);
    try {
      for (const action of actions.slice(first, last + 1)) {
        if (request.stopped()) throw new Stopped();
        at.action = action;
        hooks.atWork?.(procedure.step, action, pid);
        sent ||= last === actions.indexOf(action) || action.role === 'instead';
        await runAction(request, procedure.step, action);
      }
    } finally {
      hooks.lockTaken(null);
      if (!session.lost) await putBack();
    }
  } catch (error) {
    const seconds = ending.seconds();
    if (session.lost || !(error instanceof DatabaseError || error instanceof Stopped))
      return { kind: 'unknown', seconds, error };
    if (at.action && !(error instanceof Stopped)) hooks.actionFailed(at.step, at.action);
    const cancelled = request.stopped() && isCancel(error);
    if (!sent) return { kind: 'rolled-back', seconds, error, at, lock: null, cancelled };
    return { kind: 'broken-off', seconds, error, at, cancelled };
  }
  return after(request, procedure, actions.slice(last + 1), ending, runAction);
}
