/** A table that fits: as it is, else with its widest columns broken into rows, else one value a line. */
import { line, pad, span, truncate, widthOf, wrap, type Line } from './spans.ts';

export interface TableBlock {
  columns: string[];
  rows: string[][];
  align: ('left' | 'right')[];
}

const GAP = '  ';
/** Below this a column of words is a column of syllables: one value a line reads better. */
const NARROWEST = 10;

function naturalWidths({ columns, rows }: TableBlock): number[] {
  return columns.map((title, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
}

/** The longest word of each column: narrower, and a name would be broken. */
function wordWidths({ columns, rows }: TableBlock): number[] {
  const longest = (text: string): number => Math.max(0, ...text.split(' ').map(widthOf));
  return columns.map((title, index) =>
    Math.max(longest(title), ...rows.map((row) => longest(row[index] ?? ''))),
  );
}

/**
 * Takes columns from the widest until the table fits: first from those that can be broken between words, then from
 * any. Null when that leaves too little.
 */
function fit(natural: readonly number[], words: readonly number[], width: number): number[] | null {
  const room = width - GAP.length * (natural.length - 1);
  const widths = [...natural];
  let over = widths.reduce((sum, columns) => sum + columns, 0) - room;
  while (over > 0) {
    const loose = widths.map((columns, index) => (columns > (words[index] ?? 0) ? columns : 0));
    const from = Math.max(...loose) > NARROWEST ? loose : widths;
    const widest = Math.max(...from);
    if (widest <= NARROWEST) return null;
    widths[from.indexOf(widest)] = widest - 1;
    over -= 1;
  }
  return widths;
}

function rowLines(
  row: readonly string[],
  widths: readonly number[],
  table: TableBlock,
  strong: boolean,
): Line[] {
  const cells = widths.map((width, index) => wrap([span(row[index] ?? '')], width).map(textOf));
  const height = Math.max(1, ...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) => {
    const parts = widths.map((width, index) => pad(cells[index]?.[at] ?? '', width, table.align[index]));
    return line(span(parts.join(GAP).trimEnd(), strong ? 'strong' : 'plain'));
  });
}

function textOf(source: Line): string {
  return source.spans.map(({ text }) => text).join('');
}

/** As psql's expanded display: a record after the other, each value behind its column's name. */
function expanded(table: TableBlock, width: number): Line[] {
  const title = Math.min(Math.max(...table.columns.map(widthOf)), Math.floor(width / 2));
  return table.rows.flatMap((row, number) => [
    ...(number > 0 ? [line()] : []),
    ...table.columns.flatMap((column, index) => {
      const value = wrap([span(row[index] ?? '')], Math.max(1, width - title - GAP.length));
      return value.map((part, at) =>
        line(span(pad(at === 0 ? truncate(column, title) : '', title) + GAP, 'strong'), ...part.spans),
      );
    }),
  ]);
}

/** The table as lines of at most `width` columns; nothing of any cell is left out. */
export function tableLines(table: TableBlock, width: number): Line[] {
  const widths = fit(naturalWidths(table), wordWidths(table), width);
  if (widths === null) return expanded(table, width);
  const rule = line(span(widths.map((columns) => '─'.repeat(columns)).join(GAP), 'quiet'));
  return [
    ...rowLines(table.columns, widths, table, true),
    rule,
    ...table.rows.flatMap((row) => rowLines(row, widths, table, false)),
  ];
}
