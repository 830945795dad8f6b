/** A folder of a migration tool in place of a file: the way down of the latest migration that the database has. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Format, Reader, Source } from '../migrations/types.ts';
import type { Bookkeeping } from '../runbook/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Options } from './args.ts';
import { withDatabase } from './database.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { recordTableOf } from './record-table.ts';

interface Candidate {
  path: string;
  reader: Reader;
  version: string;
  bookkeeping: Bookkeeping;
}

const bad = (message: string, advice: string): UserError => new UserError(message, advice, EXIT.badRunbook);

/** Of tools that have a folder a migration. */
const IN_FOLDERS = ['down.sql', 'migration.sql'];

const isFile = (name: string): boolean => /\.(sql|exs)$/i.test(name);

/** Its own files; those of a folder for each migration below it; all below sqitch's folder `revert`. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      if (entry.isFile()) return isFile(entry.name) ? [path] : [];
      if (!entry.isDirectory()) return [];
      const reverts = [basename(folder), entry.name].includes('revert');
      const below = await readdir(path, { recursive: reverts }).catch(() => []);
      const wanted = below.filter((name) => (reverts ? isFile(name) : IN_FOLDERS.includes(name)));
      return wanted.map((name) => join(path, name));
    }),
  );
  return found.flat().sort();
}

async function sourcesIn(folder: string): Promise<Source[]> {
  const { decoded, sourceOf } = await import('../migrations/source.ts');
  const paths = await namesIn(folder);
  return Promise.all(paths.map(async (path) => sourceOf(path, decoded(await readFile(path)))));
}

/** A file alone is one of the folder's own; of a tool that has folders, one below it. */
const isWithin = (path: string, folder: string, { format }: Reader): boolean =>
  dirname(path) === folder || ['sqitch', 'diesel', 'prisma', 'drizzle'].includes(format);

/** The files with a way down, all of one tool. @throws {UserError} 65 */
async function candidatesIn(
  folder: string,
  format: Format | undefined,
  told: string | undefined,
): Promise<Candidate[]> {
  const [{ readerOf }, { NoDown }, { recordIn }] = await Promise.all([
    import('../migrations/read.ts'),
    import('../migrations/types.ts'),
    import('../migrations/bookkeeping.ts'),
  ]);
  const found = (await sourcesIn(folder)).flatMap((source): Candidate[] => {
    try {
      const reader = readerOf(source, format);
      const { bookkeeping } = reader.read(source);
      if (!bookkeeping || !isWithin(source.path, folder, reader)) return [];
      const record = recordIn(bookkeeping, told);
      return [{ path: source.path, reader, version: record.version, bookkeeping: record }];
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
      `Schema ${toLine(record.schema ?? schema)} has no table ${record.table}, in which ${record.tool} records what it has applied.`,
      'Check that this is the right database, --schema and --record-table; or name the file. Nothing was run.',
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
  const told = await recordTableOf(io, options, path);
  const candidates = await candidatesIn(path, format, told);
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
