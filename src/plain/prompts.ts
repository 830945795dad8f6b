/** The questions as inquirer prompts: pick, type, or go on. */
import inquirer from 'inquirer';
import type { Event, Question } from '../wizard/types.ts';
import type { Reply } from './driver.ts';
import { onControlC, type Prompted } from './prompted.ts';
import { menuOf, typedAction, typedActionsHint } from './menu.ts';
import { dropTypeAhead, type LineStreams } from './streams.ts';

const PAGE = 12;

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

type Typed = Extract<Question, { kind: 'typed' | 'text' }>;
type Prompt = ReturnType<typeof inquirer.createPromptModule<never>>;

async function pick(prompt: Prompt, screen: Prompted['screen']): Promise<Event> {
  const menu = menuOf(screen);
  const { picked } = await prompt<{ picked: number }>([
    {
      type: 'select',
      name: 'picked',
      message: screen.question.prompt,
      default: menu.default,
      pageSize: PAGE,
      loop: false,
      choices: menu.entries.map(({ label, detail, disabled }, value) => ({
        name: label,
        value,
        ...(detail ? { description: detail } : {}),
        ...(disabled ? { disabled: `(${disabled})` } : {}),
      })),
    },
  ]);
  const entry = menu.entries[picked];
  if (!entry) throw new Error(`the prompt returned entry ${picked} of ${menu.entries.length}`);
  return entry.event;
}

function requireText(question: Typed, line: string): true | string {
  if (question.kind === 'text' && question.required && line.trim() === '') return 'Please type an answer.';
  return true;
}

async function type(prompt: Prompt, question: Typed, screen: Prompted['screen']): Promise<Event> {
  const secret = question.kind === 'text' && question.secret;
  const { line } = await prompt<{ line: string }>([
    {
      type: secret ? 'password' : 'input',
      name: 'line',
      message: question.prompt,
      validate: (text: string) => requireText(question, text),
    },
  ]);
  return typedAction(line, screen.actions) ?? { type: 'answer', question: question.id, value: line };
}

/**
 * Aborts when nobody can answer any more: the terminal has gone, or Ctrl-D has closed readline, which is known by the raw
 * mode it gives back. inquirer would wait for ever then, with a database connection open.
 */
function watchInput(input: LineStreams['input']): { signal: AbortSignal; release(): void } {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  const onKey = (_: unknown, key?: { ctrl?: boolean; name?: string }): void => {
    if (key?.ctrl && key.name === 'd') setImmediate(() => !input.isRaw && end());
  };
  if (input.readableEnded || input.destroyed) end();
  input.once('end', end).once('close', end).on('keypress', onKey);
  return {
    signal: gone.signal,
    release: () => void input.off('end', end).off('close', end).off('keypress', onKey),
  };
}

/** Asks with inquirer. A closed input is an operator who has gone: it leaves, as Ctrl-C does. Needs a terminal that can move its cursor; see `line-prompts.ts` for those that cannot. */
export function promptAnswers(
  streams: LineStreams,
  say: (text: string) => Promise<void>,
): (asked: Prompted) => Promise<Reply | null> {
  return async (asked) => {
    const { screen, withdrawn } = asked;
    const { question } = screen;
    if ((await dropTypeAhead(streams)).interrupted) return { event: onControlC(asked) };
    const gone = watchInput(streams.input);
    const signal = AbortSignal.any([withdrawn, gone.signal]);
    const prompt = inquirer.createPromptModule({ ...streams, signal });
    try {
      if (question.kind !== 'typed' && question.kind !== 'text') return { event: await pick(prompt, screen) };
      const hint = typedActionsHint(screen.actions);
      if (hint !== null) await say(`${hint}\n`);
      if (question.kind === 'text' && question.placeholder !== '') await say(`(${question.placeholder})\n`);
      return { event: await type(prompt, question, screen) };
    } catch (error) {
      if (gone.signal.aborted || isNamed(error, 'ExitPromptError')) return { event: onControlC(asked) };
      if (isNamed(error, 'AbortPromptError')) return null;
      throw error;
    } finally {
      gone.release();
    }
  };
}
