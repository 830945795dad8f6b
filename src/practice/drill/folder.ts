/** The folder in which the wizard works while a drill lasts: its files, as old as the story says. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DrillFile } from './types.ts';

export interface DrillFolder {
  path: string;
  remove(): Promise<void>;
}

/** A folder of mode 0700 with these files. A path that ends with a slash is a folder. */
export async function makeFolder(files: readonly DrillFile[]): Promise<DrillFolder> {
  const path = await mkdtemp(join(tmpdir(), 'backout-drill-'));
  for (const file of files) {
    const place = join(path, file.path);
    if (file.path.endsWith('/')) {
      await mkdir(place, { recursive: true });
    } else {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, file.content);
    }
    const then = new Date(Date.now() - file.ageHours * 3_600_000);
    await utimes(place, then, then);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
