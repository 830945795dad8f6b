/** A rehearsal in words: what it is at, what came of it. Pure. */
import { FORM_WORDS } from '../journal/words.ts';
import { bytes } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Needed, Rehearsal, RehearsalNews, RehearsedStep, RehearsedUndo, Way } from './types.ts';

/** "0.04 s", "12 s", "6 min". */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export const WAY_WORDS: Readonly<Record<Way, string>> = {
  schema: 'a copy in a scratch schema of this database, in one transaction that is rolled back',
  database: 'a copy in a scratch database of this server, made by pg_dump, dropped in the end',
  embedded: 'a copy in an embedded PostgreSQL of this machine',
};

export function neededWords({ bytes: size, wal, free, share }: Needed): string {
  const rows =
    share < 1 ? `a sample of ${Number((share * 100).toPrecision(2))} % of large tables` : 'all rows';
  const room = free === null ? 'how much is free cannot be seen from here' : `${bytes(free)} are free`;
  return `${rows}; about ${bytes(size)} of disk and up to ${bytes(wal)} of write-ahead log; ${room}`;
}

/** What is said while it works; null for what is not. */
export function newsLine(news: RehearsalNews): string | null {
  switch (news.type) {
    case 'way':
      return `Rehearsal: ${WAY_WORDS[news.way]}; ${neededWords(news.needed)}.`;
    case 'copied': {
      const { table, rows, seconds } = news.table;
      return `Copied ${toLine(table, 100)}: ${rows.toLocaleString('en-US')} rows${seconds === null ? '' : ` in ${secondsText(seconds)}`}.`;
    }
    case 'step':
      return `${toLine(news.step)}: ${toLine(news.title, 100)}; form: ${FORM_WORDS[news.form]}.`;
    case 'step-over':
      return `${toLine(news.step.id)}: ${OUTCOMES[news.step.outcome]}, ${secondsText(news.step.seconds)}.`;
    case 'verifying':
      return 'Verifying the copy.';
    case 'undoing':
      return 'Undoing all steps on the copy.';
    case 'dropped':
      return `Dropped what a rehearsal that was broken off left behind: ${news.names.map((name) => toLine(name, 100)).join(', ')}.`;
    case 'left':
      return leftWords(news.name);
    default:
      return null;
  }
}

export const leftWords = (name: string): string =>
  `The scratch database ${toLine(name, 100)} could not be dropped. The next rehearsal drops it.`;

export const OUTCOMES: Readonly<Record<RehearsedStep['outcome'], string>> = {
  ok: 'ok',
  failed: 'failed',
  refused: 'cannot be carried out',
  'not-reached': 'not reached',
  'nothing-to-do': 'nothing to do',
};

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
  return [first, outcome === 'stopped' ? '' : stopped].filter(Boolean).join(' ');
}

export const UNDO_WORDS: Readonly<Record<RehearsedUndo['outcome'], string>> = {
  same: 'Every step was undone, and everything is as it was before',
  different: 'Every step was undone, but not everything is as it was before',
  failed: 'The undo fails',
  refused: 'Not every step can be undone',
  'not-rehearsed': 'The undo was not rehearsed',
};

/** For the journal: what it came to, then a line for the way, each step, the verification and the undo. */
export function summaryWords(rehearsal: Rehearsal): string[] {
  const { way, steps, verification, undo } = rehearsal;
  const wrong = verification?.checks.filter(({ ok }) => !ok) ?? [];
  return [
    outcomeWords(rehearsal),
    ...(way === null ? [] : [`Way: ${WAY_WORDS[way]}.`]),
    ...steps.map(
      ({ id, outcome, seconds, error }) =>
        `${id}: ${OUTCOMES[outcome]}${seconds > 0 ? `, ${secondsText(seconds)} on the copy` : ''}.${error ? ` ${error.message}` : ''}`,
    ),
    ...(verification
      ? [`Verification: ${wrong.length} of ${verification.checks.length} checks failed.`]
      : []),
    ...(rehearsal.left === null ? [] : [leftWords(rehearsal.left)]),
    ...(undo
      ? [`${UNDO_WORDS[undo.outcome]}${undo.step === null ? '' : ` at ${undo.step}`}.`, ...undo.words]
      : []),
  ].map((line) => toLine(line, 1000));
}
