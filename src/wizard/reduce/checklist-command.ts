/** A command of the checklist that leaves something open: each is asked for, then the whole is shown and confirmed. */
import { commandOf } from '../checklist.ts';
import { to, typedLine, type Reduced } from '../reduced.ts';
import type { Checklist, ChecklistState, State, Task } from '../types.ts';

type Prepared = NonNullable<ChecklistState['prepared']>;

function withItem(
  state: State,
  id: string,
  change: Partial<ChecklistState>,
  asking: Checklist['asking'],
): State {
  const items = state.checklist.items.map((item) => (item.id === id ? { ...item, ...change } : item));
  return { ...state, checklist: { ...state.checklist, items, asking } };
}

function prepare(state: State, item: ChecklistState, answers: Record<string, string>): Reduced {
  const help = commandOf(item);
  if (!help || help.command === null) return to(state);
  const { command, from } = help;
  const task: Task = { type: 'prepare-command', item: item.id, command, from: from ?? 'runbook', answers };
  return to(withItem(state, item.id, { running: true, prepared: null }, null), task);
}

/** What is open is asked for anew each time: another path may be meant. */
export const askToRun = (state: State, item: ChecklistState): Reduced =>
  commandOf(item)?.asks === true
    ? prepare(state, item, {})
    : to(withItem(state, item.id, { prepared: null }, 'confirm'));

export function onPrepared(state: State, item: ChecklistState, prepared: Prepared): Reduced {
  const asking = prepared.questions.length > 0 ? 'placeholder' : prepared.word === null ? null : 'confirm';
  const next = withItem(state, item.id, { running: false, prepared }, asking);
  return to(asking === null ? { ...next, notice: `It is not run. ${prepared.why ?? ''}`.trim() } : next);
}

/** Nothing typed is a change of mind. */
export function answerPlaceholder(state: State, item: ChecklistState, value: string): Reduced {
  const { prepared } = item;
  const [question] = prepared?.questions ?? [];
  const text = typedLine(value);
  if (!prepared || !question || text === '') {
    return to({
      ...withItem(state, item.id, { prepared: null }, null),
      notice: 'Nothing was typed: nothing was run.',
    });
  }
  return prepare(state, item, { ...prepared.answers, [question.id]: text });
}
