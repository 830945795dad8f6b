/** The checklist: items one at a time, ticked or left open, noted; what helps with them is done on request. */
import type { ItemCheck } from '../../checklist/types.ts';
import type { CommandResult } from '../../journal/types.ts';
import { commandOf, logOf, probesOf } from '../checklist.ts';
import { finish } from '../ending.ts';
import { to, typedLine, type Reduced } from '../reduced.ts';
import { answerPlaceholder, askToRun, onPrepared } from './checklist-command.ts';
import type { Checklist, ChecklistEvent, ChecklistState, State, Task } from '../types.ts';

/** Lines of output that are kept; the runtime keeps its own tail for the journal. */
const MOST_LINES = 500;

function withItem(state: State, id: string, change: (item: ChecklistState) => ChecklistState): State {
  const items = state.checklist.items.map((item) => (item.id === id ? change(item) : item));
  return { ...state, checklist: { ...state.checklist, items } };
}

const withFocus = (state: State, focus: number): State => ({
  ...state,
  checklist: { ...state.checklist, focus, asking: null },
});

const asking = (state: State, what: Checklist['asking']): State => ({
  ...state,
  checklist: { ...state.checklist, asking: what },
});

/** The next undecided item after this one, then from the start; past the end when all are decided. */
function nextFocus({ items, focus }: Checklist): number {
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
  switch (name) {
    case 'note':
      return noted(state, item, value);
    case 'stays':
      return answerStays(state, item, value);
    case 'command-placeholder':
      return answerPlaceholder(state, item, value);
    case 'run-command':
      return runConfirmed(asking(state, null), item, value);
    case 'own-command':
      return runOwn(asking(state, null), item, value);
    case 'log-file':
      return scan(asking(state, null), item, value);
    default:
      return answerItem(state, item, value);
  }
}

function answerItem(state: State, item: ChecklistState, value: string): Reduced {
  switch (value) {
    case 'note':
      return to(asking(state, 'note'));
    case 'run':
      return askToRun(state, item);
    case 'command':
      return to(asking(state, 'command'));
    case 'file':
      return to(asking(state, 'file'));
    case 'scan':
      return scanAll(state, item);
    case 'probe':
      return under(state, item, { type: 'run-probes', item: item.id, probes: probesOf(item) });
    default:
      return decide(state, item, value === 'done');
  }
}

const recorded = ({ id, text, note, result }: ChecklistState, done: boolean): Task => ({
  type: 'record',
  event: { type: 'checklist', item: id, text, done, note, command: result },
});

const checkRecorded = ({ id, text }: ChecklistState, check: ItemCheck): Task => ({
  type: 'record',
  event: { type: 'item-check', item: id, text, check },
});

function decide(state: State, item: ChecklistState, done: boolean): Reduced {
  const next = withItem(state, item.id, (open) => ({ ...open, done }));
  return to(withFocus(next, nextFocus(next.checklist)), recorded(item, done));
}

/** A note on an item that is already decided is recorded at once; otherwise with the decision. */
function noted(state: State, item: ChecklistState, value: string): Reduced {
  const note = typedLine(value);
  const next = withItem(asking(state, null), item.id, (open) => ({ ...open, note }));
  return item.done === null ? to(next) : to(next, recorded({ ...item, note }, item.done));
}

/** Sets something going for the item. */
function under(state: State, item: ChecklistState, ...tasks: Task[]): Reduced {
  const watched = tasks.some(({ type }) => type === 'watch-command');
  return to(
    withItem(state, item.id, (open) => ({ ...open, running: true, watched, output: [], result: null })),
    ...tasks,
  );
}

/** Only the word that the screen asked for runs it: any other is a no. */
function runConfirmed(state: State, item: ChecklistState, value: string): Reduced {
  const help = commandOf(item);
  const { command, word } = item.prepared ?? help ?? { command: null, word: null };
  if (!help || command === null || word === null) return to(state);
  if (value !== word) {
    return to({ ...state, notice: `"${typedLine(value, 60)}" is not "${word}": nothing was run.` });
  }
  return run(state, item, command, help.from ?? 'runbook');
}

/** Typed whole just now: that is the confirmation. */
function runOwn(state: State, item: ChecklistState, value: string): Reduced {
  const command = value.trim();
  return command === ''
    ? to({ ...state, notice: 'Nothing was typed: nothing was run.' })
    : run(state, item, command, 'operator');
}

