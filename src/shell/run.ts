/** Runs a command on the operator's request: output line by line, exit status, never a secret of ours. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CommandResult } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import { groupEnder } from './group.ts';

const TAIL = 40;

export interface ShellCommand {
  /** As a runbook or a configuration writes it: given to /bin/sh. */
  command: string;
  /** Absent: where backout was started. */
  cwd?: string;
  /** Beside the environment that backout has itself, without what backout connects with. */
  env?: Record<string, string>;
}

export interface RunningCommand {
  result: Promise<CommandResult>;
  /** SIGTERM to the whole group; SIGKILL when asked again. */
  cancel(): void;
  /** Of its process group. */
  readonly group: number;
  /** Lets it run on when this process ends. What it writes goes nowhere then: it must have a file of its own. */
  leave(): void;
}

/** What backout connects with is not the command's: it has its own configuration. */
const withheld = new Set(['PGPASSWORD', 'DATABASE_URL', 'PGPASSFILE']);

/**
 * Names of environment variables that no command is given from here on, such as the keys of webhooks.
 * @returns gives those that were not withheld before free again
 */
export function withhold(names: readonly string[]): () => void {
  const added = names.filter((name) => !withheld.has(name));
  for (const name of added) withheld.add(name);
  return () => {
    for (const name of added) withheld.delete(name);
  };
}

/** As Ecto, Rails, Prisma and others write where a database is; libpq's own variables all begin with PG. */
const DATABASE_ADDRESS = /^(?:postgres(?:ql)?|ecto|jdbc:postgresql|postgis):/i;

/** Names of the variables that lead to a database, by their name or by what they hold. */
export const connectionNames = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    /^PG|DATABASE_URL/i.test(name) || DATABASE_ADDRESS.test(value ?? '') ? [name] : [],
  );

/**
 * Starts the command in the shell, as a runbook writes it, in a process group of its own so that cancelling reaches
 * whatever it started. Without standard input: nothing may wait for an answer nobody can see.
 */
export function startCommand(
  { command, cwd, env: more }: ShellCommand,
  onLine: (line: string) => void,
  now: () => number,
): RunningCommand {
  const began = now();
  const own = Object.entries(process.env).filter(([name]) => !withheld.has(name));
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...Object.fromEntries(own), ...more },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const tail: string[] = [];
  const hear = (raw: string): void => {
    const line = toLine(raw);
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    onLine(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);
  return {
    group: child.pid ?? 0,
    leave() {
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
    result: new Promise((resolve) => {
      const end = (exitStatus: number | null, signal: string | null): void =>
        resolve({ command: toLine(command), exitStatus, signal, seconds: (now() - began) / 1000, tail });
      child.on('error', (error) => {
        hear(error.message);
        end(127, null);
      });
      child.on('close', end);
    }),
    cancel: groupEnder(child.pid),
  };
}

/** What is told of a command that could not even be started: shells call that 127. */
export function notStarted(task: { item: string; command: string }, why: string) {
  const result: CommandResult = {
    command: toLine(task.command),
    exitStatus: 127,
    signal: null,
    seconds: 0,
    tail: [toLine(why)],
  };
  return { type: 'command-done', item: task.item, result } as const;
}
