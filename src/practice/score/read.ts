/** What judging reads off a journal. Order is that of the lines: a drill of several runs is their journals, one after the other. Pure. */
import type { JournalEvent, Outcome } from '../../journal/types.ts';
import { momentMatches } from '../drill/moment.ts';
import type { Decision, Moment } from '../drill/types.ts';
import type { Mark } from './types.ts';

export type Events = readonly JournalEvent[];

export const markOf = ({ seq, at }: JournalEvent): Mark => ({ seq, at });

/** The first line that is one of these moments; `from` and `to` are places in the list, `to` not included. */
export function firstOf(
  events: Events,
  moments: readonly Moment[],
  { from = 0, to = events.length }: { from?: number; to?: number } = {},
): JournalEvent | null {
  for (let at = from; at < to; at += 1) {
    const event = events[at];
    if (event && moments.some((moment) => momentMatches(moment, event))) return event;
  }
  return null;
}

const ACTS: ReadonlySet<JournalEvent['type']> = new Set(['step-confirmed', 'quick-started']);

/** Where the operator first acted: the place of the first confirmed step or command, or the end of the list. */
export function actedAt(events: Events): number {
  const at = events.findIndex(({ type }) => ACTS.has(type));
  return at === -1 ? events.length : at;
}

/** Screens that nobody can reach before something was confirmed. */
const AFTERWARDS: readonly (string | undefined)[] = ['verification', 'checklist'];

/** Questions of a step that begin to be asked when it was confirmed. */
const DURING_STEP: readonly (string | undefined)[] = ['lock', 'terminate', 'failed', 'unknown', 'after'];

/** Whether it can come before the operator acted at all; a blocker of a step cannot. */
export function canComeBefore({ kind, screen, name }: Moment): boolean {
  if (['started', 'statement', 'committing', 'finished', 'waiting'].includes(kind)) return false;
  return !AFTERWARDS.includes(screen) && !(screen === 'step' && DURING_STEP.includes(name));
}

export interface Ended {
  outcome: Outcome;
  event: JournalEvent;
}

/** How the rollback ended: the last result, but not that of an undo or of repairs that followed it. */
export function endedAs(events: Events): Ended | null {
  let kind = 'rollback';
  let ended: Ended | null = null;
  for (const event of events) {
    if (event.type === 'run-started') kind = event.kind ?? 'rollback';
    if (event.type === 'result' && kind === 'rollback') ended = { outcome: event.outcome, event };
  }
  return ended;
}

/** What the operator decided by what they did, and the line that shows it; null: nothing yet. */
export function decided(events: Events): { decision: Decision; event: JournalEvent } | null {
  // Where the rollback cannot start nothing is decided: who then ended with what was found to mend has fixed forward.
  const last = events.findLast((event) => event.type === 'decision' || event.type === 'repairs');
  const ended = endedAs(events);
  if (last?.type === 'repairs' || last?.choice === 'fix-forward')
    return { decision: 'fix-forward', event: last };
  // Who chose to roll back and then ran nothing has stopped.
  const acted = actedAt(events) < events.length;
  if (last && (acted || !ended))
    return { decision: last.path === 'quick' ? 'quick' : 'rollback', event: last };
  return ended ? { decision: 'stop', event: ended.event } : null;
}

/** From the drill's beginning to the end of its last run, in minutes; null: not both are there. */
export function minutesTaken(events: Events): number | null {
  const first = events.find(({ type }) => type === 'drill-started' || type === 'run-started');
  const last = events.findLast(({ type }) => type === 'result') ?? events.at(-1);
  if (!first || !last) return null;
  return Math.max(0, (Date.parse(last.at) - Date.parse(first.at)) / 60_000);
}
