/** What the tests of `backout run` share: the options it needs, and what its events say. */
import { expect } from 'vitest';
import type { JournalEvent } from '../../../src/journal/types.ts';
import { freshDatabase, type TestDatabase } from '../../support/server.ts';
import type { Ended } from './child.ts';

/** What a test server warns of: its superuser, and that nobody named a backup. */
export const WARNINGS = ['privileges', 'backup'];
export const accepting = (ids: readonly string[]): string[] => ids.flatMap((id) => ['--accept', id]);
export const minimal = ({ url, name }: TestDatabase): string[] => [
  ...['run', '--database', url, '--confirm', name, '--choose', 'rollback', ...accepting(WARNINGS)],
];

/** Makes a database, lends it, drops it. */
export async function lend<T>(
  state: Parameters<typeof freshDatabase>[0],
  work: (database: TestDatabase) => Promise<T>,
): Promise<T> {
  const database = await freshDatabase(state);
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

export const result = ({ events }: Ended): Extract<JournalEvent, { type: 'result' }> => {
  const last = events.at(-1);
  if (last?.type !== 'result') throw new Error(`the last event is ${String(last?.type)}`);
  return last;
};

/** Nothing of the plan was set going. */
export const untouched = (ended: Ended): void => {
  const types = ended.events.map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('step-') || type === 'statement')).toEqual([]);
};

/** The runbook's statements of a step that its actions carried out, each once, in order. */
export function carriedOut(events: readonly JournalEvent[], step: string): number[] {
  const carried = events.flatMap((event) =>
    event.type === 'statement' && event.step === step ? (event.carries ?? []) : [],
  );
  return [...new Set(carried)].sort((one, other) => one - other);
}

/** `1` to `last`, as {@link carriedOut} tells them. */
export const allUpTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
