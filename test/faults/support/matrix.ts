/** What was tried and what came of it, a row a kind. */
import type { Outcome } from './point.ts';

export interface Row {
  kind: string;
  tried: number;
  untouched: number;
  done: number;
  /** Points at which the run was gone on with, undone (perhaps after going on), left as it stood; all three rightly. */
  'gone on': number;
  undone: number;
  left: number;
  /** The program said that it did not know, and what was asked afterwards knew. */
  unknown: number;
  /** Points with anything that is wrong. */
  wrong: number;
  /** Points at which there was nothing to strike. */
  missed: number;
  seconds: number;
}

export function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const all = outcomes.filter((outcome) => outcome.kind === kind);
    const tried = all.filter(({ reached }) => reached);
    return {
      kind,
      tried: tried.length,
      untouched: tried.filter(({ whole, before }) => whole === before).length,
      done: tried.filter(({ whole, before }) => whole !== null && whole > before).length,
      unknown: tried.filter(({ unknown }) => unknown).length,
      'gone on': tried.filter(({ then }) => then?.startsWith('go on')).length,
      undone: tried.filter(({ then }) => then?.endsWith('undo')).length,
      left: tried.filter(({ then }) => then === 'leave').length,
      wrong: all.filter(({ wrong }) => wrong.length > 0).length,
      missed: all.length - tried.length,
      seconds: Math.round(all.reduce((sum, { seconds }) => sum + seconds, 0)),
    };
  });
}

const COLUMNS = [
  ...(['kind', 'tried', 'untouched', 'done', 'unknown', 'gone on', 'undone', 'left'] as const),
  ...(['wrong', 'missed', 'seconds'] as const),
];

/** The table, with a last line of sums. */
export function matrixText(outcomes: readonly Outcome[]): string {
  const rows = rowsOf(outcomes);
  const sum = (column: Exclude<keyof Row, 'kind'>): number =>
    rows.reduce((total, row) => total + row[column], 0);
  const numbers = COLUMNS.slice(1) as Exclude<keyof Row, 'kind'>[];
  const lines = [
    [...COLUMNS],
    ...rows.map((row) => COLUMNS.map((column) => String(row[column]))),
    ['all', ...numbers.map((column) => String(sum(column)))],
  ];
  const widths = COLUMNS.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}
