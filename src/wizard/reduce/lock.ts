/** A running step that waits for a lock: what is told of it, and what the operator wants done. */
import type { JournalBody } from '../../journal/types.ts';
import { currentStep, isBusy } from '../judge.ts';
import { blockersKey, lockAnswers, toTerminate } from '../lock-wait.ts';
import { to, type Reduced } from '../reduced.ts';
import type { Blocker, Event, LockWait, State } from '../types.ts';

type LockEvent = Extract<Event, { type: 'lock-waiting' | 'lock-taken' | 'lock-acted' }>;

/** Nobody is waited for any more. */
export const noWait = { waiting: null, atLock: null } as const;

export function onLock(state: State, event: LockEvent): Reduced {
  if (event.type === 'lock-acted') {
    return to(
      { ...state, notice: event.text },
      { type: 'record', event: { type: 'lock-acted', text: event.text } },
    );
  }
  const step = event.type === 'lock-waiting' ? event.wait.step : event.step;
  const busy = state.steps.some((candidate) => candidate.id === step && isBusy(candidate));
  if (!busy) return to(state);
  if (event.type === 'lock-taken') return state.waiting ? to({ ...state, ...noWait }) : to(state);
  const { wait } = event;
  const next: State = { ...state, waiting: wait };
  return isNewTry(state.waiting, wait) ? to(next, { type: 'record', event: tried(wait) }) : to(next);
}

const isNewTry = (before: LockWait | null, { table, attempt }: LockWait): boolean =>
  before?.table !== table || before.attempt !== attempt;

const tried = ({ step, table, level, attempt, blockers }: LockWait): JournalBody => ({
  type: 'lock-waiting',
  step,
  table,
  level,
  attempt,
  blockers: blockers.map(blockerLine),
});

const blockerLine = ({ pid, user, application, state, query, waitsForUs }: Blocker): string =>
  `pid ${pid}, user ${user}, ${application === '' ? 'no application name' : application}, ${state}${waitsForUs ? ', waits for this step itself' : ''}: ${query}`;

export function answerLock(state: State, name: string, value: string): Reduced {
  const { waiting } = state;
  if (!waiting) return to(state);
  if (name === 'terminate') return terminate(state, value);
  // Asked for what can be done about these sessions, and taken only for them.
  if (!lockAnswers(waiting).includes(value)) return to(state);
  if (value === 'retry') return retryNow(state);
  const [act, pid] = value.split(':');
  const blocker = waiting.blockers.find((candidate) => String(candidate.pid) === pid);
  if (!blocker) return to({ ...state, atLock: { kind: 'left', blockers: blockersKey(waiting) } });
  const { backendStart } = blocker;
  if (act === 'terminate') {
    return to({ ...state, atLock: { kind: 'terminate', pid: blocker.pid, backendStart } });
  }
  return to(
    { ...state, atLock: null },
    { type: 'lock-action', action: 'cancel', pid: blocker.pid, backendStart },
  );
}

function terminate(state: State, value: string): Reduced {
  const blocker = toTerminate(state);
  const next: State = { ...state, atLock: null };
  if (!blocker || value !== String(blocker.pid)) {
    return to({ ...next, notice: 'What was typed is not its pid. No session was terminated.' });
  }
  const { pid, backendStart } = blocker;
  return to(next, { type: 'lock-action', action: 'terminate', pid, backendStart });
}

export const retryNow = (state: State): Reduced =>
  to({ ...state, atLock: null }, { type: 'lock-action', action: 'retry-now' });

/** Shows the choice again after the operator had left the blockers be, or thought better of terminating one. */
export const showBlockers = (state: State): Reduced =>
  currentStep(state) ? to({ ...state, atLock: null }) : to(state);
