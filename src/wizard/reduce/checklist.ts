/** The checklist: items one at a time, ticked or left open, noted, and their commands run on request. */
import { finish } from '../ending.ts';
import { to, typedLine, type Reduced } from '../reduced.ts';
import type { ChecklistState, Event, State } from '../types.ts';

/** Lines of a command's output that are kept; the runtime keeps its own tail for the journal. */
const MOST_LINES = 500;

function withItem(state: State, id: string, change: (item: ChecklistState) => ChecklistState): State {
  const items = state.checklist.items.map((item) => (item.id === id ? change(item) : item));
  return { ...state, checklist: { ...state.checklist, items } };
}

const withFocus = (state: State, focus: number): State => ({
  ...state,
  checklist: { ...state.checklist, focus, noting: false },
});

/** The next undecided item after this one, then from the start; past the end when all are decided. */
function nextFocus({ items, focus }: State['checklist']): number {
  const open = (item: ChecklistState): boolean => item.done === null;
  const after = items.findIndex((item, index) => index > focus && open(item));
  if (after >= 0) return after;
  const any = items.findIndex(open);
  return any >= 0 ? any : items.length;
}

export function answerChecklist(state: State, name: string, value: string): Reduced {
  if (name === 'checklist') return finish(state);
  const item = state.checklist.items[state.checklist.focus];
  if (!item) return to(state);
  if (name === 'note') return noted(state, item, value);
  switch (value) {
    case 'note':
      return to({ ...state, checklist: { ...state.checklist, noting: true } });
    case 'run':
      return runCommand(state, item);
    default:
      return decide(state, item, value === 'done');
  }
}

const recorded = ({ id, text, note, result }: ChecklistState, done: boolean): Reduced['tasks'][number] => ({
  type: 'record',
  event: { type: 'checklist', item: id, text, done, note, command: result },
});

function decide(state: State, item: ChecklistState, done: boolean): Reduced {
  const next = withItem(state, item.id, (open) => ({ ...open, done }));
  return to(withFocus(next, nextFocus(next.checklist)), recorded(item, done));
}

/** A note on an item that is already decided is recorded at once; otherwise with the decision. */
function noted(state: State, item: ChecklistState, value: string): Reduced {
  const note = typedLine(value);
  const next = withItem(withFocus(state, state.checklist.focus), item.id, (open) => ({ ...open, note }));
  return item.done === null ? to(next) : to(next, recorded({ ...item, note }, item.done));
}

function runCommand(state: State, item: ChecklistState): Reduced {
  if (item.command === null) return to(state);
  return to(
    withItem(state, item.id, (open) => ({ ...open, running: true, output: [], result: null })),
    { type: 'run-command', item: item.id, command: item.command },
  );
}

export function onCommand(
  state: State,
  event: Extract<Event, { type: 'command-output' | 'command-done' }>,
): Reduced {
  const item = state.checklist.items.find((candidate) => candidate.id === event.item);
  if (!item?.running) return to(state);
  if (event.type === 'command-output') {
    return to(
      withItem(state, item.id, (running) => ({
        ...running,
        output: [...running.output, event.line].slice(-MOST_LINES),
      })),
    );
  }
  const { result } = event;
  const next = withItem(state, item.id, (running) => ({ ...running, running: false, result }));
  return item.done === null ? to(next) : to(next, recorded({ ...item, result }, item.done));
}

export const cancelCommand = (state: State): Reduced => to(state, { type: 'cancel-command' });

export function moveFocus(state: State, by: 1 | -1): Reduced {
  const { focus, items } = state.checklist;
  return to(withFocus(state, Math.min(items.length, Math.max(0, focus + by))));
}

export const dropNote = (state: State): Reduced => to(withFocus(state, state.checklist.focus));
