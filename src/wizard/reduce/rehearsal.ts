/** The rehearsal, from the plan: opened by a key, begun by an answer, ended by itself or by a key. */
import { choiceNow, isAtRehearsal, isRehearsing } from '../rehearsal.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import type { RehearsalEvent, Rehearsing, State } from '../types.ts';

const MOST_LINES = 200;

const withRehearsal = (state: State, rehearsal: Partial<Rehearsing>): State => ({
  ...state,
  rehearsal: { ...state.rehearsal, ...rehearsal },
});

export const openRehearsal = (state: State): Reduced => to(withRehearsal(state, { at: 'open' }));

export const closeRehearsal = (state: State): Reduced =>
  to(withRehearsal(state, { at: 'closed', error: null }));

export function answerRehearsal(state: State, value: string): Reduced {
  if (value !== 'rehearse') return closeRehearsal(state);
  const of = choiceNow(state);
  const fresh = { cancelling: false, since: null, progress: null, lines: [], result: null, error: null };
  return to(withRehearsal(state, { ...fresh, at: 'running', of }), { type: 'rehearse', ...of });
}

export const cancelRehearsal = (state: State): Reduced =>
  to(withRehearsal(state, { cancelling: true }), { type: 'cancel-rehearsal' });

export function onRehearsal(state: State, event: RehearsalEvent): Reduced {
  if (!isAtRehearsal(state) || !isRehearsing(state)) return to(state);
  switch (event.type) {
    case 'rehearsal-begun':
      return to(withRehearsal(state, { since: event.at }));
    case 'rehearsal-progress': {
      const lines = [...state.rehearsal.lines, event.words].slice(-MOST_LINES);
      return to(withRehearsal(state, { progress: event.words, lines }));
    }
    case 'rehearsed': {
      const { rehearsal: result, words } = event;
      const { way, outcome, plan, look, seconds } = result;
      return to(withRehearsal(state, { at: 'open', cancelling: false, result }), {
        type: 'record',
        event: { type: 'rehearsal', way, outcome, plan, look, seconds, words },
      });
    }
    case 'rehearsal-failed': {
      const { error } = event;
      return to(
        withRehearsal(state, { at: 'open', cancelling: false, error }),
        failureNote('The rehearsal', error),
      );
    }
  }
}
