/** The target screen: connecting, trying again, naming another database. */
import { freshFindings } from '../state.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import { finishNow } from '../ending.ts';
import type { Event, State } from '../types.ts';
import { wantedBackup } from './backup.ts';
import { startChecks } from './prerequisites.ts';

/** Connects, with everything forgotten that an earlier database said. */
function connect(state: State, url?: string): Reduced {
  const target: State['target'] = {
    ...state.target,
    status: 'connecting',
    server: null,
    error: null,
    changing: false,
  };
  return to(
    { ...state, ...freshFindings(), target },
    { type: 'connect', ...(url === undefined ? {} : { url }) },
  );
}

export const start = (state: State): Reduced => (state.target.status === 'idle' ? connect(state) : to(state));

const withTarget = (state: State, target: Partial<State['target']>): State => ({
  ...state,
  target: { ...state.target, ...target },
});

export function onConnection(
  state: State,
  event: Extract<Event, { type: 'connecting' | 'connected' | 'connect-failed' }>,
): Reduced {
  if (state.target.status !== 'connecting') return to(state);
  switch (event.type) {
    case 'connecting':
      return to(withTarget(state, { settings: event.settings }));
    case 'connected':
      return to(withTarget(state, { status: 'connected', server: event.server, error: null }), {
        type: 'record',
        event: { type: 'connected', server: event.server },
      });
    case 'connect-failed':
      return to(
        withTarget(state, { status: 'failed', error: event.error }),
        failureNote('Could not connect', event.error),
      );
  }
}

export function answerTarget(state: State, name: string, value: string): Reduced {
  if (name === 'target') return wantedBackup(state) ?? startChecks(state);
  if (name === 'url') {
    const url = value.trim();
    return url === '' ? to(withTarget(state, { changing: false })) : connect(state, url);
  }
  if (value === 'retry') return connect(state);
  if (value === 'change') return changeTarget(state);
  return finishNow(state);
}

export const changeTarget = (state: State): Reduced => to(withTarget(state, { changing: true }));

export const keepTarget = (state: State): Reduced => to(withTarget(state, { changing: false }));
