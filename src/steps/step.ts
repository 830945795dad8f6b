/** Screen 5, once for each step: what it does, its SQL, what is at stake; then live; then what came of it. */
import type { PlanStep } from '../sql/types.ts';
import { currentStep, isBusy, planStep, positionOf, stepName, stepRisk } from '../wizard/judge.ts';
import type { Block, Screen, State, StepRun } from '../wizard/types.ts';
import { count, duration, errorBlocks, gap, heading, item, log, prose, text } from './blocks.ts';
import { dataAtRiskBlocks, failingBlocks, inventedBlocks, lockBlocks, uncheckedBlocks } from './risk.ts';
import { screen } from './screen.ts';
import { planStatements, positionWords, runStatements } from './statements.ts';
import { stepQuestion } from './step-question.ts';

export function stepScreen(state: State): Screen {
  const run = currentStep(state);
  const step = run && planStep(state, run.id);
  if (!run || !step) {
    return screen(state, 'step', 'Step', [text('The runbook has no step.')], stepQuestion(state));
  }
  const title = `${stepName(step.id)}: ${step.title}`;
  return screen(state, 'step', title, blocks(state, step, run), stepQuestion(state));
}

function blocks(state: State, step: PlanStep, run: StepRun): Block[] {
  const looked = state.look.error ? [...errorBlocks(state.look.error, state.runbook), gap] : [];
  if (isBusy(run)) return [...running(state, run), ...live(step, run)];
  switch (run.status) {
    case 'done':
      return [...looked, ...done(run), ...live(step, run)];
    case 'already-applied':
      return [...passedOver(state), ...looked, ...proposal(state, step)];
    case 'failed':
      return [...looked, ...failed(state, run), ...live(step, run)];
    case 'unknown':
      return [...unknown(state, run), ...looked, ...live(step, run)];
    default:
      return [...before(state), ...changes(state), ...lastAttempt(run), ...looked, ...proposal(state, step)];
  }
}

/** Steps that were found applied are passed over, and shown. */
const before = (state: State): Block[] =>
  state.steps
    .slice(0, state.current)
    .map((step) =>
      step.status === 'done'
        ? item('done', `${stepName(step.id)} is done.`)
        : item('skipped', `${stepName(step.id)} was found applied and is passed over.`),
    );

const passedOver = (state: State): Block[] => [
  ...before(state),
  item('skipped', 'This step was found applied in the database. It is passed over; nothing of it is run.'),
];

function changes(state: State): Block[] {
  if (state.changes.length === 0) return [];
  return [
    gap,
    heading('What changed since you saw the plan'),
    ...state.changes.map((change) => item('warn', change)),
    gap,
  ];
}

const lastAttempt = (run: StepRun): Block[] =>
  run.error
    ? [
        item('fail', `Attempt ${run.attempt} was rolled back: ${run.error.message}`, {
          detail: 'Of that attempt nothing is left in the database.',
        }),
      ]
    : [];

/** What is confirmed: words, counts, then exactly the SQL. */
function proposal(state: State, step: PlanStep): Block[] {
  const position = positionOf(state.survey, step.id);
  const ofStep = (entry: { step: string }): boolean => entry.step === step.id;
  const risk = state.survey?.risk;
  const { dataAtRisk, unchecked, notUnderstood } = stepRisk(state, step.id);
  const failing = (risk?.failing ?? []).filter(ofStep);
  return [
    ...prose(step.words),
    text(`${positionWords(step, position)}. One transaction: all of it happens, or nothing.`),
    text(`What you confirm is bound to ${(state.survey?.hash ?? '').slice(0, 12)}.`, 'quiet'),
    gap,
    heading('Data at risk'),
    ...dataAtRiskBlocks(dataAtRisk),
    gap,
    heading('Invented values'),
    ...inventedBlocks((risk?.invented ?? []).filter(ofStep)),
    ...(failing.length === 0 ? [] : [gap, heading('Would fail'), ...failingBlocks(failing)]),
    ...(notUnderstood.length === 0 ? [] : [gap, ...notRead(notUnderstood)]),
    ...(unchecked.length === 0 ? [] : [gap, ...uncheckedBlocks(unchecked)]),
    gap,
    heading('Locks'),
    ...lockBlocks(state.plan, (state.survey?.locks ?? []).filter(ofStep)),
    gap,
    heading('SQL'),
    ...planStatements(step, position),
  ];
}

const notRead = (indexes: number[]): Block[] => [
  item('unknown', `Not understood: ${indexes.map((index) => `statement ${index}`).join(', ')}`, {
    detail: 'backout cannot say what it does. Read its SQL below before you confirm.',
  }),
];

function running(state: State, run: StepRun): Block[] {
  const words =
    run.status === 'cancelling'
      ? text(
          'Cancelling: the server has been asked to stop. The step is rolled back as a whole, unless it was already committed.',
          'warn',
        )
      : text(
          run.startedAt === null
            ? 'Looking at the database once more before anything runs.'
            : 'Running, in one transaction.',
        );
  return [...before(state), words, gap];
}

/** The statements as they run, and what the server says meanwhile. */
function live(step: PlanStep, run: StepRun): Block[] {
  const notices = run.statements.flatMap((statement) =>
    statement.notices.map((notice) => `${statement.index}: ${notice}`),
  );
  return [
    ...runStatements(step, run),
    ...(notices.length === 0 ? [] : [gap, heading('Notices from the server'), log(notices)]),
  ];
}

function done(run: StepRun): Block[] {
  const ran = run.statements.filter((statement) => statement.status === 'done').length;
  const skipped = run.statements.filter((statement) => statement.status === 'skipped').length;
  const over = skipped === 0 ? '' : `; ${skipped} were already applied and passed over`;
  return [
    text(`Committed: ${count(ran, 'statement')} in ${duration(run.seconds ?? 0)}${over}.`, 'good'),
    gap,
  ];
}

function failed(state: State, run: StepRun): Block[] {
  const earlier = state.steps.filter((step) => step.status === 'done').map((step) => stepName(step.id));
  const kept = earlier.length === 0 ? '' : ` ${earlier.join(', ')} stay done.`;
  return [
    text(run.cancelled ? 'Cancelled, as you asked.' : 'The step failed.', run.cancelled ? 'warn' : 'bad'),
    text(`The step was rolled back; the database is as before it.${kept}`, 'strong'),
    gap,
    ...(run.error ? errorBlocks(run.error, state.runbook) : []),
    gap,
    heading('What was tried'),
  ];
}

function unknown(state: State, run: StepRun): Block[] {
  return [
    text('It is not known whether this step was committed.', 'bad'),
    text(
      'COMMIT was sent and no answer came. The step was either committed whole or rolled back whole; nothing in between is possible. Run nothing by hand before it is known.',
      'strong',
    ),
    gap,
    ...(run.error ? errorBlocks(run.error, state.runbook) : []),
    gap,
    heading('What was tried'),
  ];
}