function run(
  state: State,
  item: ChecklistState,
  command: string,
  from: 'runbook' | 'config' | 'operator',
): Reduced {
  const help = commandOf(item);
  const what = { item: item.id, command, folder: help?.folder ?? null, from };
  return help?.role === 'start'
    ? under(state, item, { type: 'watch-command', seconds: help.seconds, ...what })
    : under(state, item, { type: 'run-command', ...what });
}

function scanAll(state: State, item: ChecklistState): Reduced {
  const files = logOf(item)?.files ?? [];
  return under(state, item, { type: 'scan-logs', item: item.id, files });
}

function scan(state: State, item: ChecklistState, value: string): Reduced {
  const file = value.trim();
  if (file === '') return to({ ...state, notice: 'No file was named: none was looked through.' });
  return under(state, item, { type: 'scan-logs', item: item.id, files: [file] });
}

function answerStays(state: State, item: ChecklistState, value: string): Reduced {
  const { stays } = item;
  const help = commandOf(item);
  if (!stays) return to(state);
  const going = withItem(state, item.id, (open) => ({ ...open, stays: null, running: true, watched: false }));
  if (value === 'stop') return to(going, { type: 'cancel-command' });
  if (value === 'longer') {
    const watched = withItem(going, item.id, (open) => ({ ...open, watched: true }));
    return to(watched, { type: 'watch-on', seconds: help?.seconds ?? 60 });
  }
  const left = `Left running: process group ${stays.group}. Its output goes on into ${stays.file}; kill -- -${stays.group} stops it.`;
  const next = withItem(state, item.id, (open) => ({
    ...open,
    stays: null,
    note: open.note === '' ? left : `${open.note} ${left}`,
  }));
  return to(next, { type: 'leave-command' }, { type: 'record', event: { type: 'note', text: left } });
}

/** How a command ended, as a check: its exit status, and the numbers a test runner ends with. */
export function commandCheck({ command, exitStatus, signal, seconds, tail }: CommandResult): ItemCheck {
  const how = signal === null ? `exit status ${exitStatus ?? 'not known'}` : `ended by ${signal}`;
  const counts = tail.findLast((line) => /\b\d+ (failures?|failed|passed|passing|errors?)\b/i.test(line));
  return {
    kind: 'command',
    title: command,
    verdict: exitStatus === 0 ? 'ok' : 'failed',
    words: `${how}${counts === undefined ? '' : `; ${counts.trim()}`}`,
    seconds,
    lines: tail.slice(-20),
  };
}

export function onChecklist(state: State, event: ChecklistEvent): Reduced {
  const item = state.checklist.items.find((candidate) => candidate.id === event.item);
  if (!item?.running) return to(state);
  switch (event.type) {
    case 'command-prepared':
      return onPrepared(state, item, event.prepared);
    case 'command-output':
      return to(
        withItem(state, item.id, (running) => ({
          ...running,
          output: [...running.output, event.line].slice(-MOST_LINES),
        })),
      );
    case 'command-stays':
      return to(
        withItem(state, item.id, (running) => ({
          ...running,
          running: false,
          watched: false,
          stays: event.stays,
        })),
      );
    case 'item-checked':
      return checked(state, item, event.check, event.over);
    case 'command-done': {
      const { result } = event;
      const ended = withItem(state, item.id, (running) => ({ ...running, result }));
      const after = checked(ended, item, commandCheck(result), true);
      return item.done === null
        ? after
        : to(after.state, ...after.tasks, recorded({ ...item, result }, item.done));
    }
  }
}

function checked(state: State, item: ChecklistState, check: ItemCheck, over: boolean): Reduced {
  const next = withItem(state, item.id, (running) => ({
    ...running,
    running: !over,
    watched: over ? false : running.watched,
    checks: [...running.checks, check],
  }));
  return to(next, checkRecorded(item, check));
}

/** Ctrl-C: what is being watched is watched no longer; whatever else runs is stopped. */
export function cancelCommand(state: State): Reduced {
  const watched = state.checklist.items.some((item) => item.running && item.watched);
  return to(state, { type: watched ? 'end-watch' : 'cancel-command' });
}

export function moveFocus(state: State, by: 1 | -1): Reduced {
  const { focus, items } = state.checklist;
  return to(withFocus(state, Math.min(items.length, Math.max(0, focus + by))));
}

export const stopTyping = (state: State): Reduced => to(asking(state, null));
