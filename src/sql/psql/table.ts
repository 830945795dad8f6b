/** Results as psql prints them: aligned, or expanded (`\x`). Pure; what is in a cell is made safe by whoever shows it. */
import stringWidth from 'string-width';

export interface Shown {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Below it, each at the margin. */
  footer?: readonly string[];
  /** `(2 rows)` below it. */
  counted?: boolean;
}

const oneLine = (cell: string): string => cell.replaceAll(/\r?\n/g, '↵');

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

function centred(text: string, width: number): string {
  return ' '.repeat(Math.max(0, Math.floor((width - stringWidth(text)) / 2))) + text;
}

export const rowCount = (rows: number): string => `(${rows} ${rows === 1 ? 'row' : 'rows'})`;

/** Lines without blanks at their ends. */
export function aligned({ title, columns, rows, footer = [], counted = true }: Shown): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = columns.map((name, at) =>
    Math.max(stringWidth(name), ...cells.map((row) => stringWidth(row[at] ?? ''))),
  );
  const whole = widths.reduce((sum, width) => sum + width + 3, -1);
  const line = (row: readonly string[]): string =>
    ` ${widths.map((width, at) => padded(row[at] ?? '', width)).join(' | ')}`.trimEnd();
  return [
    ...(title === '' ? [] : [centred(title, whole)]),
    ` ${widths.map((width, at) => padded(centred(columns[at] ?? '', width), width)).join(' | ')}`.trimEnd(),
    widths.map((width) => '-'.repeat(width + 2)).join('+'),
    ...cells.map(line),
    ...footer,
    ...(counted ? [rowCount(rows.length)] : []),
  ];
}

/** A line for each value. */
export function expanded({ title, columns, rows, footer = [] }: Shown): string[] {
  const width = Math.max(0, ...columns.map((name) => stringWidth(name)));
  return [
    ...(title === '' ? [] : [title]),
    ...rows.flatMap((row, at) => [
      `-[ RECORD ${at + 1} ]`,
      ...columns.map((name, of) => `${padded(name, width)} | ${oneLine(row[of] ?? '')}`.trimEnd()),
    ]),
    ...footer,
    ...(rows.length === 0 ? ['(0 rows)'] : []),
  ];
}
