/**
 * Flyway's undo migrations: `U1.2__name.sql`, which takes back `V1.2__name.sql`.
 *
 * Source: documentation.red-gate.com/flyway (undo migrations; an underscore in a version is a dot) and flyway/flyway,
 * PostgreSQLAdvisoryLockTemplate.java and PostgreSQLDatabase.java: flyway_schema_history, and an advisory lock whose key
 * is made of the table's name. Flyway's own undo adds a row of type UNDO_SQL, which not every edition understands;
 * without the row of the version, every edition takes it for pending.
 */
import { saysSomething } from './sections.ts';
import { NoDown, type Reader } from './types.ts';

const FILE = /^U(\d[\d._]*?)__(.*)\.sql$/;

export const flyway: Reader = {
  format: 'flyway',
  recognises: ({ name }) => FILE.test(name),
  read({ name, text }) {
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} is no undo migration of Flyway.`,
        'Its name is U1.2__name.sql. With --format sql it is run without the record of Flyway.',
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    return {
      migration: { version, name: (FILE.exec(name)?.[2] ?? '').replaceAll('_', ' ') },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'Flyway',
        table: 'flyway_schema_history',
        column: 'version',
        version,
        single: false,
        applied: { columns: ['success'], sql: 'success' },
        lock: 'flyway',
      },
      remarks: [
        'Flyway will take the version for pending: its row is removed, and no row of an undo is added.',
      ],
    };
  },
  versionOf: (name) => FILE.exec(name)?.[1]?.replaceAll('_', '.') ?? null,
};
