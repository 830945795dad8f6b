/** A file of SQL and nothing else: no tool is known to keep a record of it. */
import { saysSomething } from './sections.ts';
import { NoDown, type Reader } from './types.ts';

export const plainSql: Reader = {
  format: 'sql',
  recognises: () => false,
  read({ name, text }) {
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Name a file with SQL in it.');
    const version = /^(?:V|U)?(\d[\d._]*?)(?:_+|\.|-)([A-Za-z][\w-]*)/.exec(name);
    return {
      migration: version?.[1] ? { version: version[1], name: version[2] ?? '' } : null,
      parts: [{ sql: text, line: 1 }],
      bookkeeping: null,
      remarks: ['No record of any migration tool is changed.'],
    };
  },
  versionOf: () => null,
};
