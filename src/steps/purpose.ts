/** A rollback and its undo go through the same screens: the words in which they differ. */
import { stepName } from '../wizard/judge.ts';
import type { State } from '../wizard/types.ts';

type Purpose = Pick<State, 'purpose'>;

/** "Step 1", or "Undo of Step 1". */
export const stepLabel = ({ purpose }: Purpose, id: string): string =>
  purpose === 'undo' ? `Undo of ${stepName(id)}` : stepName(id);

/** "rollback" or "undo". */
export const runWord = ({ purpose }: Purpose): string => purpose;

/** "roll back" or "undo": what there may be nothing of. */
export const toDo = ({ purpose }: Purpose): string => (purpose === 'undo' ? 'undo' : 'roll back');

/** "applied" or "undone": how a step is found that has nothing left to run. */
export const foundAs = ({ purpose }: Purpose): string => (purpose === 'undo' ? 'undone' : 'applied');
