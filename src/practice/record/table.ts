/** The table over people and drills, and what one person has reached. Pure. */
import { LEVELS, type Level } from '../drill/types.ts';
import type { ReadRecord } from './types.ts';

/** What one person has reached in one drill. Points are of 100. */
export interface Progress {
  /** All of them, also those that were left before a decision. */
  attempts: number;
  /** Of those: left before a decision, and not judged. They have no points. */
  left: number;
  /** Null: none was judged. */
  best: number | null;
  /** Of the last attempt; null: it was not judged. */
  last: number | null;
  /** ISO 8601, UTC; null where no record says. */
  lastAt: string | null;
  /** Taken over all attempts. */
  hints: number;
}

export interface TableRow extends Progress {
  person: string;
  drill: string;
  title: string;
  level: Level;
}

const pointsOf = ({ debrief: { score } }: ReadRecord): number | null =>
  score.unjudged === undefined ? score.points : null;

const when = ({ debrief }: ReadRecord): string => debrief.endedAt ?? '';

/** @param attempts of one person and one drill; at least one */
function rowOf(attempts: readonly ReadRecord[]): TableRow {
  const inOrder = [...attempts].sort((one, other) => (when(one) < when(other) ? -1 : 1));
  const last = inOrder.at(-1)!;
  const { drill, title, level, endedAt } = last.debrief;
  const judged = attempts.flatMap((record) => pointsOf(record) ?? []);
  return {
    person: last.person,
    drill,
    title,
    level,
    attempts: attempts.length,
    left: attempts.length - judged.length,
    best: judged.length === 0 ? null : Math.max(...judged),
    last: pointsOf(last),
    lastAt: endedAt,
    hints: attempts.reduce((sum, { debrief }) => sum + debrief.hints, 0),
  };
}

const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** A row for each person and drill: by person, then from the first day to the expert. */
export function tableOf(records: readonly ReadRecord[]): TableRow[] {
  const groups = new Map<string, ReadRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.person, record.debrief.drill]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()]
    .map(rowOf)
    .sort(
      (one, other) =>
        order(one.person, other.person) ||
        LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level) ||
        order(one.drill, other.drill),
    );
}

/** What a person has reached, by the drill's id. */
export function progressOf(records: readonly ReadRecord[], person: string): Record<string, Progress> {
  const rows = tableOf(records.filter((record) => record.person === person));
  return Object.fromEntries(
    rows.map(({ drill, attempts, left, best, last, lastAt, hints }) => [
      drill,
      { attempts, left, best, last, lastAt, hints },
    ]),
  );
}
