/** Takes a backup of the whole database with pg_dump, checks it, and only then gives it its name. */
import { dirname } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Connection } from '../postgres/settings.ts';
import { bytes as inWords } from '../postgres/activity.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import { checkBackup } from './check.ts';
import { complaints, startChild, type ChildEnd, type RunningChild } from './child.ts';
import { libpqEnvironment } from './libpq-env.ts';
import { backupPath, draft, type Draft } from './place.ts';
import { pgDump, type Program } from './programs.ts';
import { freeIn, tableSizes, totalOf, type TableSize } from './sizes.ts';
import type { BackupProgress, Expected, TakenBackup } from './types.ts';
import { cancellable, type Working } from './working.ts';

export interface TakeOptions {
  connection: Connection;
  /** One that nobody else uses meanwhile, asked for what there is to dump; pg_dump connects by itself. */
  session: Session;
  /** As server_version_num. */
  serverVersion: number;
  database: string;
  /** A file that is not there yet, or a folder. */
  path: string;
  expected: Expected;
  env: NodeJS.ProcessEnv;
  now: () => number;
  onProgress: (progress: BackupProgress) => void;
}

/** Stopped on request. */
export class Cancelled extends UserError {
  constructor(what: string) {
    super(`${what} was stopped. Nothing of it is left.`, 'Start it again when you like.', EXIT.stopped);
  }
}

/** A dump waits so long for each table that somebody has locked, then gives up. In milliseconds. */
const LOCK_WAIT = 60_000;

/** How often the size of what is written is looked at. In milliseconds. */
const LOOK_EVERY = 500;

/** Rows are compressed as they are written: to less than a quarter is rare. */
const LEAST_SHARE = 4;

/** Starts at once. `result` rejects with a {@link UserError}; whatever happens, no half of a backup is left. */
export const takeBackup = (options: TakeOptions): Working<TakenBackup> =>
  cancellable((onChild, isCancelled) => take(options, onChild, isCancelled));

async function take(
  options: TakeOptions,
  onChild: (child: RunningChild) => void,
  isCancelled: () => boolean,
): Promise<TakenBackup> {
  const { env, session, database, serverVersion, now } = options;
  const began = now();
  const program = await pgDump(env, serverVersion);
  const path = await backupPath(options.path, database, new Date(now()));
  const tables = await tableSizes(session);
  await checkRoom(dirname(path), totalOf(tables));
  const file = await draft(path);
  try {
    await dump(options, { program, file, tables, onChild, isCancelled });
    options.onProgress({ ...finished(tables), what: 'checking', fileBytes: (await file.file.stat()).size });
    const check = await checkBackup({
      path: file.path,
      expected: options.expected,
      env,
      whole: true,
      now: now(),
      onChild,
    });
    if (isCancelled()) throw new Cancelled('Taking a backup');
    const bad = check?.findings.filter(({ severity }) => severity === 'fail') ?? [];
    if (!check || bad.length > 0) {
      throw new UserError(
        `What pg_dump wrote does not hold: ${bad.map(({ text }) => text).join(' ')}`,
        'It was removed. Look at the disk, then try again.',
        EXIT.verificationFailed,
      );
    }
    await file.keep();
    return {
      path,
      bytes: check.bytes,
      seconds: (now() - began) / 1000,
      dumpVersion: program.version,
      check: { ...check, path },
    };
  } catch (error) {
    await file.drop();
    throw error;
  }
}

/** @throws {UserError} when it would most likely not fit, with the basis of that */
async function checkRoom(folder: string, size: number): Promise<void> {
  const free = await freeIn(folder);
  if (free === null || free >= size / LEAST_SHARE) return;
  throw new UserError(
    `The tables hold ${inWords(size)} (without indexes), and ${inWords(free)} are free in ${toLine(folder, 500)}. Compressed, a dump is seldom less than a quarter.`,
    'Nothing was written. Make room, or name a folder on another disk.',
    EXIT.prerequisiteFailed,
  );
}

interface Dumping {
  program: Program;
  file: Draft;
  tables: readonly TableSize[];
  onChild: (child: RunningChild) => void;
  isCancelled: () => boolean;
}

async function dump(options: TakeOptions, dumping: Dumping): Promise<void> {
  const { program, file, tables, onChild, isCancelled } = dumping;
  const follow = following(tables);
  let fileBytes = 0;
  const tell = (): void => options.onProgress({ ...follow.now(), fileBytes });
  const child = startChild(
    {
      path: program.path,
      args: ['--format=custom', '--verbose', '--no-password', `--lock-wait-timeout=${LOCK_WAIT}`],
      env: libpqEnvironment(options.connection.parameters, options.env, 'backout backup'),
      stdout: file.file.fd,
    },
    (line) => {
      if (follow.hear(line)) tell();
    },
  );
  onChild(child);
  tell();
  const timer = setInterval(() => {
    void file.file.stat().then(({ size }) => {
      fileBytes = size;
      tell();
    });
  }, LOOK_EVERY);
  const end = await child.end.finally(() => clearInterval(timer));
  if (isCancelled()) throw new Cancelled('Taking a backup');
  if (end.exitStatus !== 0) throw failed(end, dirname(file.path));
}

/** `pg_dump: dumping contents of table "public.orders"` begins a table, and so ends the one before. */
function following(tables: readonly TableSize[]) {
  const sizes = new Map(tables.map(({ name, bytes }) => [name, bytes]));
  const totals = { ofTables: tables.length, ofBytes: totalOf(tables) };
  let table: string | null = null;
  let done = 0;
  let bytes = 0;
  return {
    hear(line: string): boolean {
      const [, begun] = /dumping contents of table "(.*)"$/.exec(line) ?? [];
      if (begun === undefined) return false;
      if (table !== null) {
        done += 1;
        bytes += sizes.get(table) ?? 0;
      }
      table = begun;
      return true;
    },
    now: (): BackupProgress => ({
      what: 'dumping',
      tables: done,
      bytes,
      table: table === null ? null : toLine(table, 200),
      fileBytes: null,
      ...totals,
    }),
  };
}

const finished = (tables: readonly TableSize[]): BackupProgress => ({
  what: 'dumping',
  tables: tables.length,
  ofTables: tables.length,
  bytes: totalOf(tables),
  ofBytes: totalOf(tables),
  table: null,
  fileBytes: null,
});

function failed(end: ChildEnd, folder: string): UserError {
  const said = complaints(end).join(' ');
  const full = /No space left on device|disk quota exceeded|File too large/i.test(said);
  const how = end.signal === null ? `exit status ${end.exitStatus ?? 'not known'}` : `signal ${end.signal}`;
  return new UserError(
    full
      ? `The disk of ${toLine(folder, 500)} is full: the backup did not fit. It was removed.`
      : `pg_dump failed (${how}): ${said}`,
    full
      ? 'Make room, or name a folder on another disk.'
      : 'What it had written was removed. Mend what it complains of, or take the backup elsewhere and name it with --backup PATH.',
    EXIT.prerequisiteFailed,
  );
}
