/** Building blocks of screens. Everything that becomes a block is made safe for display here, whatever its source. */
import type { ExplainedError } from '../postgres/types.ts';
import type { CodeBlock, Runbook } from '../runbook/types.ts';
import { toDisplay, toLine } from '../terminal/sanitize.ts';
import type { Block, Mark, Option, Question, Span, Tone } from '../wizard/types.ts';

/** A statement or a code block is shown whole: what is confirmed has to be in view. */
const WHOLE = 1_000_000;
const LINE = 2_000;

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text: toLine(text, LINE), tone });

export const text = (words: string, tone: Tone = 'plain'): Block => ({
  kind: 'text',
  spans: [span(words, tone)],
});

export const spans = (...parts: Span[]): Block => ({ kind: 'text', spans: parts });

export const heading = (words: string): Block => ({ kind: 'heading', text: toLine(words, LINE) });

export const gap: Block = { kind: 'gap' };

/** Prose of the runbook: a block for each of its lines. */
export const prose = (words: string, tone: Tone = 'plain'): Block[] =>
  words
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => text(line, tone));

export function item(
  mark: Mark,
  words: string,
  more: { detail?: string; lines?: string[]; focused?: boolean } = {},
): Block {
  return {
    kind: 'item',
    mark,
    text: toLine(words, LINE),
    ...(more.detail === undefined || more.detail === '' ? {} : { detail: toLine(more.detail, LINE) }),
    ...(more.lines === undefined || more.lines.length === 0
      ? {}
      : { lines: more.lines.map((line) => toLine(line, LINE)) }),
    ...(more.focused === undefined ? {} : { focused: more.focused }),
  };
}

/** A table; a column whose every cell is a number stands to the right. */
export function table(columns: string[], rows: string[][]): Block {
  const numeric = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => /^[\d,.]+( s)?$/.test(row[column] ?? ''));
  return {
    kind: 'table',
    columns,
    rows: rows.map((row) => row.map((cell) => toLine(cell, LINE))),
    align: columns.map((_, column) => (numeric(column) ? 'right' : 'left')),
  };
}

/**
 * SQL, or other code, whole.
 * @param position 1-based offset in code points, as PostgreSQL counts, of what the server points at
 */
export function sql(statement: string, position?: number): Extract<Block, { kind: 'sql' }> {
  const shown = toDisplay(statement, WHOLE);
  if (position === undefined) return { kind: 'sql', sql: shown };
  const before = [...statement].slice(0, Math.max(0, position - 1)).join('');
  return { kind: 'sql', sql: shown, caret: [...toDisplay(before, WHOLE)].length + 1 };
}

/** What a program printed, whole and as it stands. */
export const printed = (lines: readonly string[]): Block => ({ ...sql(lines.join('\n')), quiet: true });

/** Lines of output, the last ones: what came before is in the journal. */
export const log = (lines: string[], last = 100): Block => ({
  kind: 'log',
  lines: lines.slice(-last).map((line) => toLine(line, LINE)),
});

/** A question's words are shown too. */
export const safe = (words: string): string => toLine(words, LINE);

export const option = (value: string, key: string, label: string, detail?: string): Option => ({
  value,
  key,
  label: safe(label),
  ...(detail === undefined ? {} : { detail: safe(detail) }),
});

export const wait = (id: string, prompt: string, since: number | null = null): Question => ({
  kind: 'wait',
  id,
  prompt: safe(prompt),
  since,
});

/** A run without an operator goes on: nothing is decided by it. */
export const goOn = (id: string, prompt: string): Question => ({
  kind: 'continue',
  id,
  prompt: safe(prompt),
  unattended: 'next',
});

/** "1 row", "12,400 rows". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** "12,400". */
export const grouped = (number: number): string => String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** "512 bytes", "1.2 MB", in powers of 1024 as pg_size_pretty counts. */
export function bytes(number: number): string {
  let size = number;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Seconds for people: "0.004 s", "3.2 s", "2 min 05 s". */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${seconds.toFixed(3)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Code below its text. The words right above a block are in that text: said again where they tell blocks apart. */
export function codeBlocks(blocks: CodeBlock[]): Block[] {
  return blocks.flatMap((block) => [
    ...(blocks.length > 1 ? prose(block.lead) : []),
    sql(block.text.replace(/\n$/, '')),
  ]);
}

/** A failure, the most important last: what the server said, where, the runbook on it, what it means, what to do. */
export function errorBlocks(error: ExplainedError, runbook: Runbook): Block[] {
  const state = error.sqlstate === undefined ? '' : `SQLSTATE ${error.sqlstate}: `;
  return [
    text(`${state}${error.message}`, 'bad'),
    ...labelled('Detail', error.detail),
    ...labelled('Hint', error.hint),
    ...(error.statement === undefined ? [] : [sql(error.statement, error.position)]),
    ...troubleshooting(error, runbook),
    gap,
    ...prose(error.explanation),
    ...prose(error.advice, 'strong'),
  ];
}

const labelled = (label: string, words: string | undefined): Block[] =>
  words === undefined || words === '' ? [] : [spans(span(`${label}: `, 'quiet'), span(words))];

/** The runbook's own entry on such a failure: its words and code, to read; nothing of it is run. */
function troubleshooting(error: ExplainedError, runbook: Runbook): Block[] {
  const entry = runbook.troubleshooting.find((candidate) => candidate.title === error.troubleshooting);
  if (!entry) return [];
  return [
    gap,
    heading(`The runbook's troubleshooting: ${entry.title}`),
    ...labelled('Cause', entry.cause),
    ...labelled('Solution', entry.solution),
    ...codeBlocks(entry.blocks),
  ];
}
