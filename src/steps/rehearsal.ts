/** A rehearsal's result as blocks. Pure. */
import type { Rehearsal, RehearsedStep, RehearsedUndo } from '../rehearse/types.ts';
import { leftWords, OUTCOMES, outcomeWords, secondsText, UNDO_WORDS } from '../rehearse/words.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Block, Mark } from '../wizard/types.ts';

const heading = (text: string): Block => ({ kind: 'heading', text });
const text = (words: string): Block => ({ kind: 'text', spans: [{ text: words, tone: 'plain' }] });
const item = (mark: Mark, words: string, detail = '', lines: string[] = []): Block => ({
  kind: 'item',
  mark,
  text: toLine(words, 300),
  ...(detail === '' ? {} : { detail: toLine(detail, 1000) }),
  ...(lines.length === 0 ? {} : { lines: lines.map((line) => toLine(line, 1000)) }),
});

const counted = (count: number, word: string): string =>
  `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;

const MARKS: Readonly<Record<RehearsedStep['outcome'], Mark>> = {
  ok: 'pass',
  failed: 'fail',
  refused: 'fail',
  'not-reached': 'skipped',
  'nothing-to-do': 'done',
};

function estimateWords({ estimate, seconds }: RehearsedStep): string {
  if (!estimate) return seconds > 0 ? `${secondsText(seconds)} on the copy.` : '';
  const { low, high, basis } = estimate;
  const span = low === high ? secondsText(low) : `${secondsText(low)} to ${secondsText(high)}`;
  return `${low === high ? '' : `${secondsText(seconds)} on the copy; on the database `}${span}; basis: ${basis}.`;
}

function stepBlock(step: RehearsedStep): Block {
  const { error } = step;
  const said = error
    ? [
        error.explanation,
        `The server said: ${error.message}${error.sqlstate ? ` (SQLSTATE ${error.sqlstate})` : ''}`,
        error.detail && `Detail: ${error.detail}`,
        error.statement && `Statement: ${error.statement.replace(/\s+/g, ' ').slice(0, 120)}`,
        error.advice,
      ].filter((line): line is string => Boolean(line))
    : [];
  const failing = step.failing.map(
    ({ table, column, rows, keyColumns, keys, detail }) =>
      `${table}.${column}: ${counted(rows, 'row')} fail. ${detail} ${keyColumns} = ${keys.join(', ')}${rows > keys.length ? ', …' : ''}`,
  );
  const locks = step.locks.map(
    ({ table, level, seconds }) => `${level} on ${table} for ${secondsText(seconds)}`,
  );
  const kept =
    step.archivedRows > 0
      ? [`Archive: ${counted(step.archivedRows, 'row')}, ${step.archiveBytes} bytes.`]
      : [];
  return item(
    MARKS[step.outcome],
    `${step.title} [${step.id}]: ${OUTCOMES[step.outcome]}`,
    estimateWords(step),
    [...step.words, ...said, ...failing, ...locks, ...kept],
  );
}

const UNDO_MARKS: Readonly<Record<RehearsedUndo['outcome'], Mark>> = {
  same: 'pass',
  different: 'fail',
  failed: 'fail',
  refused: 'warn',
  'not-rehearsed': 'unknown',
};

function undoBlocks({ undo }: Rehearsal): Block[] {
  if (!undo) return [];
  const at = undo.step === null ? '' : ` at ${undo.step}`;
  const time = undo.seconds > 0 ? `${secondsText(undo.seconds)} on the copy.` : '';
  const said = undo.error ? [undo.error.explanation, `The server said: ${undo.error.message}`] : [];
  return [
    heading('Undo on the copy'),
    item(UNDO_MARKS[undo.outcome], `${UNDO_WORDS[undo.outcome]}${at}.`, time, [...undo.words, ...said]),
  ];
}

/** What was found, the most telling first: without the sentence that it comes to. */
export function findingBlocks(rehearsal: Rehearsal): Block[] {
  const { verification, steps, tables, notRehearsed, refused } = rehearsal;
  const wrong = verification?.checks.filter(({ ok }) => !ok) ?? [];
  return [
    ...(tables.length === 0 ? [] : [heading('Copied')]),
    ...tables.map(({ table, rows, share, seconds }) =>
      item(
        'none',
        `${table}: ${counted(rows, 'row')}${share < 1 ? `, a sample of ${Number((share * 100).toPrecision(2))} %` : ''}${seconds === null ? '' : `, ${secondsText(seconds)}`}`,
      ),
    ),
    ...(steps.length === 0 ? [] : [heading('Steps')]),
    ...steps.map(stepBlock),
    ...(verification
      ? [
          heading('Verification of the copy'),
          verification.ok
            ? item('pass', `All ${counted(verification.checks.length, 'check')} hold.`)
            : item('fail', `${wrong.length} of ${counted(verification.checks.length, 'check')} failed.`),
          ...wrong.map(({ title, expected, found }) =>
            item('fail', title, `expected ${expected}, found ${found}`),
          ),
        ]
      : []),
    ...undoBlocks(rehearsal),
    ...refused.map(({ way, reasons }) => item('fail', `Way ${way} is not open`, '', reasons)),
    ...(notRehearsed.length === 0 || steps.length === 0
      ? []
      : [heading('Not rehearsed'), ...notRehearsed.map((line) => item('unknown', line))]),
  ];
}

export const resultBlocks = (rehearsal: Rehearsal): Block[] => [
  ...findingBlocks(rehearsal),
  heading('Result'),
  text(outcomeWords(rehearsal)),
  ...leftBlocks(rehearsal),
];

export const leftBlocks = ({ steps, left }: Rehearsal): Block[] => {
  if (left !== null) return [item('warn', leftWords(left))];
  return steps.length === 0 ? [] : [text('Nothing of it is left in the database.')];
};
