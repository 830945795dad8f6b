/** A rehearsal's result as blocks. Pure. */
import type { Rehearsal, RehearsedStep, RehearsedUndo } from '../rehearse/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Block, Mark } from '../wizard/types.ts';

/** "0.04 s", "12 s", "6 min". */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

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

const OUTCOMES: Readonly<Record<RehearsedStep['outcome'], string>> = {
  ok: 'ok',
  failed: 'failed',
  refused: 'cannot be carried out',
  'not-reached': 'not reached',
  'nothing-to-do': 'nothing to do',
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

const OUTCOME_WORDS: Readonly<Record<Rehearsal['outcome'], string>> = {
  ok: 'Rehearsed: every step ran on the copy, and the verification holds.',
  'sql-failed': 'A step fails on the copy. On the database it would fail likewise, and be rolled back.',
  'verification-failed': 'Every step ran on the copy, but the verification does not hold there.',
  'undo-failed':
    'Every step ran on the copy, and the verification holds. Undone there, not everything is as it was before.',
  limit: 'Not rehearsed to the end: a limit was reached.',
  stopped: 'Not rehearsed to the end: it was stopped.',
  refused: 'Not rehearsed.',
};

export function outcomeWords({ outcome, steps, stopped }: Rehearsal): string {
  const first = outcome === 'ok' && steps.length === 0 ? '' : OUTCOME_WORDS[outcome];
  return [first, stopped].filter(Boolean).join(' ');
}

const UNDO: Readonly<Record<RehearsedUndo['outcome'], [Mark, string]>> = {
  same: ['pass', 'Every step was undone, and everything is as it was before'],
  different: ['fail', 'Every step was undone, but not everything is as it was before'],
  failed: ['fail', 'The undo fails'],
  refused: ['warn', 'Not every step can be undone'],
  'not-rehearsed': ['unknown', 'The undo was not rehearsed'],
};

function undoBlocks({ undo }: Rehearsal): Block[] {
  if (!undo) return [];
  const [mark, words] = UNDO[undo.outcome];
  const at = undo.step === null ? '' : ` at ${undo.step}`;
  const time = undo.seconds > 0 ? `${secondsText(undo.seconds)} on the copy.` : '';
  const said = undo.error ? [undo.error.explanation, `The server said: ${undo.error.message}`] : [];
  return [heading('Undo on the copy'), item(mark, `${words}${at}.`, time, [...undo.words, ...said])];
}

export function resultBlocks(rehearsal: Rehearsal): Block[] {
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
    heading('Result'),
    text(outcomeWords(rehearsal)),
    ...(steps.length === 0 ? [] : [text('Nothing of it is left in the database.')]),
  ];
}
