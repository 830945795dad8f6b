/** Pieces of SQL and of sentences. */

/** A string constant. Backslashes are kept as they are (standard_conforming_strings is on since 9.1). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An identifier, always quoted: no reserved word and no capital can change its meaning. */
export function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** All of these, in SQL. */
export function all(conditions: readonly (string | null)[]): string {
  const given = conditions.filter(
    (condition): condition is string => condition !== null && condition !== 'true',
  );
  return given.length === 0 ? 'true' : given.map((condition) => `(${condition})`).join(' AND ');
}

/** None of these is true, in SQL. */
export function noneOf(conditions: readonly string[]): string {
  return all(conditions.map((condition) => `(${condition}) IS NOT TRUE`));
}

/** Text from a server or a file on one line, with controls and format characters made visible. */
export function visible(text: string, cap = 300): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return line.length > cap ? `${line.slice(0, cap - 1)}…` : line;
}

/** "1 row", "12 rows". */
export function rowsOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
