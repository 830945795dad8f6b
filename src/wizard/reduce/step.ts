/** The step screen's answers: confirming, saying no, going on, trying again, stopping. */
import { finish } from '../ending.ts';
import { confirmWord, currentStep, firstOpen, isSevere, planStep } from '../judge.ts';
import { to, type Reduced } from '../reduced.ts';
import type { State, StepRun } from '../types.ts';
import { look } from './look.ts';
import { toWaiting, withStep } from './one-step.ts';
import { startVerification } from './verification.ts';

/** To the first step that is left; to verification when none is. */
export function enterNextStep(state: State): Reduced {
  const next = firstOpen(state.steps);
  if (next === null) return startVerification(state);
  return to({ ...state, screen: 'step', current: next, paused: false });
}

export function answerStep(state: State, name: string, value: string): Reduced {
  const step = currentStep(state);
  if (!step) return to(state);
  if (name === 'confirm') return answerConfirmation(state, step, value);
  switch (value) {
    case 'next':
      return enterNextStep(state);
    case 'look':
      return look(state);
    case 'again':
      return to({ ...state, paused: false });
    case 'retry':
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
  return to({ ...next, screen: 'plan', paused: false });
};

function answerConfirmation(state: State, step: StepRun, value: string): Reduced {
  const severe = isSevere(state, step.id);
  const word = confirmWord(state);
  if (severe ? value === word : value === 'yes') return confirmed(state, step, severe ? word : null);
  const notice = severe
    ? 'What was typed is not the word that was asked for. Nothing was run.'
    : 'Not confirmed. Nothing was run.';
  return to({ ...state, paused: true, notice });
}

/** The only place from which SQL of the plan is set going. */
function confirmed(state: State, step: StepRun, typed: string | null): Reduced {
  if (!state.survey) return to(state);
  const { hash } = state.survey;
  const attempt = step.attempt + 1;
  const title = planStep(state, step.id)?.title ?? step.id;
  const next = withStep({ ...state, paused: false, changes: [] }, step.id, (candidate) => ({
    ...toWaiting(candidate),
    status: 'running',
    attempt,
    confirmed: hash,
    seconds: null,
    error: null,
    cancelled: false,
  }));
  return to(
    next,
    { type: 'record', event: { type: 'step-confirmed', step: step.id, title, hash, typed } },
    { type: 'run-step', step: step.id, attempt, confirmed: hash, forms: {} },
  );
}

/** First press asks the server to stop; what then happened, the step's own event says. */
export function cancelStep(state: State): Reduced {
  const step = currentStep(state);
  if (step?.status !== 'running') return to(state);
  return to(
    withStep(state, step.id, (running) => ({ ...running, status: 'cancelling' })),
    { type: 'cancel-step' },
  );
}
