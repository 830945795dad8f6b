/** Items of the checklist where nobody answers: what `--check` says of them, and nothing else. */
import { EXIT, UserError } from '../exit.ts';
import type { Question, State } from '../wizard/types.ts';

/** By the item's id. */
export type GivenChecks = Readonly<Record<string, { done: boolean; note: string }>>;

export interface Answer {
  value: string;
  from: string;
}

/** The flag of an item's question: what nobody spoke of stays open. */
export function byCheck(id: string, checks: GivenChecks = {}): Answer {
  const check = checks[id];
  if (check === undefined) return { value: 'open', from: `no --check ${id}` };
  const value = check.done ? 'done' : 'open';
  return { value, from: `--check ${id}=${value}` };
}

/** A note that was given is written before the item is decided; null where there is none to write. */
export function givenNote(
  question: Question,
  { checklist }: Pick<State, 'checklist'>,
  checks: GivenChecks = {},
): Answer | null {
  if (Object.keys(checks).length === 0) return null;
  const item = checklist.items.find(({ id }) => id === question.subject);
  const note = item ? (checks[item.id]?.note ?? '') : '';
  if (!item || note === '' || item.note !== '') return null;
  const from = `--check ${item.id}`;
  if (question.kind === 'text' && checklist.asking === 'note') return { value: note, from };
  const asks = question.kind === 'choice' && question.flag === from;
  return asks ? { value: 'note', from } : null;
}

/**
 * A misspelt item must not pass unseen.
 * @throws {UserError} 64
 */
export function checkItems({ runbook }: Pick<State, 'runbook'>, checks: GivenChecks = {}): void {
  const given = Object.keys(checks);
  if (given.length === 0) return;
  const known = runbook.checklist.map(({ id }) => id);
  const stray = given.find((id) => !known.includes(id));
  if (stray === undefined) return;
  const items = known.length > 0 ? `Its items are: ${known.join(', ')}.` : 'It has none.';
  throw new UserError(`--check ${stray} names no item of this runbook's checklist.`, items, EXIT.usage);
}
