/** The step screen's answers: confirming, saying no, going on, trying again, stopping. */
import { finish } from '../ending.ts';
import { confirmWord, currentStep, firstOpen, isSevere, planStep } from '../judge.ts';
import { brokeOff } from '../lone.ts';
import { procedureOf, together, unconfirmed } from '../procedure.ts';
import { to, type Reduced } from '../reduced.ts';
import type { State, StepRun, Task } from '../types.ts';
import { answerCommand } from '../step-command.ts';
import { wholeHash } from '../whole.ts';
import { look } from './look-again.ts';
import { toWaiting, withStep } from './one-step.ts';
import { startVerification } from './verification.ts';

/** To the first step that is left; to verification when none is. */
export function enterNextStep(state: State): Reduced {
  const next = firstOpen(state.steps);
  if (next === null) return startVerification(state);
  return to({
    ...state,
    screen: 'step',
    current: next,
    paused: false,
    steps: state.steps.map(withdrawConfirmation),
  });
}

export function answerStep(state: State, name: string, value: string): Reduced {
  const step = currentStep(state);
  if (!step) return to(state);
  if (name === 'step-command') return answerCommand(state, value);
  if (name === 'confirm') return answerConfirmation(state, step, value);
  switch (value) {
    case 'next':
      return enterNextStep(state);
    case 'look':
      return look({ ...state, changes: [] });
    case 'again':
      return to({ ...state, paused: false });
    case 'retry':
      // What broke off has changed the database: what is to be confirmed now is made of what it left.
      if (brokeOff(step)) return look({ ...withStep(state, step.id, toWaiting), changes: [] });
      // A newer survey may have found an earlier step undone by others: that one comes first.
      return enterNextStep(withStep(state, step.id, toWaiting));
    case 'back':
      return backToPlan(state);
    default:
      return finish(state);
  }
}

export const backToPlan = (state: State): Reduced => {
  const step = currentStep(state);
  const next = step?.status === 'failed' ? withStep(state, step.id, toWaiting) : state;
  return to({ ...next, screen: 'plan', paused: false, steps: next.steps.map(withdrawConfirmation) });
};

/** Steps of one transaction are confirmed one after the other: whoever turns back begins again. */
const withdrawConfirmation = (step: StepRun): StepRun =>
  step.status === 'waiting' && step.confirmed !== null ? { ...step, confirmed: null } : step;

function answerConfirmation(state: State, step: StepRun, value: string): Reduced {
  const severe = isSevere(state, step.id);
  const word = confirmWord(state);
  if (severe ? value === word : value === 'yes') return confirmed(state, step, severe ? word : null);
  const notice = severe
    ? 'What was typed is not the word that was asked for. Nothing was run.'
    : 'Not confirmed. Nothing was run.';
  return to({ ...state, paused: true, notice });
}

/** Of several steps in one transaction, each is confirmed by itself, and none runs before the last of them is. */
function confirmed(state: State, step: StepRun, typed: string | null): Reduced {
  const procedure = procedureOf(state, step.id);
  if (!procedure) return to(state);
  const { hash, form } = procedure;
  const title = planStep(state, step.id)?.title ?? step.id;
  const next = withStep({ ...state, paused: false, changes: [] }, step.id, (candidate) => ({
    ...toWaiting(candidate),
    confirmed: hash,
  }));
  const record: Task = {
    type: 'record',
    event: { type: 'step-confirmed', step: step.id, title, hash, typed, form },
  };
  const steps = together(next, step.id);
  const open = unconfirmed(steps);
  if (!open) return start(next, steps, record);
  return to({ ...next, current: next.steps.findIndex(({ id }) => id === open.id) }, record);
}

/** The only place from which SQL of the plan is set going. */
function start(state: State, steps: StepRun[], record: Task): Reduced {
  const [first] = steps;
  const procedures = steps.flatMap(({ id }) => procedureOf(state, id) ?? []);
  // What was confirmed is what is shown now, of each of them.
  if (!first || steps.some(({ confirmed: hash }, index) => procedures[index]?.hash !== hash))
    return to(state);
  const ids = steps.map(({ id }) => id);
  const hashes = procedures.map(({ hash }) => hash);
  const attempt = first.attempt + 1;
  const running = state.steps.map((step): StepRun => {
    if (!ids.includes(step.id)) return step;
    const begun = { attempt: step.attempt + 1, seconds: null, error: null, cancelled: false, voided: false };
    return { ...step, ...begun, status: 'running' };
  });
  const alone = hashes.length === 1 ? hashes[0] : undefined;
  return to(
    { ...state, steps: running, current: state.steps.findIndex(({ id }) => id === first.id) },
    record,
    {
      type: 'run-step',
      step: first.id,
      ...(alone === undefined ? { steps: ids } : {}),
      attempt,
      confirmed: alone ?? wholeHash(hashes),
      forms: Object.fromEntries(procedures.map(({ step, form }) => [step, form])),
    },
  );
}

/** First press asks the server to stop; what then happened, the step's own event says. */
export function cancelStep(state: State): Reduced {
  if (!state.steps.some(({ status }) => status === 'running')) return to(state);
  const steps = state.steps.map((step): StepRun =>
    step.status === 'running' ? { ...step, status: 'cancelling' } : step,
  );
  return to({ ...state, steps, atLock: null }, { type: 'cancel-step' });
}
