/**
 * What a running step reports: statements as they run, and what became of the step. The start of a step and its
 * statements are written to the journal by the task itself, which must know them to be on disk before it commits.
 */
import type { JournalBody, StepOutcome } from '../../journal/types.ts';
import type { ExplainedError } from '../../postgres/types.ts';
import { findingChanges } from '../findings.ts';
import { firstOpen, isBusy, stepName } from '../judge.ts';
import { QUICK } from '../quick.ts';
import { to, type Reduced } from '../reduced.ts';
import { changesBetween, mergeSurvey, planRecord, stepsFrom } from '../survey.ts';
import type { Event, State, StatementRun, StepRun, Survey, Task } from '../types.ts';
import { noWait } from './lock.ts';
import { look } from './look-again.ts';
import { toWaiting, withStep } from './one-step.ts';

export type RunEvent = Exclude<Extract<Event, { step: string }>, { type: 'lock-taken' | 'step-found' }>;

const record = (event: JournalBody): Task => ({ type: 'record', event });

/** Most notices kept of one statement: the journal has to stay readable, the screen shows the last of them. */
const MOST_NOTICES = 200;

export function onRun(state: State, event: RunEvent): Reduced {
  if (event.type === 'archived') return keptInArchive(state, event);
  const step = state.steps.find(({ id }) => id === event.step);
  // An event of a step that is not running is late or stray; it must not change what is known.
  if (!step || !isBusy(step)) return to(state);
  switch (event.type) {
    case 'step-started':
      return to(
        withStep(inView(state, step.id), step.id, (running) => ({ ...running, startedAt: event.at })),
      );
    case 'statement-started':
      return to(
        withStatement({ ...state, ...noWait }, event, (statement) => ({ ...statement, status: 'running' })),
      );
    case 'statement-skipped':
      return to(state);
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
      const next = { ...state, ...noWait };
      return to(withStatement(next, event, (done) => ({ ...done, status: 'done', rows, seconds })));
    }
    case 'step-done':
      return stepDone({ ...state, ...noWait }, step, event.seconds, event.survey);
    case 'step-failed':
      return stepEnded(state, step, event.left === undefined ? 'rolled-back' : 'broken-off', event);
    case 'step-unknown':
      return stepEnded(state, step, 'unknown', { ...event, cancelled: false });
    case 'survey-changed':
      return surveyChanged({ ...state, ...noWait }, step, event.survey);
  }
}

/** Where all steps run in one transaction, the one that is at work is the one that is shown. */
const inView = (state: State, id: string): State => ({
  ...state,
  current: state.steps.findIndex((step) => step.id === id),
});

/**
 * Told again of a step that was found committed: recorded once. Of a run that was taken over it is recorded whatever its
 * journal holds: that may be on another machine.
 */
function keptInArchive(state: State, { step, objects }: Extract<Event, { type: 'archived' }>): Reduced {
  if (step !== QUICK && !state.steps.some(({ id }) => id === step)) return to(state);
  const known = state.archived.some((entry) => entry.step === step);
  const archived = [...state.archived.filter((entry) => entry.step !== step), ...objects];
  const tasks = known ? [] : [record({ type: 'archived', step, objects })];
  return to({ ...state, archived }, ...tasks);
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
  const done = withStep(inView(state, step.id), step.id, (running) => ({
    ...running,
    status: 'done',
    seconds,
    error: null,
    left: null,
  }));
  const notice =
    step.status === 'cancelling' ? 'The step was committed before the request to cancel reached it.' : null;
  const tasks = [finished(step.id, 'done', seconds)];
  // Committed with others: theirs is still to be told, and the last of them brings the survey.
  const next = done.steps.findIndex(isBusy);
  if (next >= 0) return to({ ...done, current: next, notice }, ...tasks);
  if (!survey) return to({ ...done, notice, stale: true }, ...tasks);
  const adopted = adoptSurvey({ ...done, notice }, withAttachments(done, survey));
  const again = withAgain({ ...adopted.state, changes: [] }, survey);
  return to(again.state, ...tasks, ...adopted.tasks, ...again.tasks);
}

