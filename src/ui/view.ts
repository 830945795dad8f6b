/**
 * What the surface itself must remember between two keys: where it is scrolled to, what is half typed. Everything
 * that matters to the rollback is in the wizard's state; losing this loses nothing.
 */
import type { Question, Screen } from '../wizard/types.ts';
import { splitGraphemes } from './spans.ts';

export interface View {
  /** The question this belongs to; another one starts afresh. */
  question: string;
  /**
   * False until the question has stood on the screen for a moment: what was typed before the operator could have
   * read it is not an answer to it.
   */
  armed: boolean;
  /** The option pointed at. */
  focus: number;
  /** What is being typed, in graphemes. */
  text: string[];
  caret: number;
  /** What was wrong with the last answer, or ''. */
  error: string;
  /** Why the last key did nothing, or ''. */
  notice: string;
  /** The end of the content has been on the screen. */
  sawEnd: boolean;
  /** First line shown; null follows the line the eye should be on. */
  scroll: number | null;
  help: boolean;
  helpScroll: number;
  /** When the last character came, ms: an Enter right after it belongs to a paste. */
  typedAt: number;
}

function startFocus(question: Question): number {
  if (question.kind !== 'choice') return 0;
  return Math.max(
    0,
    question.options.findIndex(({ value }) => value === question.default),
  );
}

/** A view for a question nobody has seen yet. */
export function freshView(screen: Screen): View {
  return {
    question: screen.question.id,
    armed: screen.question.kind === 'wait',
    focus: startFocus(screen.question),
    text: [],
    caret: 0,
    error: '',
    notice: '',
    sawEnd: false,
    scroll: null,
    help: false,
    helpScroll: 0,
    typedAt: Number.NEGATIVE_INFINITY,
  };
}

/** The view for what the wizard shows now: the same while the question is, else a fresh one. */
export function viewFor(view: View, screen: Screen): View {
  if (view.question === screen.question.id) return view;
  // The help stays open: work that goes on behind it changes questions by itself.
  return { ...freshView(screen), help: view.help, helpScroll: view.helpScroll };
}

/** The text put in at the caret. */
export function insert(view: View, text: string): View {
  const added = splitGraphemes(text);
  return {
    ...view,
    text: [...view.text.slice(0, view.caret), ...added, ...view.text.slice(view.caret)],
    caret: view.caret + added.length,
    error: '',
  };
}

export function erase(view: View, at: number): View {
  if (at < 0 || at >= view.text.length) return view;
  return {
    ...view,
    text: view.text.filter((_, index) => index !== at),
    caret: Math.min(view.caret, at),
    error: '',
  };
}

export function moveCaret(view: View, to: number): View {
  return { ...view, caret: Math.max(0, Math.min(view.text.length, to)) };
}
