/** Changing one step of the state. */
import type { State, StepRun } from '../types.ts';

/** The state with one step changed. */
export const withStep = (state: State, id: string, change: (step: StepRun) => StepRun): State => ({
  ...state,
  steps: state.steps.map((step) => (step.id === id ? change(step) : step)),
});

/** The step before another attempt: nothing of the last one stands, and nothing is confirmed. */
export const toWaiting = (step: StepRun): StepRun => ({
  ...step,
  status: 'waiting',
  confirmed: null,
  startedAt: null,
  statements: step.statements.map((statement) =>
    statement.status === 'skipped'
      ? statement
      : { ...statement, status: 'waiting', rows: null, seconds: null, notices: [] },
  ),
});
