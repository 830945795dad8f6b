/**
 * goose: one file a migration, `-- +goose Up`, `-- +goose Down`, statements that hold semicolons between
 * `StatementBegin` and `StatementEnd` (which PostgreSQL's parser does not need), `NO TRANSACTION` for the whole file.
 *
 * Source: pressly/goose, internal/sqlparser/parser.go (a comment line whose first word is `+goose`; commands in any
 * case) and database/dialect/postgres.go (goose_db_version, `DELETE … WHERE version_id=$1`). Versions before 3 wrote a
 * second row with is_applied false instead: the newest row of a version counts, which after a DELETE of all is none.
 * A lock is taken only by programs that ask for one: lock/store.go.
 */
import { wayDown } from './sections.ts';
import { NoDown, type Reader } from './types.ts';

const FILE = /^(\d+)_(.*)\.sql$/;

/** The command of an annotation, in lower case; null for any other line. */
const commandOf = (line: string): string | null =>
  /^--\s*\+goose\s+(.*?)\s*$/i.exec(line)?.[1]?.toLowerCase() ?? null;

export const goose: Reader = {
  format: 'goose',
  recognises: ({ text }) => /^--\s*\+goose\s/im.test(text),
  read({ name, text }) {
    const commands = text.split('\n').flatMap((line) => commandOf(line) ?? []);
    const parts = wayDown(
      { name, text },
      {
        down: '-- +goose Down',
        begins: (line) => commandOf(line) === 'down',
        ends: (line) => commandOf(line) === 'up',
      },
    );
    if (commands.includes('envsub on'))
      throw new NoDown(
        `${name} has its environment written into it (ENVSUB ON), which backout does not do.`,
        'Write the values into a copy of the file, or run that one with goose.',
      );
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} begins with no version, so goose would not run it.`,
        'Its name is VERSION_name.sql. With --format sql it is run without the record of goose.',
      );
    return {
      migration: { version, name: FILE.exec(name)?.[2] ?? '' },
      parts: parts.map(({ sql, line }) => ({ sql: sql.replace(/^--\s*\+goose\s.*$/gim, ''), line })),
      bookkeeping: {
        tool: 'goose',
        table: 'goose_db_version',
        column: 'version_id',
        version,
        single: false,
        applied: { columns: ['is_applied'], sql: 'is_applied' },
        lock: 'goose',
      },
      remarks: commands.includes('no transaction') ? [OUTSIDE] : [],
    };
  },
  versionOf(name) {
    const digits = FILE.exec(name)?.[1];
    return digits === undefined ? null : BigInt(digits).toString();
  },
};

const OUTSIDE =
  'The file asks for no transaction (NO TRANSACTION). backout runs in one all the same what can, so that it happens whole or not at all; a statement that runs in none, such as CREATE INDEX CONCURRENTLY, is a part of its own.';
