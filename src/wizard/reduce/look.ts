/**
 * Looking at the database again between steps: after an outcome that is not known, a conflict, or a survey that could
 * not be read. Changes nothing in the database.
 */
import type { StepOutcome } from '../../journal/types.ts';
import type { ExplainedError, Prerequisite } from '../../postgres/types.ts';
import type { StepPosition } from '../../sql/types.ts';
import { loneOf } from '../lone.ts';
import { OTHER_RUN, firstOpen, positionOf, stepName } from '../judge.ts';
import { findingChanges } from '../findings.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import { idleLook } from '../state.ts';
import type { Event, Look, State, StepRun, Survey, Task } from '../types.ts';
import { withResult } from './prerequisites.ts';
import { adoptSurvey } from './run.ts';
import { withStep } from './one-step.ts';

export type LookEvent = Extract<
  Event,
  { type: 'prerequisite' | 'prerequisites-done' | 'prerequisites-failed' | 'step-found' }
>;

export function onLook(state: State, event: LookEvent): Reduced {
  switch (event.type) {
    case 'prerequisite':
      return to({ ...state, look: { ...state.look, results: withResult(state.look.results, event.result) } });
    case 'step-found':
      return stepFound(state, event);
    case 'prerequisites-failed':
      return lookFailed(state, event.error);
    case 'prerequisites-done':
      return looked(state, event.survey);
  }
}

const lookFailed = (state: State, error: ExplainedError): Reduced =>
  to(
    { ...state, look: { ...idleLook(state.look.tries), error } },
    failureNote('The database could not be looked at again', error),
  );

/** One transaction, one row: what is found of one of its steps is true of all. */
function stepFound(state: State, { step, found }: Extract<Event, { type: 'step-found' }>): Reduced {
  if (!state.steps.some(({ id, status }) => id === step && status === 'unknown')) return to(state);
  return to(
    { ...state, look: { ...state.look, found } },
    { type: 'record', event: { type: 'step-found', step, found } },
  );
}

function looked(state: State, fresh: Survey | null): Reduced {
  const rested: State = { ...state, look: { ...state.look, status: 'idle' } };
  if (!fresh) return lookFailed(rested, notRead(state.look.results));
  const unknown = state.steps.filter(({ status }) => status === 'unknown');
  if (unknown.length > 0) return resolve(rested, unknown, fresh, state.look);
  const adopted = adoptSurvey(rested, fresh);
  const told = [...state.changes, ...adopted.state.changes];
  const found = withFindings(
    { ...adopted.state, look: idleLook(), changes: told },
    state.look.results,
    fresh,
  );
  return to(
    { ...found.state, current: firstOpen(adopted.state.steps) ?? state.current },
    ...adopted.tasks,
    ...found.tasks,
  );
}

/** What was found this time counts from here on: a failure keeps the next step from being confirmed. */
function withFindings(state: State, results: Prerequisite[], { attachments }: Survey): Reduced {
  if (results.length === 0) return to(state);
  const before = state.prerequisites;
  const changes = [...new Set([...state.changes, ...findingChanges(before.results, results)])];
  return to(
    { ...state, changes, prerequisites: { ...before, results } },
    { type: 'record', event: { type: 'prerequisites', results, attachments } },
  );
}

function notRead(results: readonly Prerequisite[]): ExplainedError {
  const failed = results.find(({ status }) => status === 'fail');
  return {
    message: failed?.detail ?? 'The tables could not be looked at.',
    explanation: 'Somebody keeps everybody out of a table, so nothing could be read from it.',
    advice: failed?.advice ?? 'Look again.',
  };
}

/**
 * What became of steps whose COMMIT was never answered: the journal's row in the database says. Where no such journal
 * is kept it is read off the catalog, and called known only where the database stands exactly as after the steps or
 * exactly as before them, and nobody may still be committing them.
 */