/** What was met before the step and is not any more, or is warned of now: told, and what fails keeps the next from being confirmed. */
function withAgain(state: State, { again = [], attachments }: Survey): Reduced {
  const before = state.prerequisites.results;
  const changes = findingChanges(before, again);
  if (changes.length === 0) return to(state);
  const others = before.filter(({ id }) => !again.some((result) => result.id === id));
  const results = [...others, ...again];
  return to(
    { ...state, changes, prerequisites: { ...state.prerequisites, results } },
    record({ type: 'prerequisites', results, attachments }),
  );
}

/**
 * Rolled back or unknown, and with it every step of the same transaction: what the statements reported stays visible,
 * as what was tried. What was told of the archive was told too early.
 */
function stepEnded(
  state: State,
  step: StepRun,
  outcome: 'rolled-back' | 'broken-off' | 'unknown',
  {
    seconds,
    error,
    cancelled,
    left = null,
  }: { seconds: number; error: ExplainedError; cancelled: boolean; left?: string[] | null },
): Reduced {
  const ended = state.steps.filter(isBusy);
  const ids = ended.map(({ id }) => id);
  const steps = state.steps.map((one): StepRun => {
    if (!ids.includes(one.id)) return one;
    if (outcome === 'unknown') return { ...one, status: 'unknown', seconds, error, cancelled };
    const failed: StepRun = {
      ...one,
      status: 'failed',
      seconds,
      error,
      cancelled,
      left: left ?? one.left ?? null,
    };
    return one.id === step.id ? failed : withdrawn(one);
  });
  const tasks = ended.map((one) => {
    if (one.id === step.id || outcome === 'unknown') return finished(one.id, outcome, seconds, error);
    return finished(one.id, one.startedAt === null ? 'not-run' : 'rolled-back', 0);
  });
  const archived = state.archived.filter((entry) => !ids.includes(entry.step));
  const notes = (left ?? []).map((text) => record({ type: 'note', text }));
  return to({ ...inView(state, step.id), ...noWait, steps, archived }, ...tasks, ...notes);
}

/** It went back with the step that failed; one that had not begun was never tried. */
const withdrawn = (step: StepRun): StepRun => ({
  ...toWaiting(step),
  attempt: step.startedAt === null ? step.attempt - 1 : step.attempt,
});

/**
 * Takes over a newer survey: steps not done are judged anew and the plan as it now stands is recorded, so that the
 * next confirmation has a line in the journal with its hash. What differs is kept for the operator.
 */
export function adoptSurvey(state: State, fresh: Survey): Reduced {
  const survey = mergeSurvey(state.survey, fresh, state.steps);
  const changes = state.survey ? changesBetween(state.survey, survey, state.forms) : [];
  const steps = stepsFrom(state, survey, state.steps);
  return to({ ...state, survey, steps, changes, stale: false }, record(planRecord(state, survey)));
}

/** A step's own survey does not look at attachments: what the prerequisites found still counts. */
const withAttachments = (state: State, fresh: Survey): Survey =>
  fresh.attachments.length > 0 ? fresh : { ...fresh, attachments: state.survey?.attachments ?? [] };

/**
 * The confirmation is void: it was given to something else. Before another may be given the prerequisites are checked
 * anew: what changed may be code that would run as us, or something that the plan would destroy.
 */
function surveyChanged(state: State, step: StepRun, fresh: Survey): Reduced {
  const confirmed = state.steps.filter(isBusy);
  const began = confirmed.filter(({ startedAt }) => startedAt !== null);
  const adopted = adoptSurvey(state, withAttachments(state, fresh));
  const current = firstOpen(adopted.state.steps) ?? state.current;
  const isVoid = ({ id }: StepRun): boolean => confirmed.some((one) => one.id === id);
  const steps = adopted.state.steps.map((one) => (isVoid(one) ? { ...one, voided: true } : one));
  const looking = look({ ...adopted.state, steps, current, stale: true });
  const text = `The confirmation of ${stepName(step.id)} is void: the database is not as it was when it was given. Nothing was run.`;
  const tasks = [
    ...began.map(({ id }) => finished(id, 'not-run', 0)),
    record({ type: 'note', text: [text, ...adopted.state.changes].join(' ') }),
    ...adopted.tasks,
    ...looking.tasks,
  ];
  return to({ ...looking.state, notice: text }, ...tasks);
}
