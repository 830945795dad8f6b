/** What a key does: (view, key) → view, and what is to be told to the wizard or done to the terminal. Pure. */
import type { Input } from '../terminal/keys.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Action, Event, Option, Question, Screen } from '../wizard/types.ts';
import type { Command } from './keymap.ts';
import { isTyping, meaningOf } from './meaning.ts';
import { erase, insert, moveCaret, type View } from './view.ts';

/** How the content stands in its window, as last drawn. */
export interface Scrolling {
  /** First line shown. */
  offset: number;
  /** The greatest offset there is. */
  max: number;
  page: number;
}

export interface PressContext {
  screen: Screen;
  /** Of the content, or of the help while it is open. */
  scrolling: Scrolling;
  /** The terminal is too small to show the question: only leaving, redrawing and suspending work. */
  blind: boolean;
}

export type TerminalCommand = 'redraw' | 'suspend' | 'quit-now';

export interface Pressed {
  view: View;
  events: Event[];
  command?: TerminalCommand;
}

/** An Enter this close to the last character was not pressed by a hand, in ms. */
export const PASTE_GAP_MS = 30;

const TOO_SOON = 'That Enter came together with the text, as in a paste. Press Enter once more to submit it.';

function told(view: View, ...events: Event[]): Pressed {
  return { view, events };
}

function answer(view: View, question: Question, value: string): Pressed {
  return told(view, { type: 'answer', question: question.id, value });
}

function pick(view: View, question: Question, option: Option | undefined): Pressed {
  if (option === undefined) return told(view);
  if (option.disabled !== undefined) return told({ ...view, notice: option.disabled });
  return answer(view, question, option.value);
}

function act(view: View, action: Action): Pressed {
  if (action.enabled) return told(view, { type: 'action', action: action.id });
  return told({ ...view, notice: action.reason ?? `"${action.label}" cannot be used now.` });
}

function submit(view: View, context: PressContext, at: number): Pressed {
  const { question } = context.screen;
  if (at - view.typedAt < PASTE_GAP_MS) return told({ ...view, error: TOO_SOON });
  const value = view.text.join('');
  if (question.kind === 'typed' && value !== question.expected) {
    const what = value === '' ? 'Nothing was typed.' : `"${toLine(value, 60)}" is not it.`;
    return told({
      ...view,
      error: `${what} Type ${question.expected} exactly, or leave with the keys below.`,
    });
  }
  if (question.kind === 'text' && question.required && value.trim() === '') {
    return told({ ...view, error: 'An answer is needed here. Type it, then press Enter.' });
  }
  const notice = question.kind === 'typed' ? unseen(view, context) : null;
  return notice === null ? answer(view, question, value) : told({ ...view, error: notice });
}

/**
 * Nothing changes before the operator has seen exactly that SQL: a yes to a screen that shows SQL is not taken
 * before the screen's end was in sight. Returns why not, or null.
 */
function unseen(view: View, { screen, scrolling }: PressContext): string | null {
  if (view.sawEnd || !screen.blocks.some(({ kind }) => kind === 'sql')) return null;
  const below = scrolling.max - scrolling.offset;
  const last = isTyping(screen.question) ? 'End (with nothing typed)' : 'G';
  return `${below} more lines of this have not been on the screen yet. PgDn shows the next of them, ${last} the last; then answer.`;
}

function scrollTo(view: View, { max }: Scrolling, offset: number): View {
  const scroll = Math.max(0, Math.min(max, offset));
  return view.help ? { ...view, helpScroll: scroll } : { ...view, scroll };
}

function scroll(view: View, command: Command, scrolling: Scrolling): View | null {
  const { offset, max, page } = scrolling;
  const targets: Partial<Record<Command, number>> = {
    'scroll-up': offset - 1,
    'scroll-down': offset + 1,
    'page-up': offset - page,
    'page-down': offset + page,
    top: 0,
    bottom: max,
  };
  const target = targets[command];
  return target === undefined ? null : scrollTo(view, scrolling, target);
}

function edit(view: View, command: Command): View | null {
  switch (command) {
    case 'erase':
      return erase(view, view.caret - 1);
    case 'erase-forward':
      return erase(view, view.caret);
    case 'erase-all':
      return { ...view, text: [], caret: 0, error: '' };
    case 'caret-left':
      return moveCaret(view, view.caret - 1);
    case 'caret-right':
      return moveCaret(view, view.caret + 1);
    default:
      return null;
  }
}

/** Home and End: of the text, or of the screen while nothing is typed. */
function toEdge(view: View, command: 'caret-start' | 'caret-end', scrolling: Scrolling): View {
  const end = command === 'caret-end';
  if (view.text.length === 0) return scrollTo(view, scrolling, end ? scrolling.max : 0);
  return moveCaret(view, end ? view.text.length : 0);
}

