/** Writes the hand-over: a folder for its owner alone, with the document, the journal and the report. */
import { copyFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { basename, join } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import { handOverDocument } from './document.ts';
import type { HandOverFacts } from './types.ts';

export const HAND_OVER = 'HAND-OVER.md';

/** What a run's folder may hold. */
const BESIDE = ['journal.jsonl', 'report.md', 'report.json'];

/**
 * @param folder is made; must not be there yet
 * @param runFolder of the run; null where there is none
 * @returns the path of the document
 * @throws {UserError} 77 when it cannot be written; nothing that is there is overwritten
 */
export async function writeHandOver(
  facts: HandOverFacts,
  folder: string,
  runFolder: string | null,
): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copied = runFolder === null ? [] : await copies(runFolder, folder);
    const path = join(folder, HAND_OVER);
    await writeFile(path, handOverDocument(facts, copied), { mode: 0o600, flag: 'wx' });
    return path;
  } catch (error) {
    throw new UserError(
      `The hand-over could not be written into ${toLine(folder, 300)}: ${error instanceof Error ? error.message : String(error)}`,
      'Name another folder that is not there yet, or an empty one.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
}

async function copies(from: string, to: string): Promise<string[]> {
  const copied: string[] = [];
  for (const name of BESIDE) {
    try {
      await copyFile(join(from, name), join(to, name), constants.COPYFILE_EXCL);
      await chmod(join(to, name), 0o600);
      copied.push(basename(name));
    } catch (error) {
      // A report is only there once a run has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return copied;
}
