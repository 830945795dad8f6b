/** All kinds of runs go through the same screens: the words in which they differ. */
import type { RunKind } from '../journal/types.ts';
import { stepName } from '../wizard/judge.ts';
import type { State } from '../wizard/types.ts';

type Purpose = Pick<State, 'purpose'>;

const LABELS: Record<RunKind, (name: string) => string> = {
  rollback: (name) => name,
  undo: (name) => `Undo of ${name}`,
  repair: (name) => name.replace(/^Step /, 'Repair '),
};

/** "Step 1", "Undo of Step 1" or "Repair 1". */
export const stepLabel = ({ purpose }: Purpose, id: string): string => LABELS[purpose](stepName(id));

/** "rollback", "undo" or "repair". */
export const runWord = ({ purpose }: Purpose): string => purpose;

const TO_DO: Record<RunKind, string> = { rollback: 'roll back', undo: 'undo', repair: 'repair' };

/** "roll back", "undo" or "repair": what there may be nothing of. */
export const toDo = ({ purpose }: Purpose): string => TO_DO[purpose];

/** "applied" or "undone": how a step is found that has nothing left to run. */
export const foundAs = ({ purpose }: Purpose): string => (purpose === 'undo' ? 'undone' : 'applied');
