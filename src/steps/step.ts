/** Screen 5, once for each step: what it does, its SQL, what is at stake; then live; then what came of it. */
import type { Procedure } from '../sql/procedure/types.ts';
import { LONE_COURSE, outsideWords, waitsForOld } from '../sql/lone/words.ts';
import type { PlanStep, StepPosition } from '../sql/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { currentStep, failing, isBusy, planStep, positionOf, stepRisk } from '../wizard/judge.ts';
import { brokeOff, loneOf } from '../wizard/lone.ts';
import { offersOf, procedureOf, together } from '../wizard/procedure.ts';
import { wholeHash } from '../wizard/whole.ts';
import type { Block, Screen, State, StepRun } from '../wizard/types.ts';
import { count, duration, errorBlocks, gap, heading, item, log, prose, text } from './blocks.ts';
import { formScreen } from './form-choice.ts';
import { lockWaitBlocks } from './lock-wait.ts';
import { lockBlocks } from './locks.ts';
import { actionBlocks, archiveBlocks, formBlocks, refusedLines } from './procedure.ts';
import { foundAs, stepLabel } from './purpose.ts';
import { dataAtRiskBlocks, failingBlocks, inventedBlocks, uncheckedBlocks } from './risk.ts';
import { screen } from './screen.ts';
import { planStatements, positionWords, runStatements } from './statements.ts';
import { commandBlocks } from './step-command.ts';
import { stepQuestion } from './step-question.ts';
import { failedEntries, mendable } from './trouble.ts';

export function stepScreen(state: State): Screen {
  const run = currentStep(state);
  const step = run && planStep(state, run.id);
  if (!run || !step) {
    return screen(state, 'step', 'Step', [text('The runbook has no step.')], stepQuestion(state));
  }
  if (state.choosing && askedOf(state).name === 'form') return formScreen(state, 'step');
  const title = `${stepLabel(state, step.id)}: ${step.title}`;
  return screen(
    state,
    'step',
    title,
    [...(askedOf(state).name === 'step-command' ? commandBlocks(state) : []), ...blocks(state, step, run)],
    stepQuestion(state),
  );
}

function blocks(state: State, step: PlanStep, run: StepRun): Block[] {
  const looked = state.look.error ? [...errorBlocks(state.look.error, state.runbook), gap] : [];
  if (isBusy(run)) return [...running(state, run), ...lockWaitBlocks(state), ...allLive(state, step, run)];
  switch (run.status) {
    case 'done':
      return [...looked, ...done(state, run), ...live(step, run)];
    case 'already-applied':
      return [...passedOver(state), ...looked, ...proposal(state, step)];
    case 'failed':
      return [...looked, ...failed(state, run), ...live(step, run)];
    case 'unknown':
      return [...unknown(state, run), ...looked, ...live(step, run)];
    default:
      return [
        ...before(state),
        ...changes(state),
        ...notMet(state),
        ...lastAttempt(run),
        ...looked,
        ...proposal(state, step),
      ];
  }
}

/** Steps that were found applied are passed over, and shown; those confirmed for the same transaction, too. */
const before = (state: State): Block[] =>
  state.steps.slice(0, state.current).map((step) => {
    const name = stepLabel(state, step.id);
    if (step.status === 'done') return item('done', `${name} is done.`);
    if (step.confirmed !== null && !isBusy(step)) {
      return item('waiting', `${name} is confirmed. It runs with the others, once the last is confirmed.`);
    }
    return isBusy(step)
      ? item('none', `${name} is part of the same transaction.`)
      : item('skipped', `${name} was found ${foundAs(state)} and is passed over.`);
  });

