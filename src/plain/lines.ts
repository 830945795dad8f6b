/** Blocks of a screen as plain lines: no colour, no cursor movement, every state named by a word. Pure. */
import type { Block, Mark, RoadStop, Span } from '../wizard/types.ts';
import { displayWidth, pad, wrap } from './width.ts';

export const LINE_WIDTH = 100;

const MARK_WORDS: Record<Mark, string> = {
  pass: 'ok',
  warn: 'WARN',
  fail: 'FAIL',
  done: 'done',
  waiting: 'waiting',
  running: 'running',
  skipped: 'skipped',
  unknown: 'UNKNOWN',
  conflict: 'CONFLICT',
  partial: 'PARTIAL',
  none: '',
};
const MARK_WIDTH = 9;
const INDENT = '  ';

/** The word that stands for a mark, so that nothing hangs on colour or on a symbol. */
export function markWord(mark: Mark): string {
  return MARK_WORDS[mark];
}

/** The text and, in parentheses, a detail that is no sentence; null when there is none, or no room for it. */
function withDetail({ text, detail = '' }: Extract<Block, { kind: 'item' }>, room: number): string | null {
  const both = `${text} (${detail})`;
  const fits = wrap(both, room).length === wrap(text, room).length;
  return detail !== '' && !/[.!?:)]$/.test(detail) && fits ? both : null;
}

function itemLines(block: Extract<Block, { kind: 'item' }>, width: number): string[] {
  const word = markWord(block.mark);
  const indent = INDENT + (word === '' ? '- ' : pad(word, MARK_WIDTH));
  const hang = ' '.repeat(indent.length);
  const room = width - indent.length;
  const text = withDetail(block, room);
  const [first = '', ...more] = wrap(text ?? block.text, room);
  const detail = text === null && block.detail ? wrap(block.detail, room) : [];
  const below = (block.lines ?? []).flatMap((line) => wrap(line, room - 2).map((part) => `  ${part}`));
  return [indent + first, ...[...more, ...detail, ...below].map((line) => hang + line)];
}

/** Rows as records, one cell a line: for a table that does not fit. */
function records(block: Extract<Block, { kind: 'table' }>, width: number): string[] {
  const label = Math.max(0, ...block.columns.map(displayWidth)) + 2;
  return block.rows.flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...row.flatMap((cell, column) => {
      const name = `${block.columns[column] ?? ''}:`;
      const [first = '', ...more] = wrap(cell, Math.max(20, width - label - INDENT.length));
      const hang = ' '.repeat(label + INDENT.length);
      return [`${INDENT}${pad(name, label)}${first}`, ...more.map((line) => hang + line)];
    }),
  ]);
}

const GAP = '  ';

const longestWord = (text: string): number => Math.max(0, ...text.split(/\s+/).map(displayWidth));

/**
 * Column widths that fit into `room`, taken from the widest columns first; never less than a column's longest word,
 * so that names stay whole. Null when that is not enough.
 */
function fitWidths(cells: readonly string[][], count: number, room: number): number[] | null {
  const column = (at: number, measure: (text: string) => number): number =>
    Math.max(0, ...cells.map((row) => measure(row[at] ?? '')));
  const widths = Array.from({ length: count }, (_, at) => column(at, displayWidth));
  const least = Array.from({ length: count }, (_, at) => column(at, longestWord));
  for (let excess = widths.reduce((sum, one) => sum + one, 0) - room; excess > 0; excess -= 1) {
    const slack = widths.map((width, at) => (width > (least[at] ?? 0) ? width : -1));
    const widest = slack.indexOf(Math.max(...slack));
    if (slack[widest] === -1) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** One row, whose cells may need several lines. */
function rowLines(row: string[], widths: readonly number[], align: readonly ('left' | 'right')[]): string[] {
  const parts = widths.map((width, at) => wrap(row[at] ?? '', width));
  const height = Math.max(1, ...parts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const cells = widths.map((width, at) => pad(parts[at]?.[line] ?? '', width, align[at] ?? 'left'));
    return (INDENT + cells.join(GAP)).trimEnd();
  });
}

function tableLines(block: Extract<Block, { kind: 'table' }>, width: number): string[] {
  const cells = [block.columns, ...block.rows];
  const count = block.columns.length;
  const widths = fitWidths(cells, count, width - INDENT.length - GAP.length * (count - 1));
  if (widths === null) return records(block, width);
  const rule = INDENT + widths.map((size) => '-'.repeat(size)).join(GAP);
  return [
    ...rowLines(block.columns, widths, block.align),
    rule,
    ...block.rows.flatMap((row) => rowLines(row, widths, block.align)),
  ];
}

/** SQL as written, with a caret under the character that the server pointed at. */
function sqlLines(sql: string, caret: number | undefined): string[] {
  const out: string[] = [];
  let start = 0;
  for (const line of sql.split('\n')) {
    out.push(INDENT + INDENT + line);
    const column = caret === undefined ? -1 : caret - 1 - start;
    // The offset counts characters; it may point right behind the last one of the text.
    if (column >= 0 && column <= line.length) {
      out.push(`${INDENT}${INDENT}${' '.repeat(displayWidth(line.slice(0, column)))}^`);
    }
    start += line.length + 1;
  }
  return out;
}

/** Prose is wrapped; what is all code stays as it is, set in like the SQL it belongs to. */
function textLines(spans: readonly Span[], width: number): string[] {
  const text = spans.map((span) => span.text).join('');
  const code = spans.length > 0 && spans.every(({ tone }) => tone === 'code');
  return code ? text.split('\n').map((line) => INDENT + INDENT + line) : wrap(text, width);
}

/** One block as lines of at most `width` columns (SQL and log lines stay as they are). */
export function blockLines(block: Block, width: number = LINE_WIDTH): string[] {
  switch (block.kind) {
    case 'heading':
      return ['', block.text];
    case 'text':
      return textLines(block.spans, width);
    case 'item':
      return itemLines(block, width);
    case 'table':
      return tableLines(block, width);
    case 'sql':
      return sqlLines(block.sql, block.caret);
    case 'log':
      return block.lines.map((line) => `${INDENT}| ${line}`);
    case 'gap':
      return [''];
  }
}

/** The line that opens a screen: its title, and how far along the road it is. */
export function titleLines(title: string, road: readonly RoadStop[]): string[] {
  const here = road.findIndex((stop) => stop.here);
  const place = here < 0 ? '' : ` (${here + 1} of ${road.length})`;
  const text = `${title}${place}`;
  return ['', text, '='.repeat(displayWidth(text))];
}
