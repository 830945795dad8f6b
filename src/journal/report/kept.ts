/** What the run keeps, whom it waited for, and who worked on it: read off the journal. Pure. */
import type { ArchivedObject, JournalEvent } from '../types.ts';
import { all } from './events.ts';

/** Every archived object of the steps that are done, in the order of the archive. */
export function archivedObjects(
  events: readonly JournalEvent[],
  done: ReadonlySet<string>,
): ArchivedObject[] {
  const told = all(events, 'archived').flatMap((event) => event.objects);
  const latest = new Map(told.map((object) => [`${object.step} ${object.seq}`, object]));
  return [...latest.values()].filter((object) => done.has(object.step));
}

/** True when the operator typed that the run goes without the archive. */
export function wentWithout(events: readonly JournalEvent[]): boolean {
  return all(events, 'plan').at(-1)?.archive === false;
}

export interface ReportLockWait {
  step: string;
  table: string;
  level: string;
  /** Tries that found the lock taken. */
  tries: number;
  /** Everybody who held it at one of the tries. */
  blockers: string[];
  from: string;
  to: string;
}

/** One entry for each table that a step had to wait for. */
export function lockWaits(events: readonly JournalEvent[]): ReportLockWait[] {
  const waits = new Map<string, ReportLockWait>();
  for (const { step, table, level, blockers, at } of all(events, 'lock-waiting')) {
    const key = JSON.stringify([step, table, level]);
    const known = waits.get(key);
    waits.set(key, {
      step,
      table,
      level,
      tries: (known?.tries ?? 0) + 1,
      blockers: [...new Set([...(known?.blockers ?? []), ...blockers])],
      from: known?.from ?? at,
      to: at,
    });
  }
  return [...waits.values()];
}

export interface ReportSession {
  at: string;
  operator: { user: string; host: string };
  /** Whose run it was before, when it was gone on with. */
  from: { operator: string; host: string } | null;
  stepsDone: string[];
}

/** Everybody who worked on the run, first to last. */
export function sessions(events: readonly JournalEvent[]): ReportSession[] {
  const found: ReportSession[] = [];
  let operator = { user: '', host: '' };
  for (const event of events) {
    if (event.type === 'run-started') {
      operator = event.operator;
      found.push({ at: event.at, operator, from: null, stepsDone: [] });
    }
    if (event.type === 'resumed') {
      const last = found.at(-1);
      // The session has said who it is right before it says that it goes on.
      if (last && last.from === null && found.length > 1) found.pop();
      found.push({ at: event.at, operator, from: event.from, stepsDone: event.stepsDone });
    }
  }
  return found;
}
