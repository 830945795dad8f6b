/**
 * The one table of keys. Footer, `?` help, the dispatch of key presses and docs/keys.md are all made from it, so
 * that what is shown is what works. A screen's own actions come with their keys and are put in front.
 */
import type { ActionId } from '../wizard/types.ts';

/** What the UI itself does with a key; everything else is an answer or an action of the wizard. */
export type Command =
  | 'pick'
  | 'focus-up'
  | 'focus-down'
  | 'yes'
  | 'no'
  | 'submit'
  | 'next'
  | 'erase'
  | 'erase-forward'
  | 'erase-all'
  | 'caret-left'
  | 'caret-right'
  | 'caret-start'
  | 'caret-end'
  | 'scroll-up'
  | 'scroll-down'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'help'
  | 'redraw'
  | 'suspend'
  | 'quit-now';

/** Which questions a binding works on; `reading` is every one at which no text is typed. */
export type Where = 'choice' | 'confirm' | 'typing' | 'continue' | 'reading' | 'everywhere';

export interface Binding {
  command: Command;
  keys: string[];
  where: Where;
  /** Two or three words, for the footer. */
  label: string;
  /** A sentence, for help and docs. */
  does: string;
  /** Where it stands in the footer; absent: only in the help. */
  footer?: number;
  /** Only moves about: an action of the screen with the same key comes first. */
  moves?: boolean;
}

export const KEYMAP: readonly Binding[] = [
  {
    command: 'pick',
    keys: ['enter'],
    where: 'choice',
    label: 'choose',
    does: 'Chooses the option that is pointed at. It starts on the harmless one.',
    footer: 1,
  },
  {
    command: 'focus-up',
    keys: ['up', 'k', 'shift-tab'],
    where: 'choice',
    moves: true,
    label: 'up',
    does: 'Points at the option above.',
    footer: 2,
  },
  {
    command: 'focus-down',
    keys: ['down', 'j', 'tab'],
    where: 'choice',
    moves: true,
    label: 'down',
    does: 'Points at the option below.',
    footer: 2,
  },
  {
    command: 'yes',
    keys: ['y'],
    where: 'confirm',
    label: 'yes',
    does: 'Says yes to what the question asks.',
    footer: 1,
  },
  {
    command: 'no',
    keys: ['n', 'enter'],
    where: 'confirm',
    label: 'no',
    does: 'Says no. Enter alone never does what a question asks.',
    footer: 1,
  },
  { command: 'next', keys: ['enter'], where: 'continue', label: 'go on', does: 'Goes on.', footer: 1 },
  {
    command: 'submit',
    keys: ['enter'],
    where: 'typing',
    label: 'submit',
    does: 'Hands in what was typed. Not within 30 ms of the last character: that was a paste.',
    footer: 1,
  },
  {
    command: 'erase',
    keys: ['backspace'],
    where: 'typing',
    label: 'erase',
    does: 'Erases the character before the cursor.',
  },
  {
    command: 'erase-forward',
    keys: ['delete'],
    where: 'typing',
    label: 'erase forward',
    does: 'Erases the character under the cursor.',
  },
  {
    command: 'erase-all',
    keys: ['ctrl-u'],
    where: 'typing',
    label: 'clear',
    does: 'Erases all that was typed.',
    footer: 3,
  },
  {
    command: 'caret-left',
    keys: ['left'],
    where: 'typing',
    label: 'left',
    does: 'Moves the cursor to the left.',
  },
  {
    command: 'caret-right',
    keys: ['right'],
    where: 'typing',
    label: 'right',
    does: 'Moves the cursor to the right.',
  },
  {
    command: 'caret-start',
    keys: ['home'],
    where: 'typing',
    label: 'start',
    does: 'Moves the cursor to the start of the text; with nothing typed, shows the first line.',
  },
  {
    command: 'caret-end',
    keys: ['end'],
    where: 'typing',
    label: 'end',
    does: 'Moves the cursor to the end of the text; with nothing typed, shows the last line.',
  },
  {
    command: 'scroll-up',
    keys: ['up', 'k'],
    where: 'reading',
    label: 'line up',
    does: 'Shows the line above.',
  },
  {
    command: 'scroll-down',
    keys: ['down', 'j'],
    where: 'reading',
    label: 'line down',
    does: 'Shows the line below.',
  },
  {
    command: 'scroll-up',
    keys: ['up'],
    where: 'typing',
    moves: true,
    label: 'line up',
    does: 'Shows the line above.',
  },
  {
    command: 'scroll-down',
    keys: ['down'],
    where: 'typing',
    moves: true,
    label: 'line down',
    does: 'Shows the line below.',
  },
  {
    command: 'page-up',
    keys: ['pageup'],
    where: 'everywhere',
    label: 'page up',
    does: 'Shows the page above.',
  },
  {
    command: 'page-down',
    keys: ['pagedown'],
    where: 'everywhere',
    label: 'page down',
    does: 'Shows the page below.',
  },
  {
    command: 'page-down',
    keys: ['space'],
    where: 'reading',
    label: 'page down',
    does: 'Shows the page below.',
  },
  { command: 'top', keys: ['g', 'home'], where: 'reading', label: 'top', does: 'Shows the first line.' },
  { command: 'bottom', keys: ['G', 'end'], where: 'reading', label: 'bottom', does: 'Shows the last line.' },
  {
    command: 'help',
    keys: ['?'],
    where: 'reading',
    label: 'help',
    does: 'Shows every key that works here, and closes that list again.',
    footer: 6,
  },
  {
    command: 'redraw',
    keys: ['ctrl-l'],
    where: 'everywhere',
    label: 'redraw',
    does: 'Draws the screen anew.',
  },
  {
    command: 'suspend',
    keys: ['ctrl-z'],
    where: 'everywhere',
    label: 'suspend',
    does: 'Suspends backout; "fg" brings it back. A statement under way goes on running on the server.',
  },
  {
    command: 'quit-now',
    keys: ['ctrl-\\'],
    where: 'everywhere',
    label: 'emergency exit',
    does: 'Leaves at once. A step under way is rolled back by the server.',
  },
];

