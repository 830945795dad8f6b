/** What the state says of a rehearsal: what is asked, and whether the last one still holds. Pure. */
import type { Asked } from './asked.ts';
import { isOpen, plannedForms } from './procedure.ts';
import type { RehearsedChoice, Rehearsing, State } from './types.ts';

export const noRehearsal = (): Rehearsing => ({
  at: 'closed',
  cancelling: false,
  since: null,
  progress: null,
  lines: [],
  result: null,
  of: null,
  error: null,
});

/** It stands in front of the plan. */
export const isAtRehearsal = ({ screen, rehearsal }: State): boolean =>
  screen === 'plan' && rehearsal.at !== 'closed';

export const isRehearsing = ({ rehearsal }: State): boolean => rehearsal.at === 'running';

/** What is asked about it; null: the plan itself is. */
export function rehearsalAsked(state: State): Pick<Asked, 'kind' | 'name' | 'values'> | null {
  if (!isAtRehearsal(state)) return null;
  return isRehearsing(state)
    ? { kind: 'wait', name: 'rehearsing', values: [] }
    : { kind: 'choice', name: 'rehearsal', values: ['rehearse', 'close'] };
}

/** What would be rehearsed now. */
export const choiceNow = ({ survey, forms, withoutArchive }: State): RehearsedChoice => ({
  forms: Object.fromEntries(plannedForms({ survey, forms }).map(({ step, form }) => [step, form])),
  withoutArchive,
});

/** Whether the last one was of this plan, as it would run now on the database as it was last seen. */
export function rehearsalHolds(state: State): boolean {
  const { result, of } = state.rehearsal;
  if (!result || !of || result.plan !== state.plan.hash || result.look !== state.survey?.hash) return false;
  const now = choiceNow(state);
  const ids = new Set([...Object.keys(now.forms), ...Object.keys(of.forms)]);
  return now.withoutArchive === of.withoutArchive && [...ids].every((id) => now.forms[id] === of.forms[id]);
}

/** Why none can be begun; null when one can. */
export function whyNotRehearse(state: State): string | null {
  if (state.purpose === 'undo') return 'An undo is rehearsed together with the rollback that it takes back.';
  return state.steps.some(isOpen) ? null : 'No step is still to run.';
}
