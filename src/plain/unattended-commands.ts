/** Commands in steps where nobody is asked: `--done STEP:N` says of each that it is seen to, before anything runs. */
import { EXIT, UserError } from '../exit.ts';
import type { StepCommand } from '../sql/types.ts';
import { hasTriedAnything } from '../wizard/judge.ts';
import type { State } from '../wizard/types.ts';

/** @throws {UserError} 64: an id that is none, or a command that nobody has said anything of */
export function checkCommands(state: State, given: { choose: string; done?: readonly string[] }): void {
  const { done = [], choose } = given;
  const all = state.plan.steps.flatMap(({ commands = [] }) => commands);
  const stray = done.find((id) => !all.some((command) => command.id === id));
  if (stray !== undefined) {
    throw new UserError(
      `--done ${stray} names no command of a step.`,
      all.length === 0
        ? 'Nothing was run. This runbook has none.'
        : `Nothing was run. They are: ${all.map(({ id }) => id).join(', ')}.`,
      EXIT.usage,
    );
  }
  if (choose !== 'rollback' || !state.survey || hasTriedAnything(state)) return;
  const applied = new Set(
    state.survey.position.steps.filter(({ state: at }) => at === 'applied').map(({ id }) => id),
  );
  const missing = state.plan.steps
    .filter(({ id }) => !applied.has(id))
    .flatMap(({ commands = [] }) => commands.filter(({ id }) => !done.includes(id)));
  if (missing.length === 0) return;
  const where = ({ id, line, place }: StepCommand): string => `${id} (line ${line}, ${place} the step)`;
  throw new UserError(
    `Steps hold commands that are yours to run: ${missing.map(where).join(', ')}.`,
    `Nothing was run. Say of each that it is seen to: ${missing.map(({ id }) => `--done ${id}`).join(' ')}.`,
    EXIT.usage,
  );
}
