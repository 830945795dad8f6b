/**
 * Drizzle: `0001_name.sql` and `meta/_journal.json`, and a way down written by hand beside them, `0001_name.down.sql`.
 * Or a folder a migration, `20240101000000_name/migration.sql` with `snapshot.json`, and `down.sql` beside these.
 *
 * Source: drizzle-team/drizzle-orm, drizzle-orm/src/migrator.ts (the journal's `when`, or the time in the folder's name,
 * as milliseconds) and src/pg-core/dialect.ts: drizzle.__drizzle_migrations with `created_at` = those milliseconds. What is
 * applied next is told by the highest `created_at` alone; the hash is written, and never compared. No lock is taken.
 */
import { saysSomething } from './sections.ts';
import { NoDown, type Reader, type Source } from './types.ts';

const JOURNAL = 'meta/_journal.json';
const DOWN = /^(.+)\.down\.sql$/;
const FOLDER = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_(.*)$/;
const WITHOUT =
  'With --format sql the file is run without the record of Drizzle, which still counts it as applied.';

/** Whether the folder is one migration of Drizzle's: its snapshot lies beside. */
export const isDrizzleFolder = ({ folder, beside }: Pick<Source, 'folder' | 'beside'>): boolean =>
  FOLDER.test(folder) && beside.includes('migration.sql') && beside.includes('snapshot.json');

/** Milliseconds of the journal's entry; null without one. @throws {NoDown} */
function whenOf(journal: string, tag: string): string | null {
  let entries: unknown;
  try {
    entries = (JSON.parse(journal) as { entries?: unknown } | null)?.entries;
  } catch {
    throw new NoDown(`${JOURNAL} is no JSON.`, WITHOUT);
  }
  if (!Array.isArray(entries)) throw new NoDown(`${JOURNAL} has no list of entries.`, WITHOUT);
  const entry = (entries as { tag?: unknown; when?: unknown }[]).find((one) => one?.tag === tag);
  return Number.isSafeInteger(entry?.when) ? String(entry?.when) : null;
}

function versionIn(source: Source): { version: string; name: string } {
  const { name, folder, near } = source;
  if (isDrizzleFolder(source)) {
    const [, year, month, day, hour, minute, second, rest = ''] = FOLDER.exec(folder) ?? [];
    const at = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    return { version: String(at), name: rest };
  }
  const journal = near[JOURNAL];
  if (journal === undefined)
    throw new NoDown(
      `${name} has no ${JOURNAL} beside it.`,
      `Name the file where it lies in Drizzle's folder. ${WITHOUT}`,
    );
  const tag = DOWN.exec(name)?.[1];
  if (tag === undefined)
    throw new NoDown(
      `${name} is the way up: Drizzle writes no other.`,
      `Write the way down as ${name.replace(/\.sql$/, '')}.down.sql beside it, and name that. ${WITHOUT}`,
    );
  const version = whenOf(journal, tag);
  if (version === null)
    throw new NoDown(`${JOURNAL} has no entry for ${tag}.`, `Look whether the name is right. ${WITHOUT}`);
  return { version, name: tag };
}

export const drizzle: Reader = {
  format: 'drizzle',
  recognises: (source) =>
    isDrizzleFolder(source)
      ? source.name === 'down.sql'
      : source.near[JOURNAL] !== undefined && /^\d+_/.test(source.name) && source.name.endsWith('.sql'),
  read(source) {
    const migration = versionIn(source);
    if (!saysSomething(source.text))
      throw new NoDown(`${source.name} holds no statement.`, 'Write the way down into it.');
    return {
      migration,
      parts: [{ sql: source.text, line: 1 }],
      bookkeeping: {
        tool: 'Drizzle',
        schema: 'drizzle',
        table: '__drizzle_migrations',
        column: 'created_at',
        version: migration.version,
        single: false,
        lock: null,
      },
      remarks: ['Drizzle knows a migration by its time alone: the version is that, in milliseconds.'],
    };
  },
  versionOf: () => null,
};
