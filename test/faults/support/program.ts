/** The built program as a child process: what it said, how it ended; killed, or short of disk space, as a test wants. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { speakTo, type Spoken } from './staying.ts';

/** `BACKOUT_FAULTS_PROGRAM` names another build than this checkout's. */
const program =
  process.env['BACKOUT_FAULTS_PROGRAM'] ?? fileURLToPath(new URL('../../../bin/backout.js', import.meta.url));

/** The last event of `backout run --json`, as DESIGN promises it to scripts. */
export interface Result {
  type: 'result';
  outcome: string;
  exitStatus: number;
  run: string;
  steps: { id: string; outcome: 'done' | 'rolled-back' | 'not-run' | 'unknown' }[];
}

export interface Ended {
  /** The exit status; null when a signal ended it. */
  status: number | null;
  out: string;
  err: string;
  /** The events on standard output that came whole. */
  events: ({ type: string } & Record<string, unknown>)[];
  result: Result | null;
}

export interface Child {
  pid: number;
  ended: Promise<Ended>;
  kill(): void;
}

export interface Place {
  /** XDG_STATE_HOME of every program started here. */
  state: string;
  /** A process of its own, as an operator starts it; through `launcher`, if any. */
  start(args: readonly string[], launcher?: readonly string[]): Child;
  /** In a process that has performed other command lines before: cheaper, and as good where none is to be killed. */
  hand(args: readonly string[]): Child;
  run(args: readonly string[]): Promise<Ended>;
  clear(): Promise<void>;
}

/** A state folder of its own; nothing of the test's own environment reaches the program. */
export async function aPlace(): Promise<Place> {
  const state = await mkdtemp(join(tmpdir(), 'backout-faults-'));
  const start: Place['start'] = (args, launcher = []) => {
    const [command = '', ...words] = [...launcher, process.execPath, program, ...args];
    const child = spawn(command, words, {
      cwd: state,
      env: { PATH: process.env['PATH'], HOME: state, XDG_STATE_HOME: state },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (status) => resolve(heard({ status, out, err })));
    });
    return { pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL') };
  };
  const hand: Place['hand'] = (args) => {
    const { ended, ...child } = speakTo(program, args, state);
    return { ...child, ended: ended.then(heard) };
  };
  return {
    state,
    start,
    hand,
    run: (args) => hand(args).ended,
    clear: () => rm(state, { recursive: true, force: true }),
  };
}

function heard(spoken: Spoken): Ended {
  const events = eventsIn(spoken.out);
  const last = events.at(-1);
  return { ...spoken, events, result: last?.type === 'result' ? (last as unknown as Result) : null };
}

/** A program that was killed may leave half a line. */
function eventsIn(out: string): Ended['events'] {
  return out.split('\n').flatMap((line) => {
    try {
      const event: unknown = JSON.parse(line);
      return typeof event === 'object' && event !== null && 'type' in event
        ? [event as Ended['events'][0]]
        : [];
    } catch {
      return [];
    }
  });
}
