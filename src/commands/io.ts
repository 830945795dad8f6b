/** What a command has of the outside world: two streams, the environment, and who is at the keyboard. */
import { hostname, homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { STOP_SIGNALS, type StopSignal } from '../terminal/signals.ts';
import {
  isInteractive,
  standardStreams,
  writeErr,
  writeOut,
  type StandardStreams,
} from '../terminal/streams.ts';

export interface Io {
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  /** Somebody can be asked: both ends are terminals. */
  interactive: boolean;
  /** Standard input alone is one: enough to be asked line by line. */
  keyboard: boolean;
  /** Standard error is one: a spinner may turn there. */
  errTerminal: boolean;
  streams: StandardStreams;
  /** The terminal cannot move its cursor. */
  dumb: boolean;
  screenReader: boolean;
  env: NodeJS.ProcessEnv;
  home: string;
  /** The account that runs us, and the machine it is on. */
  osUser: string;
  hostname: string;
  version: string;
  /** The folder that bin, dist and runbooks are in. */
  root: string;
  now(): Date;
  /** Calls back for each signal that asks us to stop; returns how to stop listening. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Leaves at once, without waiting for anything. */
  exit(status: number): void;
}

export interface Started {
  argv: readonly string[];
  version: string;
  root: string;
}

function operatingSystemUser(): string {
  // Throws where the uid has no entry in the user database (containers).
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? String(process.getuid?.() ?? '');
  }
}

function onSignal(listener: (signal: StopSignal) => void): () => void {
  const names = Object.keys(STOP_SIGNALS) as StopSignal[];
  const handlers = names.map((name) => ({ name, handler: () => listener(name) }));
  for (const { name, handler } of handlers) process.on(name, handler);
  return () => {
    for (const { name, handler } of handlers) process.off(name, handler);
  };
}

/** The process as it is. */
export function processIo({ version, root }: Pick<Started, 'version' | 'root'>): Io {
  const streams = standardStreams();
  return {
    streams,
    keyboard: streams.stdin.isTTY === true,
    errTerminal: streams.stderr.isTTY === true,
    out: writeOut,
    err: writeErr,
    interactive: isInteractive(streams),
    dumb: process.env['TERM'] === 'dumb',
    screenReader: process.env['INK_SCREEN_READER'] === 'true',
    env: process.env,
    home: homedir(),
    osUser: operatingSystemUser(),
    hostname: hostname(),
    version,
    root,
    now: () => new Date(),
    onSignal,
    exit: (status) => process.exit(status),
  };
}

/** The runbook that ships with backout. */
export function shippedRunbook(io: Pick<Io, 'root'>): string {
  return join(io.root, 'runbooks', '20250101000014-align-schema-table-names.md');
}
