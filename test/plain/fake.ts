/** A wizard of three questions, for tests of the surfaces: as small as the contract allows. */
import type { Action, Event, Question, Reduce, Screen, State, Task } from '../../src/wizard/types.ts';

/** The fields that the fake uses; the rest of a state is not looked at by any surface of lines. */
export function fakeState(fields: Partial<State> = {}): State {
  const state: Partial<State> = {
    environment: 'PRACTICE',
    leaving: false,
    outcome: null,
    turn: 0,
    notice: null,
    ...fields,
  };
  return state as State;
}

export const action = (id: Action['id'], more: Partial<Action> = {}): Action => ({
  id,
  keys: [id],
  label: `does ${id}`,
  enabled: true,
  ...more,
});

export function screen(question: Question, more: Partial<Screen> = {}): Screen {
  return { id: 'step', title: 'Step 1', blocks: [], question, actions: [], ...more };
}

export const wait = (id = 'wait:work'): Question => ({ kind: 'wait', id, prompt: 'Working', since: null });
export const goOn = (id: string): Question => ({ kind: 'continue', id, prompt: 'Go on?' });
export const confirm = (id: string, flag?: string): Question => ({
  kind: 'confirm',
  id,
  prompt: 'Run it?',
  yes: 'run',
  no: 'do not run',
  ...(flag ? { flag } : {}),
});
export const typed = (id: string, flag?: string): Question => ({
  kind: 'typed',
  id,
  prompt: 'Type the name.',
  expected: 'orders',
  ...(flag ? { flag } : {}),
});
export const choice = (id: string, more: Partial<Extract<Question, { kind: 'choice' }>> = {}): Question => ({
  kind: 'choice',
  id,
  prompt: 'Which?',
  default: 'b',
  options: [
    { value: 'a', key: 'a', label: 'Alpha' },
    { value: 'b', key: 'b', label: 'Beta', detail: 'the harmless one' },
    { value: 'c', key: 'c', label: 'Gamma', disabled: 'no backup' },
  ],
  ...more,
});

export interface Script {
  /** The screens, by what `state.turn` says. */
  screens: Screen[];
  /** What a turn's event does: the tasks to start, and whether it was the last. */
  on?(event: Event, turn: number): { tasks?: Task[]; stay?: boolean };
}

/** Each taken event moves to the next screen; past the last there is an outcome. */
export function scripted({ screens, on }: Script): { reduce: Reduce; screenOf: (state: State) => Screen } {
  const at = (turn: number): Screen => screens[Math.min(turn, screens.length - 1)]!;
  return {
    screenOf: (state) => at(state.turn),
    reduce(state, event) {
      const { tasks = [], stay = event.type === 'start' } = on?.(event, state.turn) ?? {};
      const turn = stay ? state.turn : state.turn + 1;
      const ended = turn >= screens.length;
      const outcome: State['outcome'] = ended ? { outcome: 'verified', exitStatus: 0 } : null;
      return { state: { ...state, turn, outcome }, tasks };
    },
  };
}
