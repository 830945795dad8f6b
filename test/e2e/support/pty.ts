/**
 * A program in a pseudo-terminal, its screen emulated by xterm. Tests press keys and wait for what they see; they
 * never sleep. Keys are paced as a hand would: a burst is written with `write`.
 */
import { spawn, type IPty } from '@lydell/node-pty';
import { bytesOf } from './keys.ts';
import { createEmulator, leftovers, type Emulator } from './screen.ts';

export interface PtyOptions {
  command: string;
  args?: string[];
  columns?: number;
  rows?: number;
  /** Added to a clean environment; undefined takes a variable out. */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

export interface Exit {
  exitCode: number;
  /** 0 when it ended by itself. */
  signal: number;
}

export type Expected = string | RegExp | ((screen: string) => boolean);

export interface Pty {
  emulator: Emulator;
  pid: number;
  /** Rows on the screen now. */
  screen(): string[];
  /** The rows joined by newlines. */
  text(): string;
  /** Everything that was ever sent to the terminal. */
  raw(): string;
  /** Resolves with the screen once it shows what is expected; rejects with the screen it had instead. */
  waitFor(expected: Expected, timeoutMs?: number): Promise<string>;
  /** Named keys or characters, each once the screen takes keys, at least 40 ms apart. */
  press(...keys: string[]): Promise<void>;
  /** A text, character by character in one write, as a fast typist's. */
  type(text: string): Promise<void>;
  /** Types a text, and hands it in with Enter once the screen shows it, as `> text` unless told otherwise. */
  submit(text: string, shown?: Expected): Promise<void>;
  /** Bytes as they are. */
  write(bytes: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: NodeJS.Signals): void;
  exit: Promise<Exit>;
  /** After the end: what was not given back as it was found. */
  leftovers(): string[];
  /** Ends the program if it still runs: for a test's clean-up. */
  dispose(): Promise<void>;
}

/** More than the 30 ms within which an Enter counts as part of a paste. */
const PACE_MS = 40;
/** The footer of a question that does not take keys yet. */
const NOT_YET = /^…$/m;

/** What a test runner sets and an operator's shell does not. */
const RUNNERS = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'NODE_ENV', 'VITEST'];

function environment(env: Record<string, string | undefined>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !RUNNERS.includes(name));
  const all = {
    ...Object.fromEntries(inherited),
    CI: 'false',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    ...env,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function matches(expected: Expected, screen: string): boolean {
  if (typeof expected === 'string') return screen.includes(expected);
  return expected instanceof RegExp ? expected.test(screen) : expected(screen);
}

function pacer(process: IPty) {
  let last = Number.NEGATIVE_INFINITY;
  const touch = (): void => {
    last = performance.now();
  };
  return {
    /** What comes next is to come a hand's pace after this moment. */
    touch,
    async write(bytes: string): Promise<void> {
      const pause = last + PACE_MS - performance.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      touch();
      process.write(bytes);
    },
  };
}

/** Starts a program in a pseudo-terminal of its own. */
export function startPty(options: PtyOptions): Pty {
  const { command, args = [], columns = 80, rows = 24, env = {}, cwd = process.cwd() } = options;
  const child = spawn(command, args, {
    cols: columns,
    rows,
    cwd,
    env: environment(env),
    name: 'xterm-256color',
  });
  const emulator = createEmulator(columns, rows);
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  let ended: Exit | null = null;
  let drawn = Promise.resolve();
  child.onData((data) => {
    drawn = emulator.feed(data).then(look);
  });
  const exit = new Promise<Exit>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      // What was still on its way to the screen belongs to the end.
      setImmediate(() => {
        void drawn.then(() => {
          ended = { exitCode, signal: signal ?? 0 };
          look();
          resolve(ended);
        });
      });
    });
  });

  function waitFor(expected: Expected, timeoutMs = 30_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        watchers.delete(check);
      };
      const fail = (why: string): void => {
        stop();
        reject(
          new Error(`${why} while waiting for ${String(expected)}; the screen was:\n${emulator.text()}`),
        );
      };
      const check = (): void => {
        // Half of an update is never on a screen that honours synchronized updates.
        if (ended === null && emulator.terminal.modes.synchronizedOutputMode) return;
        const screen = emulator.text();
        if (matches(expected, screen)) {
          stop();
          resolve(screen);
        } else if (ended !== null) fail(`The program ended with ${ended.exitCode}`);
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      watchers.add(check);
      check();
    });
  }

  const { write, touch } = pacer(child);
  const typeText = async (text: string): Promise<void> => {
    await waitFor((screen) => !NOT_YET.test(screen));
    await write(text);
  };
  return {
    emulator,
    pid: child.pid,
    screen: emulator.lines,
    text: emulator.text,
    raw: emulator.raw,
    waitFor,
    async press(...keys) {
      for (const key of keys) {
        await waitFor((screen) => !NOT_YET.test(screen));
        await write(bytesOf(key));
      }
    },
    type: typeText,
    async submit(text, shown = `> ${text}`) {
      await typeText(text);
      await waitFor(shown);
      // However late the program read the text: it had when it showed it.
      touch();
      await write(bytesOf('enter'));
    },
    write: (bytes) => child.write(bytes),
    resize(width, height) {
      emulator.resize(width, height);
      child.resize(width, height);
    },
    kill: (signal) => child.kill(signal),
    exit,
    leftovers: () => leftovers(emulator),
    async dispose() {
      if (ended !== null) return;
      child.kill('SIGKILL');
      await exit;
    },
  };
}
