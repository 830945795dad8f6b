/** A backup in words, for screens, journal and report. Pure. */
import { bytes, duration } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { ArchiveKind, BackupCheck, BackupProgress, BackupProof, TableComparison } from './types.ts';

const KINDS: Record<ArchiveKind, string> = {
  custom: 'an archive of pg_dump',
  directory: 'a folder of pg_dump',
  tar: 'a tar of pg_dump',
  plain: 'plain SQL',
  gzip: 'a compressed file',
  physical: 'a copy of a server',
  unknown: 'no backup',
};

const plural = (number: number, noun: string): string => `${number} ${number === 1 ? noun : `${noun}s`}`;

/** What is known of it, one or two sentences. */
export function checkWords(check: BackupCheck): string {
  const age = check.ageSeconds === null ? '' : `, written ${duration(check.ageSeconds)} ago`;
  const from = [
    check.database === null ? '' : ` of database ${check.database}`,
    check.serverVersion === null ? '' : ` (PostgreSQL ${check.serverVersion})`,
  ].join('');
  const holds = check.tables === null ? '' : `, with the rows of ${plural(check.tables, 'table')}`;
  const read =
    check.tables === null
      ? 'Its content was not checked.'
      : check.readWhole
        ? 'It was read to its end.'
        : 'Only its table of contents was read.';
  return toLine(
    `${check.path}: ${bytes(check.bytes)}${age}, ${KINDS[check.kind]}${from}${holds}. ${read}`,
    2000,
  );
}

const DOING: Record<BackupProgress['what'], string> = {
  dumping: 'Taking the backup',
  checking: 'Checking the backup',
  restoring: 'Restoring it into a scratch database',
  comparing: 'Comparing row by row',
  dropping: 'Dropping the scratch database',
};

/** Where it stands, one line; figures only where they are known. */
export function progressWords(progress: BackupProgress): string {
  const { what, tables, ofTables, bytes: done, ofBytes, table, fileBytes } = progress;
  const counted = ofTables === null ? '' : `: ${tables} of ${plural(ofTables, 'table')}`;
  const sized = ofBytes === null || ofBytes === 0 ? '' : `, ${bytes(done)} of ${bytes(ofBytes)} of tables`;
  const written = fileBytes === null ? '' : `, ${bytes(fileBytes)} written`;
  const now = table === null ? '' : `, now ${table}`;
  return toLine(`${DOING[what]}${counted}${sized}${written}${now}.`, 500);
}

/** What a proof came to, one sentence. */
export function proofWords({ verdict, tables, errors, leftOver }: BackupProof): string {
  const differ = tables.filter(({ equal }) => !equal).length;
  const kept = leftOver === null ? '' : ` The scratch database ${toLine(leftOver)} could not be dropped.`;
  const words = {
    equal: `Restored into a scratch database: the same rows in all ${plural(tables.length, 'table')}.`,
    changed: `Restored into a scratch database: ${tables.length - differ} of ${plural(tables.length, 'table')} have the same rows, ${differ} differ from what is in the database now.`,
    failed:
      errors.length > 0
        ? `It did not restore without errors (${errors.length}).`
        : 'It restored, but tables of the plan are not in it.',
  };
  return `${words[verdict]}${kept}`;
}

/** One table of a proof that is not as it is in the database. */
export function comparisonWords(comparison: TableComparison): string {
  const { table, rowsLive, rowsBackup, difference, columns } = comparison;
  if (rowsBackup === null) return toLine(`${table}: not in the backup; ${rowsLive ?? 0} rows here.`);
  if (rowsLive === null) return toLine(`${table}: only in the backup, ${rowsBackup} rows.`);
  const keys = difference?.keys.length ? ` For example ${difference.keys.join(', ')}.` : '';
  const told =
    difference === null
      ? ' Which rows differ was not told apart.'
      : ` ${difference.onlyLive} only here, ${difference.onlyBackup} only in the backup, ${difference.changed} changed.${keys}`;
  const shape = columns.length === 0 ? '' : ` Columns that only one of them has: ${columns.join(', ')}.`;
  return toLine(`${table}: ${rowsLive} rows here, ${rowsBackup} in the backup.${told}${shape}`, 1000);
}
