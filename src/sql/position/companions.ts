/** LOCK TABLE, SET and checks leave nothing behind when a step has ended: they run when anything else of it does. */
import type { PlanStep, Statement, StatementPosition } from '../types.ts';

const ALONG = ['lock', 'setting', 'guard', 'upkeep', 'nothing'];

/** IF EXISTS, and there is nothing: it is not sent, lest something should be there by then. */
export function doesNothing({ effects }: Statement): boolean {
  return effects.length > 0 && effects.every(({ kind }) => kind === 'nothing');
}

export function isCompanion({ effects }: Statement): boolean {
  return effects.length > 0 && effects.every(({ kind }) => ALONG.includes(kind));
}

/** The statements' positions, with those of LOCK TABLE and SET by what the others of the step say. Pure. */
export function withCompanions(
  step: PlanStep,
  statements: readonly StatementPosition[],
): readonly StatementPosition[] {
  const along = new Set(step.statements.filter(isCompanion).map(({ index }) => index));
  if (along.size === 0) return statements;
  const open = statements.some(({ index, state }) => !along.has(index) && state !== 'applied');
  const idle = new Set(step.statements.filter(doesNothing).map(({ index }) => index));
  return statements.map((one): StatementPosition => {
    if (!along.has(one.index)) return one;
    if (idle.has(one.index)) return { ...one, state: open ? 'pending' : 'applied' };
    return open
      ? {
          ...one,
          state: 'pending',
          reason: 'It holds for the statements of its step that still have to run.',
        }
      : { ...one, state: 'applied', reason: 'The statements that it was for have run.' };
  });
}
