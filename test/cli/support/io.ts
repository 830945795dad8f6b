/** A command line without a process: what it wrote, and a state folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../../src/cli.ts';
import type { Io } from '../../../src/commands/io.ts';
import type { StopSignal } from '../../../src/terminal/signals.ts';
import { standardStreams } from '../../../src/terminal/streams.ts';

export interface Ended {
  status: number;
  out: string;
  err: string;
}

export interface Desk {
  folder: string;
  run(argv: string[], more?: Partial<Io>): Promise<Ended>;
  /** As a signal sent to the process would. */
  signal(name: StopSignal): void;
  clear(): Promise<void>;
}

/** What was written as one JSON value a line. */
export const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** Without a terminal, as in a script or a job; `more` may put somebody at it. */
export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'backout-desk-'));
  const listeners = new Set<(signal: StopSignal) => void>();
  return {
    folder,
    async run(argv, more = {}) {
      let out = '';
      let err = '';
      const io: Io = {
        out: async (text) => void (out += text),
        err: async (text) => void (err += text),
        interactive: false,
        keyboard: false,
        errTerminal: false,
        streams: standardStreams(),
        dumb: false,
        screenReader: false,
        env: { XDG_STATE_HOME: folder },
        home: folder,
        osUser: 'tester',
        hostname: 'desk',
        version: '0.0.0',
        root: fileURLToPath(new URL('../../../', import.meta.url)),
        now: () => new Date(),
        onSignal(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        exit: (status) => {
          throw new Error(`left at once with ${status}`);
        },
        ...more,
      };
      const status = await runCommandLine(io, argv);
      return { status, out, err };
    },
    signal: (name) => listeners.forEach((listener) => listener(name)),
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}
