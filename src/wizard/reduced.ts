/** What every part of the reducer hands back. */
import type { ExplainedError } from '../postgres/types.ts';
import type { State, Task } from './types.ts';

export interface Reduced {
  state: State;
  tasks: Task[];
}

/** The state as given, with the tasks that follow from it. */
export const to = (state: State, ...tasks: Task[]): Reduced => ({ state, tasks });

/** Something that failed outside a step, for the journal. */
export const failureNote = (what: string, error: ExplainedError): Task => {
  const state = error.sqlstate === undefined ? '' : ` (SQLSTATE ${error.sqlstate})`;
  return { type: 'record', event: { type: 'note', text: `${what}: ${error.message}${state}` } };
};

/**
 * What an operator typed, as one line that can be stored and shown: white space, controls and characters that hide
 * or reorder text become one space.
 * @param cap most characters to keep
 */
export function typedLine(text: string, cap = 1000): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return [...line].slice(0, cap).join('');
}
