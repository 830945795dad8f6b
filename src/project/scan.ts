/** Looks through an application's source for what names tables that are called otherwise now. Reads only. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createPatch } from 'diff';
import type { PlanChanges } from './changes.ts';
import { rewrite, type Rewritten } from './rewrite.ts';

export interface FileChange {
  /** Below the folder, with `/`. */
  path: string;
  before: string;
  after: string;
  /** Unified, with three lines around each change. */
  diff: string;
}

export interface ProjectScan {
  folder: string;
  /** Files looked into. */
  files: number;
  changes: FileChange[];
  look: (Rewritten['look'][number] & { path: string })[];
  /** Where the looking ended before everything was seen, in a sentence; null when all was. */
  cut: string | null;
}

/** What is built, fetched or tells of the past; hidden folders are left out as well. */
const LEFT_OUT = new Set([
  'node_modules',
  'deps',
  '_build',
  'dist',
  'target',
  'vendor',
  'cover',
  'migrations',
]);

const SOURCES =
  /\.(exs?|[hl]?eex|erl|rb|py|[cm]?[jt]sx?|go|java|kts?|php|rs|cs|scala|clj|sql|graphql|ya?ml)$/i;

/** Bytes; what is larger was not written by hand. */
const LARGEST = 1_000_000;
const MOST_FILES = 20_000;

async function* sources(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    // A link may lead anywhere: neither followed nor written to.
    if (entry.isSymbolicLink() || entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) yield* sources(path);
    } else if (entry.isFile() && SOURCES.test(entry.name)) yield path;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null for what is no UTF-8 or too large: it could not be written back as it is. */
async function textOf(path: string): Promise<string | null> {
  if ((await lstat(path)).size > LARGEST) return null;
  try {
    return UTF8.decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const posix = (path: string): string => path.split(sep).join('/');

/** @throws {Error} of the file system, when the folder cannot be read */
export async function scanProject(folder: string, changes: PlanChanges): Promise<ProjectScan> {
  const scan: ProjectScan = { folder, files: 0, changes: [], look: [], cut: null };
  for await (const file of sources(folder)) {
    if (scan.files >= MOST_FILES) {
      scan.cut = `Only the first ${MOST_FILES} files were looked into.`;
      break;
    }
    scan.files += 1;
    const before = await textOf(file);
    if (before === null) continue;
    const path = posix(relative(folder, file));
    const { text: after, look } = rewrite(before, changes);
    scan.look.push(...look.map((one) => ({ ...one, path })));
    if (after !== before) scan.changes.push({ path, before, after, diff: createPatch(path, before, after) });
  }
  return scan;
}
