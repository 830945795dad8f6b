/** Runs pg_dump and pg_restore: what they say line by line, made safe; ended as a whole group. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { toLine } from '../terminal/sanitize.ts';
import { groupEnder } from '../shell/group.ts';

const TAIL = 60;

export interface ChildOptions {
  path: string;
  args: readonly string[];
  /** The whole environment. */
  env: Record<string, string>;
  /** Where its standard output goes; absent: line by line to `onLine`, like its standard error. */
  stdout?: number;
  /** Keep every line of standard output. */
  keep?: boolean;
}

export interface ChildEnd {
  exitStatus: number | null;
  signal: string | null;
  /** Standard output, where it was kept. */
  lines: string[];
  /** The last lines of standard error, sanitised. */
  tail: string[];
}

export interface RunningChild {
  pid: number | undefined;
  end: Promise<ChildEnd>;
  /** SIGTERM to the whole group; SIGKILL when asked again. */
  cancel(): void;
}

/** Starts it in a process group of its own, without standard input. `end` never rejects. */
export function startChild(
  { path, args, env, stdout, keep = false }: ChildOptions,
  onLine: (line: string) => void = () => undefined,
): RunningChild {
  const child = spawn(path, [...args], { stdio: ['ignore', stdout ?? 'pipe', 'pipe'], detached: true, env });
  const tail: string[] = [];
  const lines: string[] = [];
  const hear = (raw: string): void => {
    const line = toLine(raw, 2000);
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    onLine(line);
  };
  if (child.stderr) createInterface({ input: child.stderr }).on('line', hear);
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (raw) => (keep ? lines.push(raw) : undefined));
  }
  return {
    pid: child.pid,
    end: new Promise((resolve) => {
      child.on('error', (error) => {
        hear(error.message);
        resolve({ exitStatus: 127, signal: null, lines, tail });
      });
      child.on('close', (exitStatus, signal) => resolve({ exitStatus, signal, lines, tail }));
    }),
    cancel: groupEnder(child.pid),
  };
}

/** What it complained of: its lines that are errors, without its name; the last line where none is marked as one. */
export function complaints({ tail }: Pick<ChildEnd, 'tail'>): string[] {
  const errors = tail.filter((line) => /\b(error|fatal|FATAL|detail):/i.test(line));
  return (errors.length > 0 ? errors : tail.slice(-1)).map((line) => line.replace(/^pg_\w+: (error: )?/, ''));
}
