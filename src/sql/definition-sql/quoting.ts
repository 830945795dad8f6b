/** Names and texts as SQL, quoted so that nothing in them can be read as SQL. */

/** Where something is, or is to be. */
export interface Named {
  schema: string;
  name: string;
}

/** A statement of ours, and what it does in one sentence. */
export interface Worded {
  sql: string;
  words: string;
}

/** Always in quotes. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteQualified({ schema, name }: Named): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** Right with `standard_conforming_strings` on and off: a text with a backslash is written as E'…' (sql-syntax-lexical). */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}
