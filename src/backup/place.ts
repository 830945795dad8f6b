/** Where a backup is written, so that nothing is overwritten, nobody else can read it, and no half of one is left. */
import { constants } from 'node:fs';
import { link, lstat, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';

/** `orders-20261122-231502.dump`, in UTC. */
export function backupName(database: string, now: Date): string {
  const [day = '', time = ''] = now.toISOString().split('.')[0]!.replaceAll(/[-:]/g, '').split('T');
  const safe = database.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 80) || 'database';
  return `${safe}-${day}-${time}.dump`;
}

/** A folder gets a name made for it; anything else is the file itself. */
export async function backupPath(wanted: string, database: string, now: Date): Promise<string> {
  const path = resolve(wanted);
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ? join(path, backupName(database, now)) : path;
}

export interface Draft {
  /** Open for writing, mode 0600, under a name of its own. */
  file: FileHandle;
  /** That name. */
  path: string;
  /** Gives it its own name, which nothing had before; what was written is on the disk then. */
  keep(): Promise<void>;
  /** Removes it. */
  drop(): Promise<void>;
}

const inTheWay = (path: string): UserError =>
  new UserError(
    `There is something at ${toLine(path, 500)} already. It is not overwritten.`,
    'Nothing was written. Name another file, or a folder.',
    EXIT.usage,
  );

/** @throws {UserError} 64 when the name is taken, 77 when the folder cannot be written to */
export async function draft(path: string): Promise<Draft> {
  if (await lstat(path).catch(() => null)) throw inTheWay(path);
  const hidden = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = await create(hidden);
  const drop = async (): Promise<void> => {
    await file.close().catch(() => undefined);
    await rm(hidden, { force: true });
  };
  return {
    file,
    path: hidden,
    drop,
    async keep() {
      await file.sync();
      await file.close();
      await settle(hidden, path);
      await syncFolder(dirname(path));
    },
  };
}

async function create(path: string): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    throw new UserError(
      `No backup can be written to ${toLine(dirname(path), 500)}: ${error instanceof Error ? toLine(error.message) : ''}`,
      'Nothing was written. Name a folder that is there and that you may write to.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
}

/** A hard link fails where the name is taken; a rename would take it. Some file systems have no links. */
async function settle(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await rm(from);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw inTheWay(to);
    if (await lstat(to).catch(() => null)) throw inTheWay(to);
    await rename(from, to);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const open_ = await open(folder, constants.O_RDONLY).catch(() => null);
  await open_?.sync().catch(() => undefined);
  await open_?.close();
}
