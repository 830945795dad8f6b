/** The built program as a child process without a terminal: its words, its status, what it wrote so far. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEvent } from '../../../src/journal/types.ts';
import { program } from './operator.ts';

export interface Ended {
  /** The exit status, or null when a signal ended the process. */
  status: number | null;
  out: string;
  err: string;
  /** Standard output read as one event a line. */
  events: JournalEvent[];
}

export interface Child {
  pid: number;
  ended: Promise<Ended>;
  /** Resolves once standard output holds that; rejects when the program ends without it. */
  saying(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface Place {
  /** XDG_STATE_HOME of every program started here. */
  state: string;
  start(args: string[], env?: Record<string, string>): Child;
  run(args: string[], env?: Record<string, string>): Promise<Ended>;
  clear(): Promise<void>;
}

/** A state folder of its own, and programs started with it; nothing of the test's own environment reaches them. */
export async function aPlace(): Promise<Place> {
  const state = await mkdtemp(join(tmpdir(), 'backout-e2e-'));
  const start: Place['start'] = (args, env = {}) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: state,
      env: { PATH: process.env['PATH'], HOME: state, XDG_STATE_HOME: state, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    const watchers = new Set<() => void>();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      for (const watcher of watchers) watcher();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (status) => resolve({ status, out, err, events: eventsIn(out) }));
    });
    return {
      pid: child.pid ?? 0,
      ended,
      saying: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (out.includes(text)) resolve();
          };
          watchers.add(look);
          look();
          void ended.then(() => reject(new Error(`It ended without saying ${text}:\n${out}\n${err}`)));
        }),
      kill: (signal) => child.kill(signal),
    };
  };
  return {
    state,
    start,
    run: (args, env) => start(args, env).ended,
    clear: () => rm(state, { recursive: true, force: true }),
  };
}

/** Empty where the output is no list of events. */
function eventsIn(out: string): JournalEvent[] {
  if (!out.startsWith('{"')) return [];
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEvent);
}
