/** What had to stay: what is still there, what is only in the archive, what is gone. Pure. */
import type { ArchivedObject, JournalEvent } from '../../journal/types.ts';
import type { DataAtRisk } from '../../sql/types.ts';
import type { EndState, Keep } from '../drill/types.ts';
import type { Events } from './read.ts';
import type { JudgedDrill, Kept } from './types.ts';

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[a-z_][a-z0-9_$]*/g) ?? []);

/**
 * Whether what was kept of an object can hold what this counts. Of whole rows and tables: those it counts in. Of
 * columns: only where it speaks of one of them, for a table whose columns are archived keeps its rows.
 */
export function holds(keep: Pick<Keep, 'sql' | 'sqlAfter'>, entry: ArchivedObject): boolean {
  if (entry.kind === 'definition' || entry.kind === 'created' || entry.rows === null) return false;
  const counted = wordsOf(`${keep.sql} ${keep.sqlAfter ?? ''}`);
  if (!counted.has(entry.object.toLowerCase())) return false;
  if (entry.kind !== 'columns') return true;
  const [columns = ''] = entry.words.split(` of ${entry.object}`);
  return [...wordsOf(columns)].some((column) => column !== 'and' && counted.has(column));
}

/** What is in the archives of steps that were committed. */
export function archivedIn(events: Events): ArchivedObject[] {
  const done = (event: JournalEvent, step: string): boolean =>
    event.type === 'step-finished' && event.step === step && event.outcome === 'done';
  return events.flatMap((event) =>
    event.type === 'archived' && events.some((other) => done(other, event.step)) ? event.objects : [],
  );
}

/** A number that could not be read afterwards counts as nothing there: the application would not find it either. */
export function keptOf(drill: Pick<JudgedDrill, 'keeps'>, events: Events, end: EndState): Kept[] {
  const archived = archivedIn(events);
  return drill.keeps.map((keep) => {
    const measured = end.keeps.find(({ id }) => id === keep.id);
    const before = measured?.before ?? null;
    const after = measured?.after ?? null;
    const missing = measured && before !== null ? Math.max(0, before - (after ?? 0)) : 0;
    const could = archived
      .filter((entry) => holds(keep, entry))
      .reduce((sum, { rows }) => sum + (rows ?? 0), 0);
    const inArchive = Math.min(missing, could);
    return { id: keep.id, title: keep.title, before, after, inArchive, lost: missing - inArchive };
  });
}

const rowsOf = (risk: readonly DataAtRisk[]): number => risk.reduce((sum, { rows }) => sum + rows, 0);

/**
 * Values and rows that went without a copy, and the line at which the operator agreed to that: they went without the
 * archive, or the command of the quick rollback was run without copies and did something.
 */
export function withoutCopy(events: Events): { rows: number; event: JournalEvent } | null {
  return withoutArchive(events) ?? quickWithoutCopies(events);
}

function withoutArchive(events: Events): { rows: number; event: JournalEvent } | null {
  const plan = events.findLast((event) => event.type === 'plan' && event.archive === false);
  if (plan?.type !== 'plan') return null;
  const done = new Set(
    events.flatMap((event) =>
      event.type === 'step-finished' && event.outcome === 'done' ? [event.step] : [],
    ),
  );
  const rows = rowsOf(plan.dataAtRisk.filter(({ step }) => done.has(step)));
  const consent = events.find((event) => event.type === 'consent' && event.id === 'archive');
  return rows > 0 ? { rows, event: consent ?? plan } : null;
}

function quickWithoutCopies(events: Events): { rows: number; event: JournalEvent } | null {
  const started = events.findIndex((event) => event.type === 'quick-started' && event.kept === 0);
  const event = events[started];
  if (!event || !events.some((one) => one.type === 'quick' && one.found.changed)) return null;
  const plan = events.slice(0, started).findLast(({ type }) => type === 'plan');
  const rows = plan?.type === 'plan' ? rowsOf(plan.dataAtRisk) : 0;
  return rows > 0 ? { rows, event } : null;
}
