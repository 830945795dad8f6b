/** Lines of text with a tone to each stretch, measured and broken in terminal columns. */
import stringWidth from 'string-width';
import type { Span, Tone } from '../wizard/types.ts';

/** The wizard's tones, and those only the UI uses. */
export type UiTone =
  Tone | 'keyword' | 'string' | 'number' | 'comment' | 'key' | 'title' | 'practice' | 'production' | 'caret';

export interface UiSpan {
  text: string;
  tone: UiTone;
}

/** One row of the screen, without its newline. */
export interface Line {
  spans: UiSpan[];
  /** A row the eye should be on: a window that nobody scrolled keeps the first of the strongest in view. */
  anchor?: 'weak' | 'strong';
}

interface Cell {
  text: string;
  width: number;
  tone: UiTone;
}

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Graphemes of a text: what a reader takes for one character. */
export function splitGraphemes(text: string): string[] {
  return PRINTABLE_ASCII.test(text)
    ? Array.from(text)
    : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

export function lineWidth(line: Line): number {
  return line.spans.reduce((sum, span) => sum + widthOf(span.text), 0);
}

export function span(text: string, tone: UiTone = 'plain'): UiSpan {
  return { text, tone };
}

export function line(...spans: UiSpan[]): Line {
  return { spans };
}

/** The first `width` columns of a text, the last of them `…` when something was cut. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let out = '';
  let used = 0;
  for (const grapheme of splitGraphemes(text)) {
    used += widthOf(grapheme);
    if (used > width - 1) break;
    out += grapheme;
  }
  return `${out}…`;
}

/** The line cut to `width` columns, `…` where it was cut. */
export function truncateLine(source: Line, width: number): Line {
  if (lineWidth(source) <= width) return source;
  const spans: UiSpan[] = [];
  let left = width;
  for (const { text, tone } of source.spans) {
    const columns = widthOf(text);
    // Something follows or this one is too long: one column stays for the sign.
    const room = columns >= left ? left : columns;
    spans.push({ text: columns < left ? text : truncate(`${text} `, room), tone });
    left -= room;
    if (left <= 0) break;
  }
  return { ...source, spans };
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + gap : gap + text;
}

function cellsOf(spans: readonly (Span | UiSpan)[]): Cell[] {
  return spans.flatMap(({ text, tone }) =>
    splitGraphemes(text).map((grapheme) => ({ text: grapheme, width: widthOf(grapheme), tone })),
  );
}

function join(cells: readonly Cell[]): Line {
  const spans: UiSpan[] = [];
  for (const { text, tone } of cells) {
    const last = spans.at(-1);
    if (last?.tone === tone) last.text += text;
    else spans.push({ text, tone });
  }
  return { spans };
}

const columnsOf = (cells: readonly Cell[]): number => cells.reduce((sum, cell) => sum + cell.width, 0);

/** Where to break a row that is too long: after its last space, or where it is full when it has none. */
function breakAt(cells: readonly Cell[], width: number): number {
  let used = 0;
  let lastSpace = 0;
  for (const [index, cell] of cells.entries()) {
    used += cell.width;
    if (used > width) {
      if (cell.text === ' ') return index;
      return lastSpace > 0 ? lastSpace : Math.max(1, index);
    }
    if (cell.text === ' ' && cells.slice(0, index).some(({ text }) => text !== ' ')) lastSpace = index + 1;
  }
  return cells.length;
}

function trimEnd(cells: readonly Cell[]): Cell[] {
  let end = cells.length;
  while (end > 0 && cells[end - 1]?.text === ' ') end -= 1;
  return cells.slice(0, end);
}

function wrapRow(cells: readonly Cell[], width: number, indent: number): Line[] {
  const lines: Line[] = [];
  let rest = [...cells];
  for (;;) {
    const room = Math.max(1, lines.length === 0 ? width : width - indent);
    const isLast = columnsOf(rest) <= room;
    const at = isLast ? rest.length : breakAt(rest, room);
    const row = join(isLast ? rest : trimEnd(rest.slice(0, at)));
    if (lines.length > 0 && indent > 0) row.spans.unshift(span(' '.repeat(indent)));
    lines.push(row);
    if (isLast) return lines;
    rest = rest.slice(at);
    while (rest[0]?.text === ' ') rest = rest.slice(1);
    if (rest.length === 0) return lines;
  }
}

/**
 * The spans as rows of at most `width` columns, broken at spaces where there are any; newlines break too.
 * @param indent columns by which the continuation rows are set in
 */
export function wrap(spans: readonly (Span | UiSpan)[], width: number, indent = 0): Line[] {
  const rows: Cell[][] = [[]];
  for (const cell of cellsOf(spans)) {
    if (cell.text === '\n' || cell.text === '\r\n') rows.push([]);
    else rows.at(-1)?.push(cell);
  }
  const hang = indent < width / 2 ? indent : 0;
  return rows.flatMap((row) => wrapRow(row, Math.max(1, width), hang));
}
