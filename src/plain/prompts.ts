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

/** Asks with inquirer. Needs a terminal that can move its cursor; see `line-prompts.ts` for those that cannot. */
export function promptAnswers(
  streams: LineStreams,
  say: (text: string) => Promise<void>,
): (asked: Prompted) => Promise<Reply | null> {
  return async (asked) => {
    const { screen, withdrawn } = asked;
    const { question } = screen;
    if ((await dropTypeAhead(streams)).interrupted) return { event: onControlC(asked) };
    const prompt = inquirer.createPromptModule({ ...streams, signal: withdrawn });
    try {
      if (question.kind !== 'typed' && question.kind !== 'text') return { event: await pick(prompt, screen) };
      const hint = typedActionsHint(screen.actions);
      if (hint !== null) await say(`${hint}\n`);
      if (question.kind === 'text' && question.placeholder !== '') await say(`(${question.placeholder})\n`);
      return { event: await type(prompt, question, screen) };
    } catch (error) {
      if (isNamed(error, 'AbortPromptError')) return null;
      if (isNamed(error, 'ExitPromptError')) return { event: onControlC(asked) };
      throw error;
    }
  };
}
