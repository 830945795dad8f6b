/**
 * node-pg-migrate's SQL migrations: one file, `-- Up Migration` and `-- Down Migration`. Those in JavaScript are programs,
 * and not read.
 *
 * Source: salsita/node-pg-migrate, src/sqlMigration.ts (the comment lines), src/runner.ts (pgmigrations with a row for
 * each by the file's name without its ending; `pg_try_advisory_lock(7241865325823964)`).
 */
import { basename, extname } from 'node:path';
import { wayDown } from './sections.ts';
import type { Reader } from './types.ts';

const UP = /^\s*--[\s-]*up\s+migration/i;
const DOWN = /^\s*--[\s-]*down\s+migration/i;

export const nodePgMigrate: Reader = {
  format: 'node-pg-migrate',
  recognises: ({ text }) => text.split('\n').some((line) => UP.test(line) || DOWN.test(line)),
  read({ name, text }) {
    const parts = wayDown(
      { name, text },
      { down: '-- Down Migration', begins: (line) => DOWN.test(line), ends: (line) => UP.test(line) },
    );
    const version = basename(name, extname(name));
    return {
      migration: { version, name: '' },
      parts,
      bookkeeping: {
        tool: 'node-pg-migrate',
        table: 'pgmigrations',
        column: 'name',
        version,
        single: false,
        lock: 'node-pg-migrate',
      },
      remarks: [],
    };
  },
  versionOf: (name) => (name.endsWith('.sql') ? basename(name, '.sql') : null),
};
