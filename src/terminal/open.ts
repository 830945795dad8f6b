/** The terminal, opened for the UI: screen, keyboard and signals, which are opened, suspended and closed as one. */
import { createKeyboard } from './keyboard.ts';
import type { Input } from './keys.ts';
import { createScreen, type TerminalScreen } from './screen.ts';
import { ownSignals, stopGroup, type StopSignal } from './signals.ts';
import { isGone, writeNow, type Ends } from './streams.ts';

export interface TerminalOptions extends Ends {
  env: Record<string, string | undefined>;
  onInput(input: Input, at: number): void;
  /** Ends what is under way before the program leaves because of a signal or an error. */
  cleanUp(): Promise<void>;
  /** Leaves the process; a test's may do otherwise. */
  exit?(status: number): void;
}

export interface Terminal {
  screen: TerminalScreen;
  /** INK_SCREEN_READER: linear text, no alternate screen, nothing that changes without need. */
  screenReader: boolean;
  suspend(): void;
  /** Ends the program as a signal would. */
  stop(signal: StopSignal): void;
  /** Gives the terminal back as it was found. */
  close(): void;
}

const SUSPENDED =
  'backout is suspended. A statement under way goes on running on the server. "fg" brings backout back.\n';

/** Takes the terminal. From here to `close` nothing else may read or write it. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout, env } = options;
  const screenReader = env['INK_SCREEN_READER'] === 'true';
  const screen = createScreen({ stdout, env, alternate: !screenReader });
  const keyboard = createKeyboard({ stdin, onInput: options.onInput, onGone: () => signals.stop('SIGHUP') });
  let closed = false;

  const restore = (): void => {
    keyboard.close(true);
    screen.leave();
  };
  const take = (): void => {
    if (closed) return;
    // Closed and opened again: a shell may have changed the terminal's mode behind our back.
    keyboard.close();
    keyboard.open();
    screen.enter();
  };
  const resume = (): void => {
    take();
    if (!closed) screen.redraw();
  };
  const suspend = (): void => {
    restore();
    writeNow(stdout, SUSPENDED);
    stopGroup(suspend);
    resume();
  };
  const signals = ownSignals({
    restore,
    say: (text) => writeNow(process.stderr, text),
    cleanUp: options.cleanUp,
    suspend,
    resume,
    exit: options.exit ?? ((status) => process.exit(status)),
  });
  const onStreamError = (error: Error): void => {
    if (!isGone(error)) throw error;
    signals.stop('SIGHUP');
  };

  stdout.on('error', onStreamError);
  take();
  return {
    screen,
    screenReader,
    suspend,
    stop: signals.stop,
    close() {
      closed = true;
      restore();
      signals.release();
      stdout.off('error', onStreamError);
    },
  };
}
