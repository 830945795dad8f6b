/** Carries out on files what the operator consented to; each is copied first. */
import { constants, copyFile, lstat, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { FileChange, ProjectScan } from './scan.ts';

export interface Edited {
  path: string;
  /** The file as it was, beside it; null where it was not edited. */
  copy: string | null;
  /** Why it was left as it is; null where it was edited. */
  refused: string | null;
}

/** The ending of the copies. */
export const COPY = '.before-backout';

/** Beside the file, under a name that nothing has yet. */
async function copied(path: string): Promise<string> {
  for (let at = 1; ; at += 1) {
    const to = `${path}${COPY}${at === 1 ? '' : `-${at}`}`;
    try {
      await copyFile(path, to, constants.COPYFILE_EXCL);
      return to;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** Written whole or not at all: beside it, on the disk, then renamed, with the rights of the file. */
async function replace(path: string, text: string): Promise<void> {
  const { mode } = await lstat(path);
  const temporary = join(dirname(path), `.backout-${process.pid}-${Date.now()}`);
  const file = await open(temporary, 'wx', mode & 0o777);
  try {
    await file.writeFile(text, 'utf8');
    await file.chmod(mode & 0o777);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function editOne(folder: string, { path, before, after }: FileChange): Promise<Edited> {
  const whole = join(folder, path);
  const found = await lstat(whole);
  if (!found.isFile()) return { path, copy: null, refused: 'It is no ordinary file any more.' };
  if ((await readFile(whole, 'utf8')) !== before) {
    return { path, copy: null, refused: 'It was changed since it was shown.' };
  }
  const copy = await copied(whole);
  await replace(whole, after);
  return { path, copy, refused: null };
}

/** In order; a file that changed since it was shown is left as it is. @throws {Error} of the file system */
export async function editProject({ folder, changes }: ProjectScan): Promise<Edited[]> {
  const edited: Edited[] = [];
  for (const change of changes) edited.push(await editOne(folder, change));
  return edited;
}

/** All diffs as one patch, as `patch -p0` and `git apply -p0` read it. */
export const patchOf = ({ changes }: Pick<ProjectScan, 'changes'>): string =>
  changes.map(({ diff }) => diff).join('');

/** @throws {Error} EEXIST where there is such a file already: nothing is overwritten */
export async function writePatch(path: string, scan: Pick<ProjectScan, 'changes'>): Promise<string> {
  if (!isAbsolute(path)) throw new Error(`not an absolute path: ${path}`);
  await writeFile(path, patchOf(scan), { flag: 'wx', mode: 0o600 });
  return path;
}
