/** Picking a journal apart by the types of its events. Pure. */
import type { JournalBody, JournalEvent } from '../types.ts';

export type Body<T extends JournalBody['type']> = Extract<JournalEvent, { type: T }>;

/** All events of one type, in their order. */
export function all<T extends JournalBody['type']>(events: readonly JournalEvent[], type: T): Body<T>[] {
  return events.filter((event): event is Body<T> => event.type === type);
}

/** Some fields of a value. */
export function pick<T, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}
