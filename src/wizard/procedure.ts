/** How the open steps are carried out: the form that counts, its procedure, and which steps go into one transaction. */
import type { Form, FormOffer, Procedure } from '../sql/procedure/types.ts';
import type { PlannedForm } from '../journal/types.ts';
import type { State, StepRun, Survey } from './types.ts';

type Chosen = Pick<State, 'survey' | 'forms'>;

/** Every form of a step, the refused ones too; none when the survey says nothing of it. */
export const offersOf = (survey: Survey | null, id: string): FormOffer[] =>
  survey?.offers.find((entry) => entry.step === id)?.offers ?? [];

const isOffered = ({ refused, procedure }: FormOffer): boolean => refused.length === 0 && procedure !== null;

/** Those that can be chosen, the recommended one first. */
export const offeredForms = (survey: Survey | null, id: string): FormOffer[] =>
  offersOf(survey, id).filter(isOffered);

/** What a step would send: in the operator's form, or in the recommended one where that is not offered (any more). */
export function procedureOf({ survey, forms }: Chosen, id: string): Procedure | null {
  const offered = offeredForms(survey, id);
  return (offered.find(({ form }) => form === forms[id]) ?? offered[0])?.procedure ?? null;
}

export const isOpen = (step: StepRun): boolean => step.status !== 'done' && step.status !== 'already-applied';

/** The open steps of which there is a form to choose. */
export const choosable = (state: Pick<State, 'steps' | 'survey'>): string[] =>
  state.steps
    .filter(isOpen)
    .map(({ id }) => id)
    .filter((id) => offeredForms(state.survey, id).length > 0);

/** The steps that run in one transaction with this one, in order. */
export function together(state: Pick<State, 'steps' | 'wholePlan'>, id: string): StepRun[] {
  const open = state.steps.filter(isOpen);
  return state.wholePlan && open.length > 1 ? open : state.steps.filter((step) => step.id === id);
}

/** The first of them that is not confirmed yet, or null. */
export const unconfirmed = (steps: StepRun[]): StepRun | null =>
  steps.find(({ confirmed }) => confirmed === null) ?? null;

/** For the journal: the form of every step of which the survey has one. */
export const plannedForms = (state: Chosen): PlannedForm[] =>
  (state.survey?.offers ?? []).flatMap(({ step }): PlannedForm[] => {
    const procedure = procedureOf(state, step);
    if (!procedure) return [];
    const { form, cost, notUndoable } = procedure;
    return [{ step, form, lock: cost.lock, archiveBytes: cost.archiveBytes, notUndoable }];
  });

/** What is different in how the steps would be carried out, in sentences. `name` puts a step into words. */
export function procedureChanges(
  before: Survey,
  after: Survey,
  forms: Record<string, Form>,
  name: (id: string) => string,
): string[] {
  return after.offers.flatMap(({ step }) => {
    const was = procedureOf({ survey: before, forms }, step);
    const is = procedureOf({ survey: after, forms }, step);
    if (was === null || was.hash === is?.hash) return [];
    if (is === null) return [`${name(step)}: no form of it is offered any more.`];
    if (was.form === is.form) return [];
    return [`${name(step)} was to be carried out ${FORM_WORDS[was.form]} and now is ${FORM_WORDS[is.form]}.`];
  });
}

/** As they stand in a sentence: "carried out as written", "as a rewrite". */
const FORM_WORDS: Record<Form, string> = {
  'as-written': 'as written',
  rewrite: 'as a rewrite',
  'copy-and-swap': 'by copy and swap',
};