/** The next option in a direction, round the end. */
function refocus(view: View, question: Question, by: number): View {
  if (question.kind !== 'choice') return view;
  const count = question.options.length;
  return { ...view, focus: (view.focus + by + count) % count };
}

function run(view: View, command: Command, context: PressContext, at: number): Pressed {
  const { question } = context.screen;
  switch (command) {
    case 'pick':
      return pick(view, question, question.kind === 'choice' ? question.options[view.focus] : undefined);
    case 'focus-up':
      return told(refocus(view, question, -1));
    case 'focus-down':
      return told(refocus(view, question, 1));
    case 'yes': {
      const notice = unseen(view, context);
      return notice === null ? answer(view, question, 'yes') : told({ ...view, notice });
    }
    case 'no':
    case 'next':
      return answer(view, question, command);
    case 'submit':
      return submit(view, context, at);
    case 'help':
      return told({ ...view, help: !view.help, helpScroll: 0 });
    case 'redraw':
    case 'suspend':
    case 'quit-now':
      return { view, events: [], command };
    case 'caret-start':
    case 'caret-end':
      return told(toEdge(view, command, context.scrolling));
    default:
      return told(scroll(view, command, context.scrolling) ?? edit(view, command) ?? view);
  }
}

/** Works whatever is shown, and before the question was read: leaving, cancelling, the terminal's own keys. */
function always(view: View, name: string, screen: Screen): Pressed | null {
  const meaning = meaningOf(name, screen);
  if (name === 'ctrl-c') {
    if (meaning?.kind === 'action') return act(view, meaning.action);
    return told(view, { type: 'action', action: 'leave' });
  }
  const isOurs = name === 'ctrl-l' || name === 'ctrl-z' || name === 'ctrl-\\';
  return isOurs && meaning?.kind === 'command'
    ? { view, events: [], command: meaning.command as TerminalCommand }
    : null;
}

function inHelp(view: View, name: string, context: PressContext): Pressed {
  if (['escape', '?', 'q', 'enter'].includes(name)) return told({ ...view, help: false });
  const reading: Screen = {
    ...context.screen,
    question: { kind: 'continue', id: '', prompt: '' },
    actions: [],
  };
  const meaning = meaningOf(name, reading);
  return told(
    (meaning?.kind === 'command' ? scroll(view, meaning.command, context.scrolling) : null) ?? view,
  );
}

function typed(view: View, text: string, at: number): Pressed {
  return told({ ...insert(view, text), typedAt: at });
}

function paste(view: View, text: string, screen: Screen, at: number): Pressed {
  if (!isTyping(screen.question)) {
    return told({ ...view, notice: 'Something was pasted; keys must be pressed here.' });
  }
  return typed(view, toLine(text.trim()), at);
}

function onScreen(
  view: View,
  input: Extract<Input, { type: 'key' }>,
  context: PressContext,
  at: number,
): Pressed {
  const { screen } = context;
  const meaning = meaningOf(input.name, screen);
  const moves = meaning?.kind === 'command' ? scroll(view, meaning.command, context.scrolling) : null;
  if (moves !== null) return told(moves);
  if (meaning?.kind === 'command' && meaning.command === 'help') return run(view, 'help', context, at);
  if (!view.armed) return told(view);
  if (meaning?.kind === 'option') return pick(view, screen.question, meaning.option);
  if (meaning?.kind === 'action') return act(view, meaning.action);
  if (meaning?.kind === 'command') return run(view, meaning.command, context, at);
  return isTyping(screen.question) && input.text !== '' ? typed(view, input.text, at) : told(view);
}

/** What the key found on the screen: a notice has been read, and perhaps the end of the content. */
function looked(view: View, { scrolling, blind }: PressContext): View {
  const sawEnd = view.sawEnd || (!view.help && !blind && scrolling.offset === scrolling.max);
  return { ...view, notice: '', sawEnd };
}

/**
 * The effect of one key or paste.
 * @param at when it came, ms of a clock that only goes forward
 */
export function press(before: View, input: Input, at: number, context: PressContext): Pressed {
  const view = looked(before, context);
  if (input.type === 'paste') {
    return view.armed && !view.help && !context.blind
      ? paste(view, input.text, context.screen, at)
      : told(view);
  }
  const first = always(view, input.name, context.screen);
  if (first !== null) return first;
  if (context.blind) return told(view);
  return view.help ? inHelp(view, input.name, context) : onScreen(view, input, context, at);
}
