/**
 * Prisma Migrate: a folder a migration, `20240101000000_name/migration.sql`, and a way down written by hand beside it as
 * `down.sql` (as Prisma's guide on down migrations has it).
 *
 * Source: prisma/prisma-engines, schema-engine: _prisma_migrations with a row for each by the folder's name, which counts
 * once it is finished and while it is not rolled back; `pg_advisory_lock(72707369)`.
 */
import { isDrizzleFolder } from './drizzle.ts';
import { saysSomething } from './sections.ts';
import { NoDown, type Reader } from './types.ts';

const FOLDER = /^(\d{14})_(.*)$/;

export const prisma: Reader = {
  format: 'prisma',
  recognises: (source) =>
    source.name === 'down.sql' &&
    source.beside.includes('migration.sql') &&
    FOLDER.test(source.folder) &&
    !isDrizzleFolder(source),
  read({ name, text, folder }) {
    if (!FOLDER.test(folder))
      throw new NoDown(
        `${folder} is no folder of a migration of Prisma.`,
        'Its name is 20240101000000_name. With --format sql the file is run without the record of Prisma.',
      );
    if (name === 'migration.sql')
      throw new NoDown(
        'migration.sql is the way up.',
        'Write the way down as down.sql beside it, and name that.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    return {
      migration: { version: folder, name: '' },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'Prisma',
        table: '_prisma_migrations',
        column: 'migration_name',
        version: folder,
        single: false,
        applied: {
          columns: ['finished_at', 'rolled_back_at'],
          sql: 'finished_at IS NOT NULL AND rolled_back_at IS NULL',
        },
        lock: 'prisma',
      },
      remarks: [],
    };
  },
  versionOf: () => null,
};
