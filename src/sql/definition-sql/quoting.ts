/** Names and texts as SQL, quoted so that nothing in them can be read as SQL. */

/** Where something is, or is to be. */
export interface Named {
  schema: string;
  name: string;
  /** Its name alone, where `name` has the schema in front of it. */
  bare?: string;
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

export function quoteQualified({ schema, name, bare }: Named): string {
  return `${quoteName(schema)}.${quoteName(bare ?? name)}`;
}

/** Right with `standard_conforming_strings` on and off: a text with a backslash is written as E'…' (sql-syntax-lexical). */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}
