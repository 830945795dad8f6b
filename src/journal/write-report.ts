/** Writes a run's report beside its journal: whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refusedByDisk } from './disk.ts';
import { renderMarkdown } from './markdown.ts';
import type { Report } from './report.ts';

/**
 * Both files, 0600, each written aside, synced, then renamed into place.
 * @throws {UserError} when the disk refuses them, with the reason
 */
export async function writeReport(
  folder: string,
  report: Report,
): Promise<{ markdownPath: string; jsonPath: string }> {
  const markdownPath = join(folder, 'report.md');
  const jsonPath = join(folder, 'report.json');
  await writeWhole(markdownPath, renderMarkdown(report));
  await writeWhole(jsonPath, `${JSON.stringify(report, null, 2)}\n`);
  await syncFolder(folder);
  return { markdownPath, jsonPath };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(aside, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw refusedByDisk('The report', path, error);
  }
}

/** A rename is only safe from a power cut once its folder is on the disk, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
