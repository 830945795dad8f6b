/** A wizard of one screen, before any run: nothing is connected, read or written behind it. */
import { NO_SECTIONS } from '../runbook/no-sections.ts';
import type { Beginning } from '../wizard/state.ts';
import type { Reduce, Task } from '../wizard/types.ts';
import type { Begun } from './begin.ts';

/** @param path of the runbook that it speaks of; '' for none */
export async function idleWizard(
  path: string,
  beginning: Omit<Beginning, 'run' | 'runbook' | 'plan'>,
): Promise<Begun> {
  const [{ initialState }, { reduce }] = await Promise.all([
    import('../wizard/state.ts'),
    import('../wizard/reducer.ts'),
  ]);
  const runbook = { ...NO_SECTIONS, path, sha256: '', title: '', migration: null, steps: [] };
  const initial = initialState({ ...beginning, run: '', runbook, plan: { steps: [], hash: '' } });
  const still = (): Promise<void> => Promise.resolve();
  // What only a run would do is not done.
  const onlyAnswers: Reduce = (state, event) =>
    event.type === 'answer' || event.type === 'action' ? reduce(state, event) : { state, tasks: [] };
  return {
    initial,
    reduce: onlyAnswers,
    perform: (_task: Task) => undefined,
    idle: still,
    folder: () => null,
    endAs: still,
    interrupt: still,
    settle: () => Promise.resolve([]),
    close: still,
  };
}
