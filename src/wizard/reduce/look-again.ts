/** Setting going a look at the database in the middle of a run. */
import { checkTask } from '../judge.ts';
import { to, type Reduced } from '../reduced.ts';
import { idleLook } from '../state.ts';
import type { State } from '../types.ts';

/** A lost connection is opened anew by the task itself, which refuses another server than before. */
export const look = (state: State): Reduced =>
  to(
    { ...state, paused: false, look: { ...idleLook(state.look.tries + 1), status: 'checking' } },
    checkTask(state),
  );
