/** Writes a run's report beside its journal: whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refusedByDisk } from './disk.ts';
import { renderMarkdown } from './markdown.ts';
import type { Report } from './report.ts';

/**
 * Both files, 0600, each written aside, synced, then renamed into place.
 * @param debrief of a drill: its Markdown, and what of it stands in the JSON
 * @throws {UserError} when the disk refuses them, with the reason
 */
export async function writeReport(
  folder: string,
  report: Report,
  debrief?: { section: string; data: unknown },
): Promise<{ markdownPath: string; jsonPath: string }> {
  const markdownPath = join(folder, 'report.md');
  const jsonPath = join(folder, 'report.json');
  await writeWhole(markdownPath, renderMarkdown(report, debrief?.section), 'The report');
  const document = debrief ? { ...report, debrief: debrief.data } : report;
  await writeWhole(jsonPath, `${JSON.stringify(document, null, 2)}\n`, 'The report');
  await syncFolder(folder);
  return { markdownPath, jsonPath };
}

/**
 * A file of 0600: written aside, synced, renamed into place.
 * @param what it is, as an error shall name it: 'The report'
 * @throws {UserError} when the disk refuses it, with the reason
 */
export async function writeWhole(path: string, text: string, what: string): Promise<void> {
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
    throw refusedByDisk(what, path, error);
  }
}

/** A rename is only safe from a power cut once its folder is on the disk, too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
