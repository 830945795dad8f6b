/** Shows that work is under way: a spinner with a clock on a terminal, nothing at all elsewhere. */
import ora, { type Ora } from 'ora';
import type { Question } from '../wizard/types.ts';

type Wait = Extract<Question, { kind: 'wait' }>;

/** `1:05` for 65 000 ms. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export interface Spinner {
  show(question: Wait | null): void;
}

/** A spinner on `stream`, which must be a terminal. Ctrl-C stays a signal. */
export function spinnerOn(stream: NodeJS.WriteStream, now: () => number = Date.now): Spinner {
  let spinner: Ora | null = null;
  let ticking: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (ticking) clearInterval(ticking);
    ticking = null;
    spinner?.stop();
    spinner = null;
  };
  const start = (question: Wait): void => {
    const since = question.since ?? now();
    const text = (): string => `${question.prompt} ${clock(now() - since)}`;
    // Its own handling of standard input would swallow Ctrl-C; left alone it takes any CI variable for a pipe.
    const started = ora({
      text: text(),
      stream,
      isEnabled: true,
      discardStdin: false,
      hideCursor: false,
    }).start();
    spinner = started;
    ticking = setInterval(() => {
      started.text = text();
    }, 1000);
    ticking.unref();
  };
  return {
    show(question) {
      stop();
      if (question) start(question);
    },
  };
}
