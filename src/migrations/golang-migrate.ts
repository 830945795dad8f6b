/**
 * golang-migrate: `VERSION_name.up.sql` and `VERSION_name.down.sql` in one folder.
 *
 * Source: golang-migrate/migrate, source/parse.go (the names) and database/postgres/postgres.go: schema_migrations holds
 * one row, the current version and whether it is dirty. Going down writes the version before it, or no row at all below
 * the first (SetVersion). The version before it is that of the file before it in the folder.
 */
import { besideRuby } from './rails.ts';
import { saysSomething } from './sections.ts';
import { inRust } from './sqlx.ts';
import { NoDown, type Reader } from './types.ts';

const DOWN = /^(\d+)_(.*)\.down\.sql$/;
const ANY = /^(\d+)_.*\.(?:up|down)\.sql$/;

/** The highest version of the folder below this one; null when there is none. */
function before(version: string, beside: readonly string[]): string | null {
  const below = beside
    .flatMap((name) => ANY.exec(name)?.[1] ?? [])
    .map((digits) => BigInt(digits))
    .filter((other) => other < BigInt(version));
  return below.length === 0 ? null : below.reduce((one, other) => (one > other ? one : other)).toString();
}

export const golangMigrate: Reader = {
  format: 'golang-migrate',
  recognises: (source) =>
    DOWN.test(source.name) &&
    !besideRuby(source) &&
    !inRust(source) &&
    source.near['meta/_journal.json'] === undefined,
  read({ name, text, beside }) {
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} is no down migration of golang-migrate.`,
        'Its name is VERSION_name.down.sql. With --format sql it is run without the record of golang-migrate.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    const previous = before(version, beside);
    return {
      migration: { version, name: DOWN.exec(name)?.[2] ?? '' },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'golang-migrate',
        table: 'schema_migrations',
        column: 'version',
        version,
        single: true,
        ...(previous === null ? {} : { previous }),
        dirty: 'dirty',
        lock: 'golang-migrate',
      },
      remarks: [],
    };
  },
  versionOf(name) {
    const digits = DOWN.exec(name)?.[1];
    return digits === undefined ? null : BigInt(digits).toString();
  },
};
