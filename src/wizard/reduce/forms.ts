/** Choosing how steps are carried out: form by form, and whether all of them go into one transaction. */
import { currentStep } from '../judge.ts';
import { choosable, offeredForms } from '../procedure.ts';
import { to, type Reduced } from '../reduced.ts';
import { planRecord, stepsFrom } from '../survey.ts';
import type { State } from '../types.ts';

/** From the plan: step by step. From a step: its own form alone. */
export function chooseForms(state: State): Reduced {
  const step = state.screen === 'step' ? currentStep(state)?.id : choosable(state)[0];
  return step === undefined ? to(state) : to({ ...state, choosing: { step, more: state.screen === 'plan' } });
}

export const keepForms = (state: State): Reduced => to({ ...state, choosing: null });

/** Whatever was confirmed was confirmed of other SQL. */
export function answerForm(state: State, value: string): Reduced {
  const { choosing, survey } = state;
  const offer = choosing && offeredForms(survey, choosing.step).find(({ form }) => form === value);
  if (!offer || !survey) return to(state);
  const forms = { ...state.forms, [choosing.step]: offer.form };
  const left = choosable(state);
  const next = choosing.more ? left[left.indexOf(choosing.step) + 1] : undefined;
  const chosen = anew({
    ...state,
    forms,
    choosing: next === undefined ? null : { step: next, more: true },
  });
  return next === undefined ? to(chosen, { type: 'record', event: planRecord(chosen, survey) }) : to(chosen);
}

export function toggleWhole(state: State): Reduced {
  const next = anew({ ...state, wholePlan: !state.wholePlan });
  return next.survey ? to(next, { type: 'record', event: planRecord(next, next.survey) }) : to(next);
}

const anew = (state: State): State =>
  state.survey ? { ...state, steps: stepsFrom(state, state.survey, state.steps) } : state;
