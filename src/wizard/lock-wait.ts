/** Waiting for a lock: who holds it, and what may be done about them. */
import type { Blocker, LockWait, State } from './types.ts';

/** Tells one set of blockers from another: what "leave it" was said to, and what a key press was meant for. */
export const blockersKey = ({ blockers }: LockWait): string =>
  blockers.map(({ pid, backendStart }) => `${pid}@${backendStart}`).join(',');

/** Why its query cannot be cancelled, or null. */
export function whyNotCancel({ state, mayCancel }: Blocker): string | null {
  if (state.startsWith('idle'))
    return 'It runs no query: its transaction is open and idle. Cancelling does nothing.';
  return mayCancel ? null : 'Your role may not cancel it.';
}

/** Why it cannot be terminated, or null. */
export const whyNotTerminate = ({ mayTerminate }: Blocker): string | null =>
  mayTerminate ? null : 'Your role may not terminate it.';

/** The session whose pid the operator is typing, as long as it still blocks. */
export function toTerminate({ waiting, atLock }: Pick<State, 'waiting' | 'atLock'>): Blocker | null {
  if (atLock?.kind !== 'terminate') return null;
  const { pid, backendStart } = atLock;
  const found = waiting?.blockers.find((entry) => entry.pid === pid && entry.backendStart === backendStart);
  return found && whyNotTerminate(found) === null ? found : null;
}

/** The operator leaves it be, as long as the same sessions block. */
export const isLeft = ({ waiting, atLock }: Pick<State, 'waiting' | 'atLock'>): boolean =>
  waiting !== null && atLock?.kind === 'left' && atLock.blockers === blockersKey(waiting);

/** Of more than these it is not asked: whoever ends five sessions has to look at the application instead. */
export const MOST_ACTED_ON = 5;

/** What can be answered: nothing about sessions that cannot be acted on. */
export const lockAnswers = ({ blockers, during }: LockWait): string[] => [
  'wait',
  ...(during === 'outside' ? [] : ['retry']),
  ...blockers
    .slice(0, MOST_ACTED_ON)
    .flatMap((blocker) => [
      ...(whyNotCancel(blocker) === null ? [`cancel:${blocker.pid}`] : []),
      ...(whyNotTerminate(blocker) === null ? [`terminate:${blocker.pid}`] : []),
    ]),
];
