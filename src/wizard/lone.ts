/** Steps that are no transaction: one statement that the server runs by itself. */
import type { State, StepRun } from './types.ts';

/** What the step's statement is called, when it runs outside of transactions; null for every other step. */
export const loneOf = ({ plan }: Pick<State, 'plan'>, id: string): string | null =>
  plan.steps.find((step) => step.id === id)?.lone ?? null;

/** It broke off outside of a transaction: whatever it left stands in the database. */
export const brokeOff = (step: Pick<StepRun, 'left' | 'status'>): boolean =>
  step.status !== 'done' && step.left !== undefined && step.left !== null;

/** Why the plan cannot be one transaction, or null. */
export function whyNotWhole({ plan }: Pick<State, 'plan'>): string | null {
  const lone = plan.steps.find((step) => step.lone !== undefined)?.lone;
  if (lone !== undefined) return `${lone} runs outside of transactions, so the plan cannot be one.`;
  const parted = plan.steps.some((step) => step.part !== undefined);
  return parted
    ? 'A new value of an enum must be committed before it is used, so the plan cannot be one.'
    : null;
}
