/** A terminal inside the test: standard input and output as streams, the screen emulated by xterm. */
import { PassThrough, Writable } from 'node:stream';
import { bytesOf } from '../e2e/support/keys.ts';
import { createEmulator, leftovers, type Emulator } from '../e2e/support/screen.ts';

export interface FakeTerminal {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  emulator: Emulator;
  text(): string;
  lines(): string[];
  /** True while the program has the keyboard in raw mode. */
  isRaw(): boolean;
  /** Named keys or characters in one write. */
  press(...keys: string[]): void;
  resize(columns: number, rows: number): void;
  waitFor(expected: string | RegExp | ((screen: string) => boolean)): Promise<string>;
  /** The screen once everything written so far has been drawn: no state on the way. */
  settled(): Promise<string>;
  /** Once all that was written has been drawn: what was not given back as it was found. */
  leftovers(): Promise<string[]>;
}

const PATIENCE_MS = 10_000;

function matches(expected: string | RegExp | ((screen: string) => boolean), screen: string): boolean {
  if (typeof expected === 'string') return screen.includes(expected);
  return expected instanceof RegExp ? expected.test(screen) : expected(screen);
}

export function createFakeTerminal(columns = 80, rows = 24): FakeTerminal {
  const emulator = createEmulator(columns, rows);
  const watchers = new Set<() => void>();
  let raw = false;
  const output = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      void emulator.feed(String(chunk)).then(() => {
        done();
        for (const watcher of watchers) watcher();
      });
    },
  });
  const drained = (): Promise<unknown> => new Promise((resolve) => output.write('', resolve));
  const input = new PassThrough();
  const stdin = Object.assign(input, {
    isTTY: true,
    setRawMode: (mode: boolean) => {
      raw = mode;
      return stdin;
    },
    ref: () => stdin,
    unref: () => stdin,
  }) as unknown as NodeJS.ReadStream;
  const stdout = Object.assign(output, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream;

  return {
    stdin,
    stdout,
    emulator,
    text: emulator.text,
    lines: emulator.lines,
    isRaw: () => raw,
    press: (...keys) => void input.write(keys.map(bytesOf).join('')),
    resize(width, height) {
      emulator.resize(width, height);
      Object.assign(output, { columns: width, rows: height });
      output.emit('resize');
    },
    waitFor(expected) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          const screen = emulator.text();
          if (!matches(expected, screen)) return;
          clearTimeout(timer);
          watchers.delete(check);
          resolve(screen);
        };
        const timer = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`Waited for ${String(expected)}; the screen was:\n${emulator.text()}`));
        }, PATIENCE_MS);
        watchers.add(check);
        check();
      });
    },
    async settled() {
      await drained();
      return emulator.text();
    },
    async leftovers() {
      await drained();
      return leftovers(emulator);
    },
  };
}
