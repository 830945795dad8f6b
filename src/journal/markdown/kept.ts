/** The report's sections on what is kept, what left the tables, and who was waited for. Pure. */
import type { Report } from '../report.ts';
import type { ArchivedObject } from '../types.ts';
import { counted } from '../words.ts';
import { inline, table } from './text.ts';

const KIND_WORDS: Record<ArchivedObject['kind'], string> = {
  table: 'whole table',
  columns: 'columns',
  rows: 'rows',
  definition: 'definition',
  created: 'created by the step',
};

/** One line for the summary; '' when there is nothing to say. */
export function archiveWords({ run, kind, archived, withoutArchive }: Report): string {
  if (withoutArchive) return 'Nothing was archived: this run cannot be undone.';
  const kept = archived.filter(({ kind }) => kind !== 'created');
  if (kept.length === 0) return '';
  const rows = kept.reduce((sum, object) => sum + (object.rows ?? 0), 0);
  const more = kind === 'undo' ? '' : ` "backout undo ${run}" brings them back.`;
  return `Archived: ${counted(kept.length, 'object')}, ${counted(rows, 'row')}.${more}`;
}

/** Every archived object with its count, or in bold words that nothing was kept. */
export function archiveSection(report: Report): string {
  if (report.withoutArchive) {
    return '## Archive\n\n**Nothing was archived: the operator consented to going without. This run cannot be undone.**';
  }
  const { archived, notUndoable, run, kind } = report;
  if (archived.length === 0) return '';
  const rows = archived.map((object) => [
    object.step,
    inline(object.object),
    KIND_WORDS[object.kind],
    object.rows === null ? '' : object.rows.toLocaleString('en-US'),
    object.archived === null ? '' : inline(object.archived),
    inline(object.words),
  ]);
  const limits = notUndoable.map(({ step, text }) => `- ${step}: ${inline(text)}`);
  return [
    '## Archive',
    `Kept in schema \`backout_archive\`, in the step's own transaction. ${
      kind === 'undo' ? '' : `\`backout undo ${run}\` brings it back; `
    }\`backout purge ${run}\` drops it.`,
    table(['Step', 'Object', 'What is kept', 'Rows', 'Name in the archive', ''], rows),
    limits.length === 0 ? '' : `What an undo could not bring back:\n\n${limits.join('\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What left the tables, and the values that were in no table before. */
export function lossSection(report: Report): string {
  if (!report.steps.some((step) => step.outcome === 'done')) return '';
  const kept = report.archived.length > 0;
  const lost = report.lost.map((entry) => {
    const what = entry.column ? `${entry.table}.${entry.column}` : entry.table;
    return `- **${inline(what)}**: ${counted(entry.rows, 'row')}. ${inline(entry.detail)}`;
  });
  const invented = report.invented.map(
    (entry) =>
      `- **${inline(`${entry.table}.${entry.column}`)}**: ${counted(entry.rows, 'row')} got ${inline(entry.value)}.`,
  );
  const gone = kept
    ? 'Taken out of the tables; the archive keeps what is listed there:'
    : 'Gone from the database:';
  return [
    kept ? '## What left the tables or was invented' : '## What was lost or invented',
    lost.length > 0 ? `${gone}\n\n${lost.join('\n')}` : 'No data was lost.',
    invented.length > 0
      ? `Values that were not in the database before:\n\n${invented.join('\n')}`
      : 'No value was invented.',
  ].join('\n\n');
}

/** Locks that somebody else held, and what was done about it. */
export function waitsSection({ lockWaits, lockActs }: Report): string {
  if (lockWaits.length === 0 && lockActs.length === 0) return '';
  const waits = lockWaits.map((wait) => {
    const tries = counted(wait.tries, 'try', 'tries');
    const blockers = wait.blockers.map((blocker) => `\n  - ${inline(blocker)}`).join('');
    return `- ${wait.step}: ${inline(wait.level)} on ${inline(wait.table)}, taken at ${tries} between ${wait.from} and ${wait.to}.${blockers}`;
  });
  const acts = lockActs.map((act) => `- ${act.at} ${inline(act.text)}`);
  return `## Waits for locks\n\n${[...waits, ...acts].join('\n')}`;
}
