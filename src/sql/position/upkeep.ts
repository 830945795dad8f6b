/** VACUUM and ANALYZE leave nothing that shows whether they have run; what comes after them in the plan does. */
import type { Plan, PlanStep, Position, Statement, StepPosition } from '../types.ts';

const isUpkeep = ({ effects }: Statement): boolean =>
  effects.length > 0 && effects.every(({ kind }) => kind === 'upkeep');

const ALONG = ['lock', 'setting', 'guard', 'upkeep'];

/** Nothing that could be looked for afterwards: VACUUM, ANALYZE, and what is set for them. */
export const isOnlyUpkeep = ({ statements }: PlanStep): boolean =>
  statements.some(isUpkeep) && statements.every(isAlong);

/** The steps that are nothing but upkeep: applied once a later statement has taken effect, else still to run. Pure. */
export function withUpkeep(plan: Plan, position: Position): Position {
  const steps = position.steps.map((found, at): StepPosition => {
    const own = plan.steps.find(({ id }) => id === found.id);
    if (!own || !isOnlyUpkeep(own)) return found;
    const passed = position.steps.slice(at + 1).some((later) => hasApplied(plan, later));
    const state = passed ? 'applied' : 'pending';
    const reason = passed
      ? 'What comes after it has taken effect.'
      : 'Nothing in the database shows whether it has run; running it again does no harm.';
    return { ...found, state, statements: found.statements.map((one) => ({ ...one, state, reason })) };
  });
  return { steps };
}

const isAlong = ({ effects }: Statement): boolean => effects.every(({ kind }) => ALONG.includes(kind));

function hasApplied(plan: Plan, { id, statements }: StepPosition): boolean {
  const own = plan.steps.find((step) => step.id === id)?.statements ?? [];
  return statements.some(({ index, state }) => {
    const statement = own.find((one) => one.index === index);
    return state === 'applied' && statement !== undefined && !isAlong(statement);
  });
}
