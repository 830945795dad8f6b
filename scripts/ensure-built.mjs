// Before start and test: builds when there is no whole build, or when a source is newer than it.
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string} path */
const modified = async (path) => (await stat(path).catch(() => null))?.mtimeMs ?? 0;

async function newestSource() {
  let newest = await modified(join(root, 'package-lock.json'));
  for (const folder of ['src', 'scripts']) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile())
        newest = Math.max(newest, await modified(join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return newest;
}

if ((await modified(join(root, 'dist', 'built'))) < (await newestSource())) await import('./build.mjs');