const passedOver = (state: State): Block[] => [
  ...before(state),
  item(
    'skipped',
    `This step was found ${foundAs(state)} in the database. It is passed over; nothing of it is run.`,
  ),
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

/** Found in the middle of the run: as long as it is so, nothing is asked to be confirmed. */
const notMet = (state: State): Block[] => {
  const results = failing(state.prerequisites.results);
  if (results.length === 0) return [];
  return [
    gap,
    heading('Not met any more'),
    ...results.map(({ title, detail, advice, items }) =>
      item('fail', `${title}: no. ${detail}`, { detail: advice, lines: items }),
    ),
    ...failedEntries(state),
    ...mendable(state),
    gap,
  ];
};

const lastAttempt = (run: StepRun): Block[] =>
  run.error
    ? [
        brokeOff(run)
          ? item('fail', `Attempt ${run.attempt} broke off: ${run.error.message}`, { lines: run.left ?? [] })
          : item('fail', `Attempt ${run.attempt} was rolled back: ${run.error.message}`, {
              detail: 'Of that attempt nothing is left in the database.',
            }),
      ]
    : [];

/** What is confirmed: words, form, counts, then everything that is sent. */
function proposal(state: State, step: PlanStep): Block[] {
  const position = positionOf(state.survey, step.id);
  const procedure = procedureOf(state, step.id);
  const ofStep = (entry: { step: string }): boolean => entry.step === step.id;
  const risk = state.survey?.risk;
  const { dataAtRisk, unchecked, notUnderstood } = stepRisk(state, step.id);
  const failing = (risk?.failing ?? []).filter(ofStep);
  return [
    ...prose(step.words),
    text(
      `${positionWords(state, step, position)}. ${step.lone === undefined ? transaction(state) : ''}`.trim(),
    ),
    ...outside(step),
    ...bound(state, step, procedure),
    ...(procedure ? [gap, ...formBlocks(procedure), gap, ...archiveBlocks(state, procedure)] : []),
    gap,
    heading('Data at risk'),
    ...dataAtRiskBlocks(dataAtRisk),
    gap,
    heading('Invented values'),
    ...inventedBlocks((risk?.invented ?? []).filter(ofStep)),
    ...(failing.length === 0 ? [] : [gap, heading('Would fail'), ...failingBlocks(failing)]),
    ...(notUnderstood.length === 0 ? [] : [gap, ...notRead(notUnderstood)]),
    ...(unchecked.length === 0 ? [] : [gap, ...uncheckedBlocks(unchecked)]),
    ...(procedure ? [gap, heading('Locks'), ...lockBlocks(state, [procedure])] : []),
    gap,
    heading('SQL'),
    ...(procedure ? actionBlocks(state, step, position, procedure) : withoutForm(state, step, position)),
  ];
}

/** Not whole or nothing: said before anything else of it. */
function outside({ lone, part }: PlanStep): Block[] {
  const alone = part ? [text('It is a step of its own: the parts before it stay done.')] : [];
  if (lone === undefined) return alone;
  const waits = waitsForOld(lone);
  return [
    text(outsideWords(lone), 'warn'),
    ...(waits === null ? [] : [text(waits)]),
    ...alone,
    text(LONE_COURSE, 'quiet'),
  ];
}

const transaction = (state: State): string =>
  state.wholePlan
    ? 'One transaction for the whole plan: all of it happens, or nothing.'
    : 'One transaction: all of it happens, or nothing.';

/** Of several steps in one transaction, the last is where all of them are confirmed. */
function bound(state: State, step: PlanStep, procedure: Procedure | null): Block[] {
  if (!procedure) return [];
  const own = text(`What you confirm is bound to ${procedure.hash.slice(0, 12)}.`, 'quiet');
  const steps = together(state, step.id);
  if (steps.length < 2 || steps.some((one) => one.confirmed === null && one.id !== step.id)) return [own];
  const hashes = steps.map(({ id }) => procedureOf(state, id)?.hash ?? '');
  return [
    own,
    text(`With it all ${steps.length} steps are confirmed: ${wholeHash(hashes).slice(0, 12)}.`, 'quiet'),
  ];
}

/** Nothing of it can be run; why, and what it would be. */
const withoutForm = (state: State, step: PlanStep, position: StepPosition | undefined): Block[] => [
  ...offersOf(state.survey, step.id).flatMap((offer) =>
    refusedLines(offer).map((reason) => item('conflict', reason)),
  ),
  ...planStatements(step, position),
];

const notRead = (indexes: number[]): Block[] => [
  item('unknown', `Not understood: ${indexes.map((index) => `statement ${index}`).join(', ')}`, {
    detail: 'backout cannot say what it does. Read its SQL below before you confirm.',
  }),
];

function running(state: State, run: StepRun): Block[] {
  const lone = loneOf(state, run.id);
  const words =
    run.status === 'cancelling'
      ? text(
          lone === null
            ? 'Cancelling: the server has been asked to stop. The step is rolled back as a whole, unless it was already committed.'
            : 'Cancelling: the server has been asked to stop. Nothing is taken back; what is left of it is looked for then.',
          'warn',
        )
      : text(
          run.startedAt === null
            ? 'Looking at the database once more before anything runs.'
            : lone === null
              ? 'Running, in one transaction.'
              : 'Running, outside of a transaction.',
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

/** All steps of the transaction that is under way, the one at work last: there the eye is. */
function allLive(state: State, step: PlanStep, run: StepRun): Block[] {
  const others = state.steps.filter((one) => isBusy(one) && one.id !== run.id);
  if (others.length === 0) return live(step, run);
  return state.steps.filter(isBusy).flatMap((one) => {
    const planned = planStep(state, one.id);
    if (!planned) return [];
    return [heading(`${stepLabel(state, one.id)}: ${planned.title}`), ...live(planned, one), gap];
  });
}

function done(state: State, run: StepRun): Block[] {
  const ran = run.statements.filter((statement) => statement.status === 'done');
  const statements = new Set(ran.flatMap(({ carries }) => carries)).size;
  const what = statements === 0 ? '' : `${count(statements, 'statement')} of the runbook, by `;
  const kept = state.archived.filter((entry) => entry.step === run.id);
  return [
    text(
      `${loneOf(state, run.id) === null ? 'Committed' : 'Done, and written down'}: ${what}${count(ran.length, 'action')} in ${duration(run.seconds ?? 0)}.`,
      'good',
    ),
    ...(kept.length === 0 ? [] : [text(`Kept in the archive: ${count(kept.length, 'object')}.`)]),
    gap,
  ];
}

function failed(state: State, run: StepRun): Block[] {
  const earlier = state.steps.filter(({ status }) => status === 'done').map(({ id }) => stepLabel(state, id));
  const kept = earlier.length === 0 ? '' : ` ${earlier.join(', ')} stay done.`;
  return [
    text(run.cancelled ? 'Cancelled, as you asked.' : 'The step failed.', run.cancelled ? 'warn' : 'bad'),
    ...(brokeOff(run)
      ? leftBlocks(run.left ?? [], kept)
      : [text(`The step was rolled back; the database is as before it.${kept}`, 'strong')]),
    gap,
    ...(run.error ? errorBlocks(run.error, state.runbook) : []),
    ...mendable(state),
    gap,
    heading('What was tried'),
  ];
}

/** It was not in a transaction, so nothing took it back. */
const leftBlocks = (left: readonly string[], kept: string): Block[] => [
  text(
    left.length === 0
      ? `It broke off outside of a transaction; nothing that it left was found.${kept}`
      : `It broke off outside of a transaction, and something of it is left.${kept}`,
    'strong',
  ),
  ...left.map((words) => item('warn', words)),
];

function unknownOutside(state: State, run: StepRun, lone: string): Block[] {
  return [
    text('It is not known whether this step has come to its end.', 'bad'),
    text(
      `Nothing was heard of it any more: ${lone} may still be at work on the server, may have ended, or may have broken off. The tables are asked when you look again. Run nothing by hand before it is known.`,
      'strong',
    ),
    gap,
    ...(run.error ? errorBlocks(run.error, state.runbook) : []),
    gap,
    heading('What was tried'),
  ];
}

function unknown(state: State, run: StepRun): Block[] {
  const lone = loneOf(state, run.id);
  if (lone !== null) return unknownOutside(state, run, lone);
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
