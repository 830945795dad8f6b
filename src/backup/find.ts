/** Backups that may be meant, where they are usually put: what is proposed when none was named. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkBackup, type CheckOptions } from './check.ts';
import { onDisk } from './kind.ts';
import type { BackupCheck } from './types.ts';

/** More are not opened: the newest are what is looked for. */
const MOST = 8;

/** In order of preference: what the configuration names, then the current folder. */
export const backupFolders = (configured: string | undefined, cwd: string): string[] => [
  ...new Set([...(configured === undefined ? [] : [resolve(cwd, configured)]), cwd]),
];

async function candidates(folder: string): Promise<{ path: string; at: number }[]> {
  const names = await readdir(folder).catch(() => []);
  const found: { path: string; at: number }[] = [];
  for (const name of names) {
    if (!name.endsWith('.dump') || name.startsWith('.')) continue;
    const path = join(folder, name);
    const disk = await onDisk(path);
    if (disk) found.push({ path, at: disk.modifiedAt.getTime() });
  }
  return found;
}

/**
 * The newest of the folders' `*.dump` in which nothing is wrong that would keep the data from coming back; null where
 * none is. Only a table of contents is read of large ones.
 */
export async function newestThatFits(
  folders: readonly string[],
  options: Omit<CheckOptions, 'path'>,
): Promise<BackupCheck | null> {
  const found = (await Promise.all(folders.map(candidates))).flat();
  const newest = found.sort((one, other) => other.at - one.at).slice(0, MOST);
  for (const { path } of newest) {
    const check = await checkBackup({ ...options, path });
    if (check && !check.findings.some(({ severity }) => severity === 'fail')) return check;
  }
  return null;
}
