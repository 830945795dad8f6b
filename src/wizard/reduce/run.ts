/**
 * What a running step reports: statements as they run, and what became of the step. The start of a step and its
 * statements are written to the journal by the task itself, which must know them to be on disk before it commits.
 */
import type { JournalBody, StepOutcome } from '../../journal/types.ts';
import type { ExplainedError } from '../../postgres/types.ts';
import { currentStep, firstOpen, isBusy, stepName } from '../judge.ts';
import { to, type Reduced } from '../reduced.ts';
import { changesBetween, mergeSurvey, planRecord, stepsFrom } from '../survey.ts';
import type { Event, State, StatementRun, StepRun, Survey, Task } from '../types.ts';
import { withStep } from './one-step.ts';

export type RunEvent = Extract<Event, { step: string }>;

const record = (event: JournalBody): Task => ({ type: 'record', event });

/** Most notices kept of one statement: the journal has to stay readable, the screen shows the last of them. */
const MOST_NOTICES = 200;

export function onRun(state: State, event: RunEvent): Reduced {
  const step = currentStep(state);
  // An event of a step that is not running is late or stray; it must not change what is known.
  if (!step || step.id !== event.step || !isBusy(step)) return to(state);
  switch (event.type) {
    case 'step-started':
      return to(withStep(state, step.id, (running) => ({ ...running, startedAt: event.at })));
    case 'statement-started':
      return to(withStatement(state, event, (statement) => ({ ...statement, status: 'running' })));
    case 'statement-skipped':
      return to(withStatement(state, event, (statement) => ({ ...statement, status: 'skipped' })));
    case 'statement-notice':
      return to(
        withStatement(state, event, (statement) => ({
          ...statement,
          notices: [...statement.notices, event.text].slice(-MOST_NOTICES),
        })),
      );
    case 'statement-failed':
      return to(withStatement(state, event, (statement) => ({ ...statement, status: 'failed' })));
    case 'statement-done': {
      const { rows, seconds } = event;
      return to(withStatement(state, event, (done) => ({ ...done, status: 'done', rows, seconds })));
    }
    case 'step-done':
      return stepDone(state, step, event.seconds, event.survey);
    case 'step-failed':
      return stepEnded(state, step, 'rolled-back', event.seconds, event.error, event.cancelled);
    case 'step-unknown':
      return stepEnded(state, step, 'unknown', event.seconds, event.error, false);
    case 'survey-changed':
      return surveyChanged(state, step, event.survey);
    case 'lock-taken':
    case 'archived':
    case 'step-found':
      return to(state);
  }
}

function withStatement(
  state: State,
  { step, index }: { step: string; index: number },
  change: (statement: StatementRun) => StatementRun,
): State {
  return withStep(state, step, (running) => ({
    ...running,
    statements: running.statements.map((statement) =>
      statement.index === index ? change(statement) : statement,
    ),
  }));
}

const finished = (
  step: string,
  outcome: StepOutcome,
  seconds: number,
  error: ExplainedError | null = null,
): Task => record({ type: 'step-finished', step, outcome, seconds, error });

function stepDone(state: State, step: StepRun, seconds: number, survey: Survey | null): Reduced {
  const done = withStep(state, step.id, (running) => ({ ...running, status: 'done', seconds, error: null }));
  const notice =
    step.status === 'cancelling' ? 'The step was committed before the request to cancel reached it.' : null;
  const tasks = [finished(step.id, 'done', seconds)];
  if (!survey) return to({ ...done, notice, stale: true }, ...tasks);
  const adopted = adoptSurvey({ ...done, notice }, withAttachments(done, survey));
  return to({ ...adopted.state, changes: [] }, ...tasks, ...adopted.tasks);
}

/** Rolled back or unknown: what the statements reported stays visible, as what was tried. */
function stepEnded(
  state: State,
  step: StepRun,
  outcome: 'rolled-back' | 'unknown',
  seconds: number,
  error: ExplainedError,
  cancelled: boolean,
): Reduced {
  const status = outcome === 'unknown' ? 'unknown' : 'failed';
  const ended = withStep(state, step.id, (running) => ({ ...running, status, seconds, error, cancelled }));
  return to(ended, finished(step.id, outcome, seconds, error));
}

/**
 * Takes over a newer survey: steps not done are judged anew and the plan as it now stands is recorded, so that the
 * next confirmation has a line in the journal with its hash. What differs is kept for the operator.
 */
export function adoptSurvey(state: State, fresh: Survey): Reduced {
  const survey = mergeSurvey(state.survey, fresh, state.steps);
  const changes = state.survey ? changesBetween(state.survey, survey) : [];
  const steps = stepsFrom(state.plan, survey, state.steps);
  return to({ ...state, survey, steps, changes, stale: false }, record(planRecord(survey)));
}

/** A step's own survey does not look at attachments: what the prerequisites found still counts. */
const withAttachments = (state: State, fresh: Survey): Survey =>
  fresh.attachments.length > 0 ? fresh : { ...fresh, attachments: state.survey?.attachments ?? [] };

/** The confirmation is void: it was given to something else. */
function surveyChanged(state: State, step: StepRun, fresh: Survey): Reduced {
  const began = step.startedAt !== null;
  const adopted = adoptSurvey(state, withAttachments(state, fresh));
  const current = firstOpen(adopted.state.steps) ?? state.current;
  const text = `The confirmation of ${stepName(step.id)} is void: the database is not as it was when it was given. Nothing was run.`;
  const tasks = [
    ...(began ? [finished(step.id, 'not-run', 0)] : []),
    record({ type: 'note', text }),
    ...adopted.tasks,
  ];
  return to({ ...adopted.state, current, paused: false, notice: text }, ...tasks);
}
