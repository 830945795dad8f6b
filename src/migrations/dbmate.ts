/**
 * dbmate: one file a migration, `-- migrate:up` and `-- migrate:down`, each with options on its line.
 *
 * Source: amacneil/dbmate, pkg/dbmate/migration.go (the block comments and their options) and
 * pkg/driver/postgres/postgres.go (schema_migrations with one row a version, `delete from … where version = $1`).
 * It takes no lock: two of it at once find each other by the primary key alone.
 */
import { wayDown } from './sections.ts';
import { NoDown, type Reader } from './types.ts';

const UP = /^--\s*migrate:up(\s|$)/;
const DOWN = /^--\s*migrate:down(\s|$)/;
const FILE = /^(\d+)_?(.*)\.sql$/;

export const dbmate: Reader = {
  format: 'dbmate',
  recognises: ({ text }) => /^--\s*migrate:(up|down)(\s|$)/m.test(text),
  read({ name, text }) {
    const parts = wayDown(
      { name, text },
      { down: '-- migrate:down', begins: (line) => DOWN.test(line), ends: (line) => UP.test(line) },
    );
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} begins with no version, so dbmate would not run it.`,
        'Its name is VERSION_name.sql. With --format sql it is run without the record of dbmate.',
      );
    const options = /^--\s*migrate:down(.*)$/m.exec(text)?.[1] ?? '';
    return {
      migration: { version, name: FILE.exec(name)?.[2] ?? '' },
      parts,
      bookkeeping: {
        tool: 'dbmate',
        table: 'schema_migrations',
        column: 'version',
        version,
        single: false,
        lock: null,
      },
      remarks: /(^|\s)transaction:false(\s|$)/.test(options) ? [OUTSIDE] : [],
    };
  },
  versionOf: (name) => FILE.exec(name)?.[1] ?? null,
};

const OUTSIDE =
  'The file asks for no transaction (transaction:false). backout runs in one all the same what can, so that it happens whole or not at all; a statement that runs in none, such as CREATE INDEX CONCURRENTLY, is a part of its own.';
