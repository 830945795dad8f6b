/** Commands of a shell that stand in a step: they cannot be in its transaction, so each is done before it or after it. */
import type { CodeBlock } from '../runbook/types.ts';
import type { PlanStep, StepCommand } from './types.ts';

export const SHELL_LANGUAGES: readonly string[] = ['bash', 'sh', 'shell', 'console', 'zsh'];

export const isStepCommand = ({ language, info }: CodeBlock): boolean =>
  SHELL_LANGUAGES.includes(language) && !('example' in info || 'output' in info);

/**
 * The step, or the parts that it was taken apart into, with its commands: behind the last statement above it where
 * that ends a transaction; else before the transaction, which is said (`amid`).
 */
export function commandsAmong(
  step: { id: string; blocks: readonly CodeBlock[] },
  parts: readonly PlanStep[],
): PlanStep[] {
  const commands = step.blocks.filter(isStepCommand).map(({ text, line }, at) => {
    const above = parts.findLast(({ statements }) => statements.some((one) => one.line < line));
    const ends = above?.statements.every((one) => one.line < line) === true;
    const part = above ?? parts[0];
    const command: StepCommand = {
      id: `${step.id}:${at + 1}`,
      text: text.trim(),
      line,
      place: above && ends ? 'after' : 'before',
      ...(above && !ends ? { amid: true } : {}),
    };
    return { command, part };
  });
  return parts.map((part) => {
    const mine = commands.flatMap((one) => (one.part === part ? [one.command] : []));
    return mine.length === 0 ? part : { ...part, commands: mine };
  });
}
