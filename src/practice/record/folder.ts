/** Where records of drills are kept, and how they are written: whole or not at all, for the owner's eyes only. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../../exit.ts';
import { runsDirectory, trusted } from '../../journal/folder.ts';
import { syncFolder, writeWhole } from '../../journal/write-report.ts';
import { debriefMarkdown } from '../score/markdown.ts';
import type { DrillRecord } from './types.ts';

/** `$XDG_STATE_HOME/backout/practice/records`, by default under `~/.local/state`. */
export const recordsDirectory = (env: NodeJS.ProcessEnv, home: string): string =>
  join(dirname(runsDirectory(env, home)), 'practice', 'records');

export interface SavedRecord {
  jsonPath: string;
  markdownPath: string;
}

/**
 * Writes `<id>.json` and `<id>.md`, 0600 in a folder of 0700; an attempt that is judged again replaces its own.
 * @throws {UserError} 77 when the folder cannot be made or others may write to it, or when the disk refuses
 */
export async function saveRecord(folder: string, record: DrillRecord): Promise<SavedRecord> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(
      `The folder for records of drills ${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      'Set XDG_STATE_HOME to a folder that you can write to.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
  await trusted(folder);
  const jsonPath = join(folder, `${record.id}.json`);
  const markdownPath = join(folder, `${record.id}.md`);
  await writeWhole(markdownPath, debriefMarkdown(record.debrief), 'The record');
  await writeWhole(jsonPath, `${JSON.stringify(record, null, 2)}\n`, 'The record');
  await syncFolder(folder);
  return { jsonPath, markdownPath };
}
