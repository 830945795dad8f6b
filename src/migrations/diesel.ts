/**
 * diesel: a folder a migration, `2024-01-01-000000_name`, with `up.sql` and `down.sql`.
 *
 * Source: diesel-rs/diesel, diesel_migrations/src/file_based_migrations.rs (the version is the folder's name up to the
 * first underscore, without its dashes; `run_in_transaction` in metadata.toml) and diesel/src/migration/mod.rs
 * (__diesel_schema_migrations with a row a version). It takes no lock.
 */
import { saysSomething } from './sections.ts';
import { NoDown, type Reader, type Source } from './types.ts';

const DATED = /^\d{4}-\d\d-\d\d-\d{6}_/;
const FOLDER = /^(\d[\d-]*)_(.*)$/;

const versionIn = ({ folder }: Pick<Source, 'folder'>): string | null =>
  FOLDER.exec(folder)?.[1]?.replaceAll('-', '') ?? null;

export const diesel: Reader = {
  format: 'diesel',
  recognises: ({ name, folder, beside }) =>
    name === 'down.sql' && beside.includes('up.sql') && DATED.test(folder),
  read(source) {
    const { name, folder, text, near } = source;
    const version = versionIn(source);
    if (version === null)
      throw new NoDown(
        `${folder} is no folder of a migration of diesel.`,
        'Its name is 2024-01-01-000000_name. With --format sql the file is run without the record of diesel.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    const outside = /^\s*run_in_transaction\s*=\s*false/m.test(near['metadata.toml'] ?? '');
    return {
      migration: { version, name: FOLDER.exec(folder)?.[2] ?? '' },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'diesel',
        table: '__diesel_schema_migrations',
        column: 'version',
        version,
        single: false,
        lock: null,
      },
      remarks: outside ? ['metadata.toml asks for no transaction (run_in_transaction = false).'] : [],
    };
  },
  versionOf: () => null,
};
