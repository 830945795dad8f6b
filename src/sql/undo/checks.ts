/** Whether the values that were archived are back: counted after an undo, over the rows that nobody has written. */
import { isStored } from '../archive/columns.ts';
import { ARCHIVE_SCHEMA, relation, placed } from '../archive/draft.ts';
import type { ArchiveEntry, StepRecord } from '../procedure/types.ts';
import { name } from '../risk/text.ts';
import { nameAfter } from './entities.ts';
import { sameKey } from './match.ts';
import { sinceWords } from './since.ts';
import { byRun } from './written.ts';

/** A query that returns one number, `n`; right is 0. */
export interface ValueCheck {
  id: string;
  title: string;
  sql: string;
}

/**
 * One query for each table of which columns were archived by key: rows that the undo filled, that nobody has touched
 * since, and that differ from the copy. The definitions themselves are compared by `differences`.
 *
 * @param undone the record of the step that was undone
 * @param undo the undo's run, and what it kept for this step
 */
export function valueChecks(
  undone: StepRecord,
  undo: { run: string; entries: readonly ArchiveEntry[] },
): ValueCheck[] {
  return undone.before.flatMap((before): ValueCheck[] => {
    const entry = undone.archive.find(({ kind, object }) => kind === 'columns' && object === before.name);
    const stored = before.columns.filter(
      (column) => isStored(column) && entry?.columns.includes(column.name),
    );
    if (!entry?.archived || entry.key.length === 0 || stored.length === 0) return [];
    if (undone.dropped.includes(before.name)) return [];
    const now = nameAfter(undone, before.name);
    const written = undo.entries.find(
      ({ kind, words }) => kind === 'rows' && words === sinceWords(now),
    )?.archived;
    const names = undone.renamedColumns[now] ?? {};
    const present = (column: string): string =>
      Object.keys(names).find((key) => names[key] === column) ?? column;
    const differs = stored
      .map(({ name: column }) => {
        const both = [`t.${name(column)}`, `a.${name(column)}`].map(
          (one) => `CAST(${one} AS pg_catalog.text)`,
        );
        return `${both[0]} IS DISTINCT FROM ${both[1]}`;
      })
      .join(' OR ');
    const theirs = written
      ? ` AND NOT EXISTS (SELECT 1 FROM ${relation(ARCHIVE_SCHEMA, written)} AS w WHERE ${sameKey(before, entry.key, ['w', 't'], present)})`
      : '';
    return [
      {
        id: `values:${before.name}`,
        title: `${stored.map((column) => column.name).join(', ')} of ${before.name} hold what they held`,
        sql: `SELECT pg_catalog.count(*) AS n FROM ${placed(before)} AS t JOIN ${relation(ARCHIVE_SCHEMA, entry.archived)} AS a ON ${sameKey(before, entry.key, ['t', 'a'])} WHERE (${differs}) AND ${byRun('t', undo.run)}${theirs}`,
      },
    ];
  });
}
