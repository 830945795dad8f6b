/** What stands in the way could be mended: shown in front of the failed step or the prerequisites, chosen, left for. */
import { canMend } from '../mending.ts';
import { hasDoneAnything } from '../judge.ts';
import { to, type Reduced } from '../reduced.ts';
import { noRepairs } from '../state.ts';
import type { State } from '../types.ts';
import { whyNotValue } from '../repair-value.ts';
import { given, repairNext, toggleRepair } from './repairs.ts';

/** Of the answer that takes a repair in or out; the id follows. */
export const TOGGLE = 'toggle:';

export const openMending = (state: State): Reduced =>
  canMend(state) === null ? to({ ...state, mending: true }) : to(state);

/** Of a value that is being typed only that is given up. */
export const closeMending = (state: State): Reduced =>
  state.repairs.asking === null
    ? to({ ...state, mending: false })
    : to({ ...state, repairs: { ...state.repairs, asking: null } });

/** The database knows of a run once one of its steps is done: only that can be gone on with. */
const resumable = (state: State): boolean =>
  hasDoneAnything(state) || (state.resumed?.doneBefore.length ?? 0) > 0;

export function answerMending(state: State, value: string): Reduced {
  if (value.startsWith(TOGGLE)) return toggleRepair(state, value.slice(TOGGLE.length));
  if (value !== 'go') return closeMending(state);
  const { chosen } = state.repairs;
  if (chosen.length === 0)
    return to({ ...state, notice: 'Nothing is chosen, so there is nothing to carry out.' });
  return repairNext({ ...state, mending: false }, chosen, {
    title: `Repair before: ${state.runbook.title}`,
    after: { rollback: resumable(state) ? state.run : null },
  });
}

/** The value that a repair asks for; with it the repair is chosen. Nothing typed: as before. */
export function answerValue(state: State, typed: string): Reduced {
  const { repairs } = state;
  const repair = repairs.found.find(({ id }) => id === repairs.asking);
  const value = typed.trim();
  if (!repair?.input || value === '') return to({ ...state, repairs: { ...repairs, asking: null } });
  const why = whyNotValue(repair.input, value);
  if (why !== null) return to({ ...state, notice: `${why} Nothing was chosen.` });
  return to({ ...state, repairs: { ...given(repairs, repair.id, value), asking: null } });
}

/** What was found before something was run or looked at anew says nothing of what comes. */
export function forgetRepairs(reduced: Reduced): Reduced {
  const anew = reduced.tasks.some(({ type }) => type === 'check' || type === 'run-step');
  if (!anew) return reduced;
  return { ...reduced, state: { ...reduced.state, repairs: noRepairs(), mending: false } };
}
