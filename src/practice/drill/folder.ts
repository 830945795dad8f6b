/** The folder in which the wizard works while a drill lasts: its files, as old as the story says. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderPrefix } from '../left-over.ts';
import type { DrillFile } from './types.ts';

export interface DrillFolder {
  path: string;
  remove(): void;
}

/**
 * A folder of mode 0700 with these files. A path that ends with a slash is a folder. It is gone with the process, too,
 * unless that is killed.
 */
export function makeFolder(files: readonly DrillFile[]): DrillFolder {
  const path = mkdtempSync(folderPrefix('drill'));
  const remove = (): void => {
    process.removeListener('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  for (const file of files) {
    const place = join(path, file.path);
    if (file.path.endsWith('/')) {
      mkdirSync(place, { recursive: true });
    } else {
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, file.content);
    }
    const then = new Date(Date.now() - file.ageHours * 3_600_000);
    utimesSync(place, then, then);
  }
  return { path, remove };
}
