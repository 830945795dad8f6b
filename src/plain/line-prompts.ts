/**
 * The questions as numbered lines, read with readline alone: for terminals that cannot move their cursor
 * (TERM=dumb) and for screen readers, which would hear a redrawn list again with every key.
 */
import { createInterface } from 'node:readline';
import type { Event } from '../wizard/types.ts';
import type { Reply } from './driver.ts';
import { menuOf, typedAction, typedActionsHint, type Menu } from './menu.ts';
import { onControlC, type Prompted } from './prompted.ts';
import type { LineStreams } from './streams.ts';

const VISIBLE =
  'What you type here can be read on the screen. Leave the password out: PGPASSWORD or a passfile can hold it.';

type Heard = { line: string } | 'end' | 'withdrawn';

/** One line of input, or why there is none. Ctrl-C stays a signal here, which withdraws the question. */
function readLine({ input, output }: LineStreams, prompt: string, withdrawn: AbortSignal): Promise<Heard> {
  return new Promise((resolve) => {
    const reader = createInterface({ input, output, terminal: false });
    const finish = (heard: Heard): void => {
      withdrawn.removeEventListener('abort', abort);
      // Its own listeners stay: by them it lets go of the input when it is closed.
      reader.off('line', onLine).off('close', onClose);
      reader.close();
      resolve(heard);
    };
    const abort = (): void => finish('withdrawn');
    const onLine = (line: string): void => finish({ line });
    const onClose = (): void => finish('end');
    withdrawn.addEventListener('abort', abort);
    reader.on('line', onLine).on('close', onClose);
    output.write(prompt);
  });
}

/** The numbered list, each entry with what it means. */
export function numbered(menu: Menu): string[] {
  return menu.entries.map(({ label, detail, disabled }, index) => {
    const more = [detail, disabled && `not now: ${disabled}`].filter(Boolean).join('; ');
    return `  ${index + 1}) ${label}${more ? ` (${more})` : ''}${index === menu.default ? ' [Enter]' : ''}`;
  });
}

/** What a typed number picks: the entry's event, or a sentence about what was wrong with it. */
export function pickByNumber(menu: Menu, line: string): Event | string {
  const word = line.trim();
  const index = word === '' ? menu.default : /^\d+$/.test(word) ? Number(word) - 1 : -1;
  const entry = menu.entries[index];
  if (!entry) return `Type a number from 1 to ${menu.entries.length}.`;
  return entry.disabled === undefined ? entry.event : `That is not possible now: ${entry.disabled}`;
}

function preamble(screen: Prompted['screen']): string[] {
  const { question } = screen;
  if (question.kind === 'typed' || question.kind === 'text') {
    return [
      typedActionsHint(screen.actions) ?? '',
      question.kind === 'text' && question.placeholder !== '' ? `(${question.placeholder})` : '',
      question.kind === 'text' && question.secret ? VISIBLE : '',
    ];
  }
  return numbered(menuOf(screen));
}

function understand(screen: Prompted['screen'], line: string): Event | string {
  const { question } = screen;
  if (question.kind !== 'typed' && question.kind !== 'text') return pickByNumber(menuOf(screen), line);
  if (question.kind === 'text' && question.required && line.trim() === '') return 'Please type an answer.';
  return typedAction(line, screen.actions) ?? { type: 'answer', question: question.id, value: line };
}

/** Asks line by line. A closed input (Ctrl-D) is an operator who has gone: it leaves, as Ctrl-C does. */
export function lineAnswers(
  streams: LineStreams,
  say: (text: string) => Promise<void>,
): (asked: Prompted) => Promise<Reply | null> {
  return async (asked) => {
    const { screen, withdrawn } = asked;
    await say(
      [screen.question.prompt, ...preamble(screen)]
        .filter((line) => line !== '')
        .map((line) => `${line}\n`)
        .join(''),
    );
    for (;;) {
      const heard = await readLine(streams, '> ', withdrawn);
      if (heard === 'withdrawn') return null;
      if (heard === 'end') return { event: onControlC(asked) };
      const understood = understand(screen, heard.line);
      if (typeof understood !== 'string') return { event: understood };
      await say(`${understood}\n`);
    }
  };
}
