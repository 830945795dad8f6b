/** What the evidence said when, and what the run itself cost. Pure. */
import { counted, duration } from '../../journal/words.ts';
import type { JournalEvent } from '../../journal/types.ts';
import type { PositionState } from '../../sql/types.ts';
import { markOf, type Events } from './read.ts';
import type { EvidenceShown } from './types.ts';

const STOOD: Partial<Record<PositionState, string>> = {
  applied: 'is applied already',
  partial: 'is applied in part',
  conflict: 'does not fit the database',
};

function linesOf(event: JournalEvent): { title: string; lines: string[] } | null {
  switch (event.type) {
    case 'prerequisites':
      return {
        title: 'Prerequisites',
        lines: [
          ...event.results
            .filter(({ status }) => status !== 'pass')
            .map(({ status, title, detail }) => `${status}: ${title}. ${detail}`),
          ...event.attachments
            .filter(({ outcome }) => outcome === 'breaks' || outcome === 'lost')
            .map(({ words }) => words),
        ],
      };
    case 'decision':
      return {
        title: `Evidence, when it was decided; recommended: ${event.recommendation.choice}`,
        lines: event.evidence
          .filter(({ supports }) => supports !== 'neutral')
          .map(({ title, supports, detail }) => `${supports}: ${title}. ${detail}`),
      };
    case 'plan':
      return {
        title: 'Plan',
        lines: [
          ...event.position.steps.flatMap(({ id, state }) =>
            STOOD[state] === undefined ? [] : [`${id} ${STOOD[state]}.`],
          ),
          ...event.dataAtRisk
            .filter(({ rows }) => rows > 0)
            .map(
              ({ table, column, rows }) =>
                `At risk: ${column === undefined ? table : `${table}.${column}`}, ${counted(rows, 'row')}.`,
            ),
          ...event.invented
            .filter(({ rows }) => rows > 0)
            .map(
              ({ table, column, value, rows }) =>
                `Invented: ${value} in ${counted(rows, 'row')} of ${table}.${column}.`,
            ),
        ],
      };
    case 'verification':
      return {
        title: 'Verification',
        lines: event.verification.checks
          .filter(({ ok }) => !ok)
          .map(({ title, expected, found }) => `${title}: expected ${expected}, found ${found}.`),
      };
    default:
      return null;
  }
}

/** What was on the screen, each time it said something else than before. */
export function evidenceShown(events: Events): EvidenceShown[] {
  const before = new Map<string, string>();
  return events.flatMap((event) => {
    const said = linesOf(event);
    if (!said || said.lines.length === 0) return [];
    const words = said.lines.join('\n');
    if (before.get(event.type) === words) return [];
    before.set(event.type, words);
    return [{ ...markOf(event), ...said }];
  });
}

/** What it cost in practice: rows, locks, times, waits, a sentence each. */
export function measuredCost(events: Events): string[] {
  const plan = events.findLast((event) => event.type === 'plan');
  const first = events.find((event) => event.type === 'plan');
  const done = events.flatMap((event) =>
    event.type === 'step-finished' && event.outcome === 'done' ? [event] : [],
  );
  const rows = Object.entries(first?.baseline ?? {});
  const locks = (plan?.locks ?? []).filter(({ level }) => level === 'ACCESS EXCLUSIVE');
  const tables = [...new Set(locks.map(({ table }) => table))];
  const tries = events.filter(({ type }) => type === 'lock-waiting').length;
  return [
    ...(rows.length === 0
      ? []
      : [
          `Rows here: ${rows.map(([table, many]) => `${table} ${many.toLocaleString('en-US')}`).join(', ')}.`,
        ]),
    ...(tables.length === 0
      ? []
      : [`Nobody else reads or writes meanwhile (ACCESS EXCLUSIVE): ${tables.join(', ')}.`]),
    ...done.map(({ step, seconds }) => `${step} took ${duration(seconds)} here.`),
    ...(tries === 0 ? [] : [`Locks were waited for: ${counted(tries, 'try', 'tries')} in vain.`]),
  ];
}
