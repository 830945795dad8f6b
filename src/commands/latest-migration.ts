/** A folder of a migration tool in place of a file: the way down of the latest migration that the database has. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Format, Reader, Source } from '../migrations/types.ts';
import type { Bookkeeping } from '../runbook/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Options } from './args.ts';
import { withDatabase } from './database.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';

interface Candidate {
  path: string;
  reader: Reader;
  version: string;
  bookkeeping: Bookkeeping;
}

const bad = (message: string, advice: string): UserError => new UserError(message, advice, EXIT.badRunbook);

async function sourcesIn(folder: string): Promise<Source[]> {
  const beside = (await readdir(folder)).sort();
  const names = beside.filter((name) => /\.(sql|exs)$/i.test(name));
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const text = (await readFile(path, 'utf8')).replace(/\r\n?/g, '\n');
      return { path, name, text, folder: basename(folder), beside };
    }),
  );
}

/** The files with a way down, all of one tool. @throws {UserError} 65 */
async function candidatesIn(folder: string, format: Format | undefined): Promise<Candidate[]> {
  const [{ readerOf }, { NoDown }] = await Promise.all([
    import('../migrations/read.ts'),
    import('../migrations/types.ts'),
  ]);
  const found = (await sourcesIn(folder)).flatMap((source): Candidate[] => {
    try {
      const reader = readerOf(source, format);
      const { bookkeeping } = reader.read(source);
      const version = reader.versionOf(source.name);
      return bookkeeping && version !== null ? [{ path: source.path, reader, version, bookkeeping }] : [];
    } catch (error) {
      // A way up, or a file without a way down: no candidate.
      if (error instanceof NoDown) return [];
      throw error;
    }
  });
  const formats = [...new Set(found.map(({ reader }) => reader.format))];
  if (formats.length === 0)
    throw bad(
      `${folder} holds no way down that backout can read and a tool keeps a record of.`,
      'Name the file that holds the way down. Nothing was run.',
    );
  if (formats.length > 1)
    throw bad(
      `${folder} holds files of ${formats.join(' and ')}.`,
      'Say whose migrations are meant by --format, or name the file. Nothing was run.',
    );
  return found;
}

/** The versions that the database has, the latest last. @throws {UserError} 65 without the tool's table */
async function appliedIn(io: Io, options: Options, record: Bookkeeping): Promise<string[]> {
  const [{ schemaNamed }, { appliedVersions }] = await Promise.all([
    import('../runtime/look.ts'),
    import('../postgres/versions.ts'),
  ]);
  return withDatabase(io, connectionOf(io, options), async (session) => {
    const schema = await schemaNamed(session, [record.table], options.schema);
    const versions = await appliedVersions(session, schema, record);
    if (versions) return versions;
    throw bad(
      `Schema ${toLine(schema)} has no table ${record.table}, in which ${record.tool} records what it has applied.`,
      'Check that this is the right database, and --schema; or name the file. Nothing was run.',
    );
  });
}

/**
 * The path as it is; of a folder, the file that takes back the latest migration that the database has. One file, never
 * several: whoever wants to go further back names the folder again.
 * @throws {UserError} 65 when there is none, or not of one tool
 */
export async function latestIn(io: Io, options: Options, path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return path;
  const { formatNamed } = await import('../migrations/read.ts');
  const format = options.format === undefined ? undefined : formatNamed(options.format);
  const candidates = await candidatesIn(path, format);
  const { bookkeeping } = candidates[0]!;
  const latest = (await appliedIn(io, options, bookkeeping)).at(-1);
  if (latest === undefined)
    throw bad(
      `${bookkeeping.tool} has recorded no migration as applied in ${bookkeeping.table}.`,
      'There is nothing to take back. Nothing was run.',
    );
  const chosen = candidates.find(({ version }) => version === latest);
  if (!chosen)
    throw bad(
      `The latest migration that ${bookkeeping.tool} has applied is ${toLine(latest)}, and ${path} holds no way down for it.`,
      'Find its file, or name the one that is meant. Nothing was run.',
    );
  await io.err(
    `The latest migration that ${bookkeeping.tool} has applied is ${toLine(latest)}: ${toLine(basename(chosen.path))}.\n`,
  );
  return chosen.path;
}
