/** The surface of lines with an operator: prompts that fit the terminal, a spinner while work is under way. */
import type { Question } from '../wizard/types.ts';
import type { Asked, LineSurface, Reply } from './driver.ts';
import type { Prompted } from './prompted.ts';
import type { LineStreams } from './streams.ts';

export interface OperatorOptions {
  streams: LineStreams;
  /** Prompts that move the cursor; otherwise numbered lines. */
  cursor: boolean;
  /** Where a spinner may turn; null for a screen reader and where there is no terminal: it would only be noise. */
  spinner: NodeJS.WriteStream | null;
  say(text: string): Promise<void>;
  onInterrupt(listener: () => void): () => void;
}

type Wait = Extract<Question, { kind: 'wait' }>;
type Ask = (asked: Prompted) => Promise<Reply | null>;

/** The way of asking that this terminal can show. */
export async function askerFor(options: Pick<OperatorOptions, 'streams' | 'cursor' | 'say'>): Promise<Ask> {
  if (options.cursor) return (await import('./prompts.ts')).promptAnswers(options.streams, options.say);
  return (await import('./line-prompts.ts')).lineAnswers(options.streams, options.say);
}

/** A surface for somebody who reads lines and answers prompts. */
export async function operatorSurface(options: OperatorOptions): Promise<LineSurface> {
  const ask = await askerFor(options);
  const spinner = options.spinner ? (await import('./spinner.ts')).spinnerOn(options.spinner) : null;
  /** Where nothing turns, each wait is said once: silence would be taken for death. */
  let announced: string | null = null;
  const announce = (question: Wait | null): void => {
    if (question === null || question.id === announced) return;
    announced = question.id;
    void options.say(`${question.prompt}\n`);
  };
  return {
    show: (lines) => options.say(`${lines.join('\n')}\n`),
    answer(asked: Asked) {
      announced = null;
      return ask(asked);
    },
    waiting: (question) => (spinner ? spinner.show(question) : announce(question)),
    onInterrupt: options.onInterrupt,
    readsOptions: true,
  };
}
