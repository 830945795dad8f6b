/**
 * `COPY t FROM stdin;` with its rows below it up to `\.`, as pg_dump writes it, made an INSERT of the same values: what is
 * shown, confirmed and counted is then what is sent, on any connection, PGlite's too. A literal without a type goes
 * through the column's own input function as COPY's text does, columns left out get their defaults in both, and
 * OVERRIDING SYSTEM VALUE writes identity columns as COPY does. Rules of the table, which COPY leaves out, are not: a
 * step that writes to a table with rules says so. Lines stay where they are.
 */
import { carry, type Quote } from '../psql/quotes.ts';
import { MOST_CHARACTERS, MOST_ROWS, rowOf, type TextOptions } from './text.ts';

interface Copy {
  /** Lines, from 0: of COPY, the first row, and `\.`. */
  from: number;
  rows: number;
  end: number;
}

const BEGINS = /^\s*COPY\b/i;
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const STATEMENT = new RegExp(
  String.raw`^\s*COPY\s+(${NAME}(?:\s*\.\s*${NAME})?)\s*(\(\s*${NAME}(?:\s*,\s*${NAME})*\s*\))?\s+FROM\s+STDIN\b\s*(.*?)\s*;\s*$`,
  'is',
);

/** COPY … FROM stdin with a line `\.` below it. */
function copiesIn(lines: readonly string[]): Copy[] {
  const found: Copy[] = [];
  let quote: Quote | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const copy: Copy | null = quote === null && BEGINS.test(lines[at] ?? '') ? copyAt(lines, at) : null;
    if (copy) {
      found.push(copy);
      at = copy.end;
    } else quote = carry(lines[at] ?? '', quote).quote;
  }
  return found;
}

function copyAt(lines: readonly string[], from: number): Copy | null {
  const last = lines.findIndex((line, at) => at >= from && /;\s*$/.test(line));
  if (last < 0) return null;
  const statement = lines.slice(from, last + 1).join('\n');
  if (!/\bFROM\s+STDIN\b/i.test(statement)) return null;
  const end = lines.findIndex((line, at) => at > last && /^\\\.\s*$/.test(line));
  return end < 0 ? null : { from, rows: last + 1, end };
}

const TEXT: TextOptions = { delimiter: '\t', none: '\\N' };

/** Those of the text format; null for others. */
function optionsOf(text: string): TextOptions | null {
  if (text === '') return TEXT;
  const inner = /^(?:WITH\s*)?\((.*)\)$/is.exec(text)?.[1];
  if (inner === undefined) return null;
  let options = TEXT;
  for (const part of inner.split(/,(?=(?:[^']*'[^']*')*[^']*$)/)) {
    const [, key = '', value = ''] = /^\s*(\w+)\s+(?:E?'((?:[^'\\]|'')*)'|\w+)\s*$/.exec(part) ?? [];
    if (/^\s*FORMAT\s+'?text'?\s*$/i.test(part)) continue;
    if (/^delimiter$/i.test(key) && value.length === 1) options = { ...options, delimiter: value };
    else if (/^null$/i.test(key)) options = { ...options, none: value.replaceAll("''", "'") };
    else return null;
  }
  return options;
}

/** On one line, whatever the value holds, and the same whatever `standard_conforming_strings` is. */
function literal(value: string | null): string {
  if (value === null) return 'NULL';
  const quoted = value.replaceAll("'", "''");
  if (!/[\\\n\r]/.test(value)) return `'${quoted}'`;
  return `E'${quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** Begins every INSERT that was a COPY. */
export const MARK = 'INSERT /* COPY ';

/** The lines in the place of those of a COPY; null where its rows cannot be written so. */
function inserted(lines: readonly string[], { from, rows, end }: Copy): string[] | null {
  const statement = lines.slice(from, rows).join('\n');
  const [, table = '', columns = '', rest = ''] = STATEMENT.exec(statement) ?? [];
  const options = table === '' || statement.includes('*/') ? null : optionsOf(rest);
  if (options === null || end - rows > MOST_ROWS) return null;
  const values = lines.slice(rows, end).map((line) => rowOf(line, options));
  if (values.some((row) => row === null)) return null;
  const empty = Array.from({ length: rows - from - 1 }, () => '');
  const named = `${table}${columns === '' ? '' : ` ${columns.replace(/\s+/g, ' ')}`}`;
  if (values.length === 0)
    return [`-- COPY ${named.replaceAll('\n', ' ')} FROM stdin: no rows`, ...empty, ''];
  const tuples = values.map((row) => `(${(row ?? []).map(literal).join(', ')})`);
  if (tuples.reduce((sum, { length }) => sum + length, 0) > MOST_CHARACTERS) return null;
  return [
    `${MARK}${named} FROM stdin */ INTO ${named} OVERRIDING SYSTEM VALUE VALUES`,
    ...empty,
    ...tuples.map((tuple, at) => (at === tuples.length - 1 ? tuple : `${tuple},`)),
    ';',
  ];
}

/**
 * The text with each such COPY as an INSERT. Where that cannot be, the COPY stays without its rows, which are no SQL: it
 * is not understood then.
 */
export function withCopiesInserted(text: string): string {
  if (!/^\s*COPY\b/im.test(text)) return text;
  const lines = text.split('\n');
  for (const copy of copiesIn(lines)) {
    const instead = inserted(lines, copy) ?? [
      ...lines.slice(copy.from, copy.rows),
      ...Array.from({ length: copy.end - copy.rows + 1 }, () => ''),
    ];
    lines.splice(copy.from, copy.end - copy.from + 1, ...instead);
  }
  return lines.join('\n');
}

/** The text with blanks in the place of rows below a COPY, which are no SQL: of the same length. */
export function withoutCopiedRows(text: string): string {
  if (!/^\s*COPY\b/im.test(text)) return text;
  const lines = text.split('\n');
  for (const { rows, end } of copiesIn(lines))
    for (let at = rows; at <= end; at += 1) lines[at] = ' '.repeat((lines[at] ?? '').length);
  return lines.join('\n');
}
