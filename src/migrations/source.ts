/** Reads a file and what says whose it is: the names beside it, and the few files of a tool around it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Source } from './types.ts';

/** Folders that are looked at above the file's own. */
const LEVELS = 5;

/** More is no file of a tool's that is looked for. In bytes. */
const MOST = 8 * 1024 * 1024;

/** Beside the file. */
const BESIDE = ['meta/_journal.json', 'metadata.toml'];

/** In its folder or one above it; the nearest counts. */
const ABOVE = ['sqitch.plan', 'sqitch.conf'];

/** Whose presence alone says something. */
const MARKS = ['Cargo.toml'];

/** Text with LF alone, without a byte order mark. @throws {TypeError} when it is not UTF-8 */
export const decoded = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');

/** Null where there is none, or none that can be used. */
async function textAt(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    return size > MOST ? null : decoded(await readFile(path));
  } catch {
    return null;
  }
}

/** @param text the file's own, already decoded */
export async function sourceOf(path: string, text: string): Promise<Source> {
  const own = dirname(resolve(path));
  const beside = (await readdir(own).catch(() => [])).sort();
  const folders = [own];
  while (folders.length <= LEVELS) folders.push(dirname(folders.at(-1) ?? own));
  const near: Record<string, string> = {};
  for (const name of BESIDE) {
    const found = beside.includes(name.split('/')[0] ?? '') ? await textAt(join(own, name)) : null;
    if (found !== null) near[name] = found;
  }
  const above: string[] = [];
  for (const folder of folders) {
    for (const name of ABOVE) {
      const found = near[name] === undefined ? await textAt(join(folder, name)) : null;
      if (found !== null) near[name] = found;
    }
    for (const name of MARKS) {
      const there = await stat(join(folder, name)).then(
        () => true,
        () => false,
      );
      if (there && !above.includes(name)) above.push(name);
    }
  }
  return { path, name: basename(path), folder: basename(own), text, beside, near, above };
}
