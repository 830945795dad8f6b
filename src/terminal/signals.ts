/**
 * Every way the program can end, through one door: the terminal is given back once, the reason is said, and the
 * exit status tells it. Installing our own handlers makes us the owner: Ink and Node then do nothing themselves.
 */
import { EXIT } from '../exit.ts';
import { toDisplay } from './sanitize.ts';

/** Not SIGPIPE: Node ignores it, and the write's own error (EPIPE) says more. */
export const STOP_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

export type StopSignal = keyof typeof STOP_SIGNALS;

const SIGNAL_NAMES: readonly StopSignal[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/** Exit status of a process that a signal ended, as shells report it. */
export function signalStatus(signal: StopSignal): number {
  return 128 + STOP_SIGNALS[signal];
}

export interface SignalOptions {
  /** Gives the terminal back; synchronous; called before anything is said. */
  restore(): void;
  /** Says why, on standard error, after the terminal was given back. */
  say(text: string): void;
  /** Ends what is under way (cancels on the server, closes the journal). The program leaves after it. */
  cleanUp(): Promise<void>;
  /** Ctrl-Z from outside. */
  suspend(): void;
  /** After SIGCONT: the shell has had the terminal meanwhile. */
  resume(): void;
  exit(status: number): void;
}

export interface Signals {
  /** Ends the program as that signal would: for Ctrl-\ and for a terminal that has gone. */
  stop(signal: StopSignal): void;
  /** Takes the handlers away again, when the UI has ended by itself. */
  release(): void;
}

/** How long a clean-up may take before the program leaves without it. */
const CLEAN_UP_MS = 3000;

const SAFE =
  'A step that was under way is rolled back by the server; steps that were done stay done. ' +
  'Run "backout status" to see where the database stands.';

function within(limit: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limit);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(done, done);
  });
}

/** Installs the handlers for signals and for errors nobody caught. */
export function ownSignals(options: SignalOptions): Signals {
  let stopping = false;

  function leave(status: number, why: string): void {
    options.restore();
    if (stopping) {
      // Asked a second time: at once.
      options.exit(status);
      return;
    }
    stopping = true;
    options.say(`${why}\n`);
    void within(CLEAN_UP_MS, options.cleanUp()).then(() => options.exit(status));
  }

  const stop = (signal: StopSignal): void =>
    leave(signalStatus(signal), `backout was stopped by ${signal}. ${SAFE}`);
  const onError = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    leave(EXIT.bug, `backout met an error of its own and stopped. ${SAFE}\n\n${toDisplay(text)}`);
  };
  const onExit = (): void => options.restore();

  const handlers = SIGNAL_NAMES.map((signal) => ({ signal, handler: () => stop(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  process.on('exit', onExit);
  process.on('SIGTSTP', options.suspend);
  process.on('SIGCONT', options.resume);

  return {
    stop,
    release() {
      for (const { signal, handler } of handlers) process.off(signal, handler);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
      process.off('exit', onExit);
      process.off('SIGTSTP', options.suspend);
      process.off('SIGCONT', options.resume);
    },
  };
}

/**
 * Stops the whole process group, as the terminal's own Ctrl-Z would: stopping ourselves alone would leave the
 * shell waiting for a program (npm) that still runs. Returns when continued; at once where nobody can stop us.
 */
export function stopGroup(handler: () => void): void {
  process.off('SIGTSTP', handler);
  try {
    process.kill(0, 'SIGTSTP');
  } finally {
    process.on('SIGTSTP', handler);
  }
}
