/** From the database into a scratch database: definitions by an archive without rows, rows straight from program to program. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { complaints, startChild, type ChildEnd } from '../backup/child.ts';
import { dbnameArgument, libpqEnvironment, onDatabase } from '../backup/libpq-env.ts';
import type { Program } from '../backup/programs.ts';
import type { Connection } from '../postgres/settings.ts';
import { groupEnder } from '../shell/group.ts';
import { toLine } from '../terminal/sanitize.ts';
import { PLAIN_EXTENSIONS } from './reaches.ts';

/** A dump waits so long for each table that somebody has locked, then gives up. In milliseconds. */
const LOCK_WAIT = 60_000;

/** No copy could be made this way: nothing is wrong with the plan. */
export class NoCopy extends Error {
  constructor(readonly reasons: string[]) {
    super(reasons.join(' '));
  }
}

export interface DumpWork {
  connection: Connection;
  scratch: string;
  /** Exported by a transaction that stays open. */
  snapshot: string;
  programs: { dump: Program; restore: Program };
  env: NodeJS.ProcessEnv;
  /** Told of each child as it starts. */
  onChild(cancel: () => void): void;
  check(): void;
  /** Of rows that are on their way. */
  copying(table: string): void;
}

/** Ours are made anew; what leads elsewhere, or runs code at every change, is not made at all. */
const NOT_MADE =
  /^(EVENT TRIGGER|FOREIGN TABLE|SERVER|USER MAPPING|FOREIGN DATA WRAPPER|SUBSCRIPTION|PUBLICATION\b.*?|PROCEDURAL LANGUAGE) /;

/**
 * Which entries of `pg_restore --list` are made: `215; 1259 16386 TABLE public orders app`. Pure.
 * @returns the list for `--use-list`, and the extensions that were left out
 */
export function entriesToMake(lines: readonly string[]): { kept: string[]; left: string[] } {
  const left: string[] = [];
  const kept = lines.filter((line) => {
    const [, entry] = /^\d+; \d+ \d+ (.*)$/.exec(line) ?? [];
    if (entry === undefined) return false;
    const [, extension] = /^(?:COMMENT - )?EXTENSION (?:- )?(\S+)/.exec(entry) ?? [];
    if (extension === undefined) return !NOT_MADE.test(entry);
    if (PLAIN_EXTENSIONS.has(extension)) return !entry.startsWith('COMMENT');
    if (!left.includes(extension)) left.push(extension);
    return false;
  });
  return { kept, left };
}

/** The definitions of the database, in two halves: what rows need, and what needs rows. */
export interface Definitions {
  /** @returns what pg_restore complained of */
  before(): Promise<string[]>;
  after(): Promise<string[]>;
  /** Extensions that are not in the copy. */
  left: string[];
  /** Removes the archive. */
  close(): Promise<void>;
}

/** Its name says whose it is: what a kill leaves behind is removed by the next rehearsal (`left-over.ts`). */
export const FOLDER = 'backout-rehearsal-';

const DUMP = ['--no-password', '--no-publications', '--no-subscriptions', '--no-security-labels'];
const RESTORE = [
  ...['--no-password', '--no-owner', '--no-privileges', '--no-tablespaces', '--no-publications'],
  ...['--no-subscriptions', '--no-security-labels'],
];

/** @throws {NoCopy} when they cannot be read */
export async function dumpDefinitions(work: DumpWork): Promise<Definitions> {
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  const archive = join(folder, 'definitions');
  const list = join(folder, 'list');
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const args = [
      ...['--format=custom', '--schema-only', `--snapshot=${work.snapshot}`, ...DUMP],
      ...[`--lock-wait-timeout=${LOCK_WAIT}`, '--exclude-schema=backout', '--exclude-schema=backout_archive'],
      `--file=${archive}`,
    ];
    const end = await child(work, work.programs.dump, args, work.connection, false);
    if (end.exitStatus !== 0)
      throw new NoCopy([`pg_dump could not read the definitions: ${complaints(end).join(' ')}`]);
    const { lines } = await child(work, work.programs.restore, ['--list', archive], work.connection, true);
    const { kept, left } = entriesToMake(lines);
    await writeFile(list, `${kept.join('\n')}\n`);
    const restore = async (section: string): Promise<string[]> => {
      const words = [...RESTORE, `--section=${section}`, `--use-list=${list}`];
      const to = [dbnameArgument(work.scratch), '--', archive];
      const scratch = onDatabase(work.connection, work.scratch);
      const made = await child(work, work.programs.restore, [...words, ...to], scratch, false);
      return made.exitStatus === 0 ? [] : complaints(made);
    };
    return { before: () => restore('pre-data'), after: () => restore('post-data'), left, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function child(
  work: DumpWork,
  program: Program,
  args: string[],
  connection: Connection,
  keep: boolean,
): Promise<ChildEnd> {
  work.check();
  const env = libpqEnvironment(connection.parameters, work.env, 'backout rehearsal');
  const running = startChild({ path: program.path, args, env, keep });
  work.onChild(running.cancel);
  const end = await running.end;
  work.check();
  return end;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The rows of these relations, by no file in between. @throws {NoCopy} when they cannot be copied whole */
export async function copyRows(
  work: DumpWork,
  relations: readonly { schema: string; name: string }[],
): Promise<void> {
  if (relations.length === 0) return;
  work.check();
  const tables = relations.map(({ schema, name }) => `--table=${quoted(schema)}.${quoted(name)}`);
  const from = start(work, work.programs.dump, work.connection, 'ignore', [
    ...['--format=custom', '--compress=0', '--data-only', `--snapshot=${work.snapshot}`, ...DUMP],
    ...[`--lock-wait-timeout=${LOCK_WAIT}`, ...tables],
  ]);
  const to = start(work, work.programs.restore, onDatabase(work.connection, work.scratch), 'pipe', [
    ...['--verbose', '--data-only', '--exit-on-error', ...RESTORE, dbnameArgument(work.scratch)],
  ]);
  from.child.stdout?.pipe(to.child.stdin!);
  // The reader may end first: what it complained of says why.
  to.child.stdin?.on('error', () => undefined);
  const [read, written] = await Promise.all([from.end, to.end]);
  work.check();
  const errors = [...failed(read), ...failed(written)];
  if (errors.length > 0) throw new NoCopy([`The rows could not be copied: ${errors.join(' ')}`]);
}

const failed = (end: ChildEnd): string[] => (end.exitStatus === 0 ? [] : complaints(end));

function start(
  work: DumpWork,
  { path }: Program,
  connection: Connection,
  stdin: 'ignore' | 'pipe',
  args: string[],
) {
  const env = libpqEnvironment(connection.parameters, work.env, 'backout rehearsal');
  const child = spawn(path, args, { stdio: [stdin, 'pipe', 'pipe'], detached: true, env });
  work.onChild(groupEnder(child.pid));
  const tail: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (raw) => {
    const line = toLine(raw, 2000);
    tail.push(line);
    if (tail.length > 60) tail.shift();
    const [, table] = /processing data for table "(.*)"$/.exec(line) ?? [];
    if (table !== undefined) work.copying(table);
  });
  if (stdin === 'pipe') child.stdout?.resume();
  const end = new Promise<ChildEnd>((resolve) => {
    child.on('error', (error) => {
      tail.push(toLine(error.message));
      resolve({ exitStatus: 127, signal: null, lines: [], tail });
    });
    child.on('close', (exitStatus, signal) => resolve({ exitStatus, signal, lines: [], tail }));
  });
  return { child, end };
}
