/**
 * Looking at the database again between steps: after an outcome that is not known, a conflict, or a survey that could
 * not be read. Changes nothing in the database.
 */
import type { ExplainedError } from '../../postgres/types.ts';
import type { StepPosition } from '../../sql/types.ts';
import { currentStep, firstOpen, positionOf, stepName } from '../judge.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import { idleLook } from '../state.ts';
import type { Event, State, StepRun, Survey } from '../types.ts';
import { withResult } from './prerequisites.ts';
import { adoptSurvey } from './run.ts';
import { withStep } from './one-step.ts';

export type LookEvent = Extract<
  Event,
  { type: 'prerequisite' | 'prerequisites-done' | 'prerequisites-failed' }
>;

/** The id of the prerequisite that says whether another session of ours is still at work. */
const OTHER_RUN = 'other-run';

/** A lost connection is opened anew by the task itself, which refuses another server than before. */
export const look = (state: State): Reduced =>
  to({ ...state, paused: false, look: { ...idleLook(), status: 'checking' } }, { type: 'check' });

export function onLook(state: State, event: LookEvent): Reduced {
  switch (event.type) {
    case 'prerequisite':
      return to({ ...state, look: { ...state.look, results: withResult(state.look.results, event.result) } });
    case 'prerequisites-failed':
      return lookFailed(state, event.error);
    case 'prerequisites-done':
      return looked(state, event.survey);
  }
}

const lookFailed = (state: State, error: ExplainedError): Reduced =>
  to(
    { ...state, look: { ...idleLook(), error } },
    failureNote('The database could not be looked at again', error),
  );

function looked(state: State, fresh: Survey): Reduced {
  const step = currentStep(state);
  const rested: State = { ...state, look: idleLook() };
  if (step?.status === 'unknown') return resolve(rested, step, fresh, state.look.results);
  const adopted = adoptSurvey(rested, fresh);
  return to({ ...adopted.state, current: firstOpen(adopted.state.steps) ?? state.current }, ...adopted.tasks);
}

/**
 * What became of a step whose COMMIT was never answered, read off the catalog. It is called known only where the
 * database stands exactly as after the step or exactly as before it, and nobody may still be committing it.
 */
function resolve(state: State, step: StepRun, fresh: Survey, results: State['look']['results']): Reduced {
  const atWork = results.find((result) => result.id === OTHER_RUN && result.status !== 'pass');
  if (atWork) {
    return lookFailed(state, {
      message: atWork.detail,
      explanation: 'Another session of backout is still connected; it may be the one that was cut off.',
      advice: 'Wait until it has ended, then look again.',
    });
  }
  const found = positionOf(fresh, step.id);
  const kept = found?.state === 'applied';
  if (!kept && !sameAsBefore(found, positionOf(state.survey, step.id))) {
    return lookFailed(state, {
      message: 'The step is found neither applied nor as it was before.',
      explanation: 'The database stands neither as it was before the step nor as the step would leave it.',
      advice: 'Stop here, and have the plan and the database looked at together before anything else is run.',
    });
  }
  return kept ? resolvedAs(state, step, fresh, 'done') : resolvedAs(state, step, fresh, 'failed');
}

function resolvedAs(state: State, step: StepRun, fresh: Survey, status: 'done' | 'failed'): Reduced {
  const outcome = status === 'done' ? 'done' : 'rolled-back';
  const error = status === 'done' ? null : step.error;
  const known = withStep(state, step.id, (unknown) => ({ ...unknown, status, error }));
  const adopted = adoptSurvey(known, fresh);
  // Adopting judges open steps anew; this one is to be shown as what it was found to be.
  const shown = withStep(adopted.state, step.id, () => ({ ...step, status, error }));
  const text =
    status === 'done'
      ? `The database was looked at again: ${stepName(step.id)} was committed.`
      : `The database was looked at again: ${stepName(step.id)} was rolled back.`;
  return to(
    { ...shown, changes: [], notice: text },
    {
      type: 'record',
      event: { type: 'step-finished', step: step.id, outcome, seconds: step.seconds ?? 0, error },
    },
    { type: 'record', event: { type: 'note', text } },
    ...adopted.tasks,
  );
}

function sameAsBefore(found: StepPosition | undefined, before: StepPosition | undefined): boolean {
  if (!found || !before || found.state !== before.state) return false;
  return found.statements.every(
    ({ index, state }) => before.statements.find((candidate) => candidate.index === index)?.state === state,
  );
}
