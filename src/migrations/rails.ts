/**
 * Rails: migrations are Ruby, which is not read. What is read is a way down written by hand as SQL, beside the Ruby file
 * of the same version: `20240101000000_add_orders.rb` and `20240101000000_add_orders.down.sql`.
 *
 * Source: rails/rails, activerecord/lib/active_record/migration.rb (`MIGRATOR_SALT * Zlib.crc32(database)` as the key of
 * its advisory lock) and schema_migration.rb (schema_migrations with one row a version).
 */
import { saysSomething } from './sections.ts';
import { NoDown, type Reader, type Source } from './types.ts';

const DOWN = /^(\d+)_(.*?)(?:\.down)?\.sql$/;

/** Whether the Ruby file of the same version stands beside it. */
export const besideRuby = ({ name, beside }: Source): boolean => {
  const version = DOWN.exec(name)?.[1];
  return version !== undefined && beside.some((one) => one.startsWith(`${version}_`) && one.endsWith('.rb'));
};

export const rails: Reader = {
  format: 'rails',
  recognises: besideRuby,
  read({ name, text }) {
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} begins with no version.`,
        'Its name is VERSION_name.down.sql. With --format sql it is run without the record of Rails.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    return {
      migration: { version, name: DOWN.exec(name)?.[2] ?? '' },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'Rails',
        table: 'schema_migrations',
        column: 'version',
        version,
        single: false,
        lock: 'rails',
      },
      remarks: ['db/schema.rb or db/structure.sql is not changed: dump it again afterwards.'],
    };
  },
  versionOf: (name) => DOWN.exec(name)?.[1] ?? null,
};