/** What the wizard's actions do, and the keys that screens give them. */
export const ACTIONS: Record<ActionId, { keys: string[]; does: string }> = {
  backup: { keys: ['b'], does: 'Opens the backup: take one, name one, prove one.' },
  next: { keys: ['enter'], does: 'Goes on to the next screen.' },
  back: { keys: ['escape'], does: 'Goes back to the screen before, answers kept. Not once a step has run.' },
  retry: { keys: ['r'], does: 'Tries again, or looks again.' },
  change: { keys: ['c'], does: 'Lets you type another connection.' },
  stop: { keys: ['s'], does: 'Stops here. What is done stays done, and nothing more is run.' },
  cancel: {
    keys: ['ctrl-c', 'escape'],
    does: 'Cancels what runs, with Ctrl-C alone; a step is rolled back by the server. Both stop watching another run.',
  },
  'run-command': { keys: ['r'], does: 'Runs the command of the checklist item that is pointed at.' },
  note: { keys: ['n'], does: 'Adds a note to the checklist item that is pointed at.' },
  up: { keys: ['up', 'k'], does: 'Points at the item above.' },
  down: { keys: ['down', 'j'], does: 'Points at the item below.' },
  forms: {
    keys: ['f', 'ctrl-f'],
    does: 'Shows in which forms a step can be carried out, and lets you choose.',
  },
  whole: { keys: ['w'], does: 'Runs the whole plan in one transaction, or each step in its own again.' },
  rehearse: {
    keys: ['h'],
    does: 'Carries the plan out on a copy of its tables, which leaves nothing behind, and shows what came of it.',
  },
  blockers: { keys: ['b'], does: 'Shows again what can be done about those who hold the lock.' },
  sql: { keys: ['v'], does: 'Shows the SQL of every repair, or hides it again.' },
  undo: { keys: ['u'], does: 'Closes the report and begins the undo of this run.' },
  rollback: { keys: ['g'], does: 'Closes the report of a repair and goes on with the rollback.' },
  application: {
    keys: ['a'],
    does: 'Shows which files of the application name tables that are called otherwise now, as a diff.',
  },
  mend: { keys: ['m'], does: 'Shows what stands in the way and could be mended, and lets you choose.' },
  leave: { keys: ['ctrl-c', 'q'], does: 'Asks whether you mean to leave; asked a second time, leaves.' },
  stay: { keys: ['escape'], does: 'Stays after all.' },
  help: { keys: ['?'], does: 'Shows every key that works here.' },
  coach: {
    keys: ['c', 'ctrl-t'],
    does: 'Practice: asks the coach what this screen is for; closes it again. Nothing behind it is answered by that.',
  },
  escalate: {
    keys: ['!'],
    does: 'Shows whom to call and what can be done: stop all writes, restore, hand over; closes it again.',
  },
};

/** A key as footer, help and docs write it. */
export function keyName(name: string): string {
  const signs: Record<string, string> = {
    enter: 'Enter',
    escape: 'Esc',
    up: '↑',
    down: '↓',
    left: '←',
    right: '→',
    pageup: 'PgUp',
    pagedown: 'PgDn',
    home: 'Home',
    end: 'End',
    space: 'Space',
    tab: 'Tab',
    'shift-tab': 'Shift-Tab',
    backspace: 'Backspace',
    delete: 'Del',
  };
  if (name.startsWith('ctrl-')) return `Ctrl-${name.slice('ctrl-'.length).toUpperCase()}`;
  return signs[name] ?? name;
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const PLACES: Record<Where, string> = {
  choice: 'a choice',
  confirm: 'a yes-or-no question',
  typing: 'a text being typed',
  continue: 'a screen to be read',
  reading: 'wherever no text is typed',
  everywhere: 'everywhere',
};

/** The table as Markdown, for docs/keys.md. */
export function keymapMarkdown(): string {
  const keys = KEYMAP.map(({ keys: names, where, does }) =>
    row([names.map((name) => `\`${keyName(name)}\``).join(' '), PLACES[where], does]),
  );
  const actions = Object.entries(ACTIONS).map(([id, { keys: names, does }]) =>
    row([names.map((name) => `\`${keyName(name)}\``).join(' '), id, does]),
  );
  return [
    '# Keys',
    '',
    'Generated from `src/ui/keymap.ts`. The bottom of each screen shows the keys that work on it; `?` shows all of them.',
    'A letter that an option or an action of the screen uses goes to that first.',
    '',
    row(['key', 'on', 'does']),
    row(['---', '---', '---']),
    ...keys,
    '',
    'What a screen may offer besides. What cannot be used now stays visible in parentheses and answers with its reason.',
    '',
    row(['key', 'action', 'does']),
    row(['---', '---', '---']),
    ...actions,
    '',
  ].join('\n');
}
