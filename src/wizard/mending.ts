/** Whether something could be mended from here. Pure. */
import { currentStep, failing, isBlocked, isBusy } from './judge.ts';
import type { State } from './types.ts';

/** A failure is in view: of a step, or of what has to be so before one. */
function failureInView(state: State): boolean {
  if (state.screen === 'prerequisites') {
    return state.prerequisites.status === 'done' && isBlocked(state) && state.otherRun === null;
  }
  const step = currentStep(state);
  if (state.screen !== 'step' || !step || isBusy(step) || state.look.status !== 'idle') return false;
  return (
    step.status === 'failed' || (step.status === 'waiting' && failing(state.prerequisites.results).length > 0)
  );
}

/** Whether the key is shown at all: in a rollback that cannot go on as it is. */
export const mayMend = (state: State): boolean => state.purpose === 'rollback' && failureInView(state);

/** Why nothing can be mended from here, or null. */
export function canMend(state: State): string | null {
  if (!mayMend(state)) return 'Nothing stands in the way here.';
  const { status, found } = state.repairs;
  if (status === 'failed') return 'What could be mended could not be looked for.';
  return found.length === 0 ? 'backout knows no SQL that would mend this.' : null;
}