function resolve(state: State, steps: StepRun[], fresh: Survey, { found, results }: Look): Reduced {
  const words = steps.some(({ id }) => loneOf(state, id) !== null) ? OUTSIDE : IN_TRANSACTION;
  if (found === 'done') return resolvedAs(state, steps, fresh, 'done', words.done);
  if (found === 'not-done') return resolvedAs(state, steps, fresh, 'failed', words['not-done']);
  if (found === 'still-running') return lookFailed(state, words['still-running']);
  const atWork = results.find((result) => result.id === OTHER_RUN && result.status !== 'pass');
  if (atWork) {
    return lookFailed(state, {
      message: atWork.detail,
      explanation: 'Another session of backout is still connected; it may be the one that was cut off.',
      advice: 'Wait until it has ended, then look again.',
    });
  }
  const names = steps.map(({ id }) => stepName(id)).join(', ');
  if (steps.every(({ id }) => positionOf(fresh, id)?.state === 'applied')) {
    return resolvedAs(
      state,
      steps,
      fresh,
      'done',
      `The database was looked at again: ${names} was committed.`,
    );
  }
  if (steps.every(({ id }) => sameAsBefore(positionOf(fresh, id), positionOf(state.survey, id)))) {
    return resolvedAs(
      state,
      steps,
      fresh,
      'failed',
      `The database was looked at again: ${names} was rolled back.`,
    );
  }
  return lookFailed(state, {
    message: 'The step is found neither applied nor as it was before.',
    explanation: 'The database stands neither as it was before the step nor as the step would leave it.',
    advice: 'Stop here, and have the plan and the database looked at together before anything else is run.',
  });
}

const IN_TRANSACTION = {
  done: "The journal's row is in the database: it was committed.",
  'not-done': "The journal's row is not in the database, and the transaction is over: it was rolled back.",
  'still-running': {
    message: 'The transaction is still running on the server.',
    explanation: 'Its session was cut off from here and has not ended there yet; it may still commit.',
    advice: 'Wait a moment, then look again.',
  },
};

/** Of a statement outside of transactions. */
const OUTSIDE = {
  done: 'The tables were asked: it has come to its end, and is written down.',
  'not-done':
    'The tables were asked: it has not come to its end. What is left of it is said before it is tried again.',
  'still-running': {
    message: 'The statement is still at work on the server.',
    explanation:
      'Its session was cut off from here and has not ended there yet; it may still come to its end.',
    advice: 'Wait until it has, then look again.',
  },
};

/** The first of them is shown as what it was found to be; others that went back with it wait to be confirmed again. */
function resolvedAs(
  state: State,
  steps: StepRun[],
  fresh: Survey,
  status: 'done' | 'failed',
  text: string,
): Reduced {
  const [first] = steps;
  if (!first) return to(state);
  const ids = steps.map(({ id }) => id);
  const outside = status === 'failed' && loneOf(state, first.id) !== null;
  const outcome = status === 'done' ? 'done' : outside ? 'broken-off' : 'rolled-back';
  const error = status === 'done' ? null : first.error;
  const left = outside ? (first.left ?? []) : null;
  const known: State = {
    ...state,
    steps: state.steps.map((step) => (ids.includes(step.id) ? { ...step, status, error, left } : step)),
  };
  const adopted = adoptSurvey(known, fresh);
  // Adopting judges open steps anew; this one is to be shown as what it was found to be.
  const shown = withStep(adopted.state, first.id, () => ({ ...first, status, error, left }));
  const found = withFindings({ ...shown, look: idleLook() }, state.look.results, fresh);
  return to(
    {
      ...found.state,
      current: shown.steps.findIndex(({ id }) => id === first.id),
      changes: [],
      notice: text,
    },
    ...steps.map(({ id, seconds }) => resolved(id, outcome, seconds ?? 0, error)),
    { type: 'record', event: { type: 'note', text } },
    ...adopted.tasks,
    ...found.tasks,
  );
}

const resolved = (
  step: string,
  outcome: StepOutcome,
  seconds: number,
  error: ExplainedError | null,
): Task => ({
  type: 'record',
  event: { type: 'step-finished', step, outcome, seconds, error },
});

function sameAsBefore(found: StepPosition | undefined, before: StepPosition | undefined): boolean {
  if (!found || !before || found.state !== before.state) return false;
  return found.statements.every(
    ({ index, state }) => before.statements.find((candidate) => candidate.index === index)?.state === state,
  );
}
