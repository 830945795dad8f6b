/** What is at stake, in blocks: shared by the plan, the step and the fix-forward screens. */
import { stepName } from '../wizard/judge.ts';
import type { DataAtRisk, Failing, Invented, Unchecked } from '../sql/types.ts';
import type { Block } from '../wizard/types.ts';
import { count, gap, grouped, heading, item, table, text } from './blocks.ts';

/** An undo's findings are of the whole step: no statement of the runbook is behind them. */
const place = ({ step, index }: { step: string; index: number }): string =>
  index === 0 ? stepName(step) : `${stepName(step)}, ${index}`;

const whole = (column: string | undefined): string => column ?? '(whole rows)';

/** Rows and values that would exist nowhere any more: a table for each reason, which stands above it once. */
export function dataAtRiskBlocks(entries: DataAtRisk[]): Block[] {
  if (entries.length === 0) return [item('pass', 'No data at risk was found.')];
  const reasons = [...new Set(entries.map(({ detail }) => detail))];
  return reasons.flatMap((reason, index) => [
    ...(index > 0 ? [gap] : []),
    text(reason, 'warn'),
    table(
      ['statement', 'table', 'column', 'rows'],
      entries
        .filter(({ detail }) => detail === reason)
        .map((entry) => [place(entry), entry.table, whole(entry.column), grouped(entry.rows)]),
    ),
  ]);
}

/** Rows that would get a value nobody ever wrote. */
export function inventedBlocks(entries: Invented[]): Block[] {
  if (entries.length === 0) return [item('pass', 'No value is invented.')];
  return [
    table(
      ['statement', 'table', 'column', 'value', 'rows'],
      entries.map((entry) => [place(entry), entry.table, entry.column, entry.value, grouped(entry.rows)]),
    ),
  ];
}

/** Rows on which a statement would fail, by their keys. */
export const failingBlocks = (entries: Failing[]): Block[] =>
  entries.map((entry) =>
    item('fail', `${place(entry)}: ${entry.table}.${entry.column}, ${count(entry.rows, 'row')}`, {
      detail: entry.detail,
      lines: [
        `${entry.keyColumns}: ${entry.keys.join(', ')}${entry.rows > entry.keys.length ? `, and ${grouped(entry.rows - entry.keys.length)} more` : ''}`,
      ],
    }),
  );

/** What was not looked at, and why: never a silent gap. */
export const uncheckedBlocks = (entries: Unchecked[]): Block[] =>
  entries.length === 0
    ? []
    : [
        heading('Not checked'),
        ...entries.map((entry) => item('unknown', `${place(entry)}: ${entry.what}`, { detail: entry.why })),
      ];
