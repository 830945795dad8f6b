/** COPY's text format (manual, sql-copy, Text Format): a row a line, values between delimiters, `\N` for NULL. Pure. */

/** More are no longer something that an operator looks through before confirming. */
export const MOST_ROWS = 2000;

/** Nor is a longer INSERT: a screen shows a million characters of a statement, and what is sent has to be seen whole. */
export const MOST_CHARACTERS = 500_000;

export interface TextOptions {
  delimiter: string;
  /** What stands for NULL. */
  none: string;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A value, or null where the escapes in it give no UTF-8, or a zero byte, which no text may hold. */
function valueOf(field: string): string | null {
  if (!field.includes('\\')) return field;
  const bytes: Buffer[] = [];
  const escape = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|([\s\S]))|[^\\]+|\\$/g;
  for (const [whole, octal, hex, char] of field.matchAll(escape)) {
    if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8) & 0xff]));
    else if (hex !== undefined) bytes.push(Buffer.from([Number.parseInt(hex, 16)]));
    else if (char !== undefined) bytes.push(Buffer.from(ESCAPES[char] ?? char));
    else bytes.push(Buffer.from(whole));
  }
  const all = Buffer.concat(bytes);
  if (all.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(all);
  } catch {
    return null;
  }
}

/** Fields as they stand there: a delimiter after a backslash is part of the value. */
function fieldsOf(line: string, delimiter: string): string[] {
  const fields = [''];
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (char === delimiter) fields.push('');
    else if (char === '\\') {
      fields[fields.length - 1] += char + (line[at + 1] ?? '');
      at += 1;
    } else fields[fields.length - 1] += char;
  }
  return fields;
}

/** The values of a line, null for NULL; null where the line is none that can be read by itself. */
export function rowOf(line: string, { delimiter, none }: TextOptions): (string | null)[] | null {
  // A line break after a backslash belongs to the value.
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) return null;
  const values: (string | null)[] = [];
  for (const field of fieldsOf(line, delimiter)) {
    const value = field === none ? null : valueOf(field);
    if (value === null && field !== none) return null;
    values.push(value);
  }
  return values;
}
