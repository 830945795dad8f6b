/**
 * sqlx: `VERSION_name.up.sql` and `VERSION_name.down.sql`, named as golang-migrate's are; a Cargo.toml above tells them
 * apart.
 *
 * Source: launchbadge/sqlx, sqlx-core/src/migrate/source.rs (the names; `-- no-transaction` as the first line) and
 * sqlx-postgres/src/migrate.rs (_sqlx_migrations with a row a version; an advisory lock by the database's name).
 */
import { besideRuby } from './rails.ts';
import { saysSomething } from './sections.ts';
import { NoDown, type Reader, type Source } from './types.ts';

const DOWN = /^(\d+)_(.*)\.down\.sql$/;

/** Whether the project around the file is one in Rust. */
export const inRust = ({ above }: Pick<Source, 'above'>): boolean => above.includes('Cargo.toml');

export const sqlx: Reader = {
  format: 'sqlx',
  recognises: (source) =>
    DOWN.test(source.name) &&
    inRust(source) &&
    !besideRuby(source) &&
    source.near['meta/_journal.json'] === undefined,
  read({ name, text }) {
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} is no down migration of sqlx.`,
        'Its name is VERSION_name.down.sql. With --format sql it is run without the record of sqlx.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    return {
      migration: { version, name: (DOWN.exec(name)?.[2] ?? '').replaceAll('_', ' ') },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'sqlx',
        table: '_sqlx_migrations',
        column: 'version',
        version,
        single: false,
        applied: { columns: ['success'], sql: 'success' },
        lock: 'sqlx',
      },
      remarks: text.startsWith('-- no-transaction')
        ? ['The file asks for no transaction (no-transaction).']
        : [],
    };
  },
  versionOf(name) {
    const digits = DOWN.exec(name)?.[1];
    return digits === undefined ? null : BigInt(digits).toString();
  },
};
