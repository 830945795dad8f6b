/** Commands of a shell in a step: the operator does them, and says so. Nothing of them is run. */
import type { StepCommand } from '../sql/types.ts';
import { finish } from './ending.ts';
import { currentStep, planStep } from './judge.ts';
import { to, type Reduced } from './reduced.ts';
import type { State, StepRun } from './types.ts';

/** What may be said of one: done, or gone on without it. */
export const COMMAND_ANSWERS: readonly string[] = ['done', 'skip', 'stop'];

function openOf(state: State, step: StepRun, place: StepCommand['place']): StepCommand | null {
  const commands = planStep(state, step.id)?.commands ?? [];
  return commands.find((one) => one.place === place && state.stepCommands[one.id] === undefined) ?? null;
}

/**
 * The command that is to be seen to now, before the step is confirmed, or once it is done; null: none. Of steps that were
 * found applied nobody knows what was done around them; of those that this run has done, it asks.
 */
export function commandNow(state: State): { step: StepRun; command: StepCommand } | null {
  const step = currentStep(state);
  if (!step) return null;
  if (step.status === 'waiting') {
    const command = openOf(state, step, 'before');
    return command && { step, command };
  }
  for (const each of state.steps) {
    const ours = each.status === 'done' || (state.resumed?.doneBefore.includes(each.id) ?? false);
    const command = ours ? openOf(state, each, 'after') : null;
    if (command) return { step: each, command };
  }
  return null;
}

/** Written down as the operator said it: nobody has looked. */
export function answerCommand(state: State, value: string): Reduced {
  const now = commandNow(state);
  if (!now) return to(state);
  if (value === 'stop') return finish(state);
  const { command } = now;
  const said = value === 'done' ? 'done, as the operator says' : 'not done: the operator went on without it';
  const text = `Command ${command.id} (line ${command.line}): ${said}. ${command.text}`;
  const stepCommands: State['stepCommands'] = {
    ...state.stepCommands,
    [command.id]: value === 'done' ? 'done' : 'skipped',
  };
  return to({ ...state, stepCommands }, { type: 'record', event: { type: 'note', text } });
}
