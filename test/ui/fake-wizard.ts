/** A wizard that shows given screens one after the other and remembers what it was told. */
import { initialState } from '../../src/wizard/state.ts';
import type { Event, Question, RoadStop, Screen, State, Task } from '../../src/wizard/types.ts';

const RUNBOOK: State['runbook'] = {
  path: 'runbook.md',
  sha256: '0'.repeat(64),
  title: 'Rollback',
  migration: null,
  quick: null,
  overview: [],
  prerequisites: null,
  stateChecks: [],
  steps: [],
  expectations: [],
  criteria: [],
  fixes: { migrated: [], defects: [], stray: [] },
  troubleshooting: [],
  escalation: null,
  checklist: [],
  related: null,
  differences: null,
  unrecognised: [],
};

export function fakeState(environment: State['environment'] = 'PRODUCTION'): State {
  const state = initialState({
    environment,
    run: 'r1',
    version: '1.0.0',
    runbook: RUNBOOK,
    plan: { steps: [], hash: 'h' },
  });
  const server = {
    version: '15.18',
    versionNumber: 150018,
    database: 'orders',
    user: 'alice',
    host: 'db1.example',
    port: '5432',
    superuser: false,
    standby: false,
    readOnly: false,
    encryption: 'TLSv1.3',
    systemIdentifier: null,
    embedded: environment === 'PRACTICE',
  };
  return { ...state, target: { ...state.target, status: 'connected', server } };
}

export function screen(question: Question, more: Partial<Screen> = {}): Screen {
  return { id: 'target', title: `Screen ${question.id}`, blocks: [], question, actions: [], ...more };
}

export const going = (id: string, prompt = `Go on from ${id}?`): Question => ({
  kind: 'continue',
  id,
  prompt,
});

export const road: RoadStop[] = [
  { label: 'Target', mark: 'done', here: false },
  { label: 'Prerequisites', mark: 'running', here: true },
  { label: 'Plan', mark: 'waiting', here: false },
];

export interface FakeWizard {
  initial: State;
  reduce(state: State, event: Event): { state: State; tasks: Task[] };
  screenOf(state: State): Screen;
  roadOf(state: State): RoadStop[];
  perform(task: Task, emit: (event: Event) => void): void;
  /** Answers as `question=value`, actions as `!action`, in order. */
  heard: string[];
}

/** Goes to the next screen with each answer to the one shown, and ends after the last. */
export function fakeWizard(screens: Screen[], environment: State['environment'] = 'PRODUCTION'): FakeWizard {
  const heard: string[] = [];
  const end = { outcome: 'declined', exitStatus: 11 } as const;
  return {
    heard,
    initial: fakeState(environment),
    reduce(state, event) {
      if (event.type === 'action') {
        heard.push(`!${event.action}`);
        return { state: event.action === 'leave' ? { ...state, outcome: end } : state, tasks: [] };
      }
      if (event.type !== 'answer') return { state, tasks: [] };
      heard.push(`${event.question}=${event.value}`);
      if (event.question !== screens[state.turn]?.question.id) return { state, tasks: [] };
      const turn = state.turn + 1;
      return { state: turn < screens.length ? { ...state, turn } : { ...state, outcome: end }, tasks: [] };
    },
    screenOf: (state) => screens[state.turn] ?? screen(going('end')),
    roadOf: () => road,
    perform: () => undefined,
  };
}
