/** The one question, as lines, for each of its kinds. */
import { toLine } from '../terminal/sanitize.ts';
import type { Option, Question } from '../wizard/types.ts';
import { clock } from './header.ts';
import { line, span, splitGraphemes, truncateLine, widthOf, wrap, type Line } from './spans.ts';
import type { View } from './view.ts';

export interface QuestionArea {
  width: number;
  /** Most rows it may take. */
  height: number;
  /** ms since the epoch. */
  now: number;
}

type Choice = Extract<Question, { kind: 'choice' }>;
type Typing = Extract<Question, { kind: 'typed' | 'text' }>;

const SECRET_SIGN = '•';

function optionLines(option: Option, focused: boolean, width: number): Line[] {
  const tone = option.disabled !== undefined ? 'quiet' : focused ? 'strong' : 'plain';
  const indent = 6;
  const key = option.disabled === undefined ? ` ${option.key}  ` : `(${option.key}) `;
  const detail = option.disabled === undefined ? option.detail : `Not now: ${option.disabled}`;
  const more = detail === undefined || detail === '' ? [] : [span(`  ${detail}`, 'quiet')];
  return wrap(
    [span(focused ? '› ' : '  ', 'strong'), span(key, 'key'), span(option.label, tone), ...more],
    width,
    indent,
  );
}

/** All options if they fit; then one row each; then those around the one pointed at. */
function choiceLines(question: Choice, view: View, { width, height }: QuestionArea): Line[] {
  const prompt = wrap([span(question.prompt, 'strong')], width).slice(0, Math.max(1, height - 1));
  const room = height - prompt.length;
  const full = question.options.map((option, index) => optionLines(option, index === view.focus, width));
  if (full.flat().length <= room) return [...prompt, ...full.flat()];
  const rows = full.map((lines, index) => {
    const { label } = question.options[index] ?? { label: '' };
    return lines.length === 1 ? (lines[0] ?? line()) : truncateLine(lines[0] ?? line(span(label)), width);
  });
  const from = Math.max(0, Math.min(rows.length - room, view.focus - room + 1));
  return [...prompt, ...rows.slice(from, from + room)];
}

/** The text with the cursor as an inverse block, moved so that the cursor is in sight. */
function inputLine(question: Typing, view: View, width: number): Line {
  const secret = question.kind === 'text' && question.secret;
  const cells = view.text.map((grapheme) => (secret ? SECRET_SIGN : grapheme));
  const room = Math.max(4, width - 4);
  let from = 0;
  while (widthOf(cells.slice(from, view.caret + 1).join('')) > room - 1) from += 1;
  const before = cells.slice(from, view.caret).join('');
  const after = cells.slice(view.caret + 1).join('');
  const placeholder = question.kind === 'text' && cells.length === 0 ? ` ${question.placeholder}` : '';
  const parts = [
    span(from > 0 ? '…' : '>', 'strong'),
    span(' '),
    span(before),
    span(cells[view.caret] ?? ' ', 'caret'),
    span(after),
    span(placeholder, 'quiet'),
  ];
  return truncateLine(line(...parts), width);
}

function typingLines(question: Typing, view: View, { width, height }: QuestionArea): Line[] {
  const error = view.error === '' ? [] : wrap([span(view.error, 'bad')], width);
  const room = Math.max(1, height - 1 - error.length);
  return [
    ...wrap([span(question.prompt, 'strong')], width).slice(0, room),
    inputLine(question, view, width),
    ...error,
  ];
}

function confirmLines(
  question: Extract<Question, { kind: 'confirm' }>,
  { width, height }: QuestionArea,
): Line[] {
  const answers = [
    ...wrap([span('   y  ', 'key'), span(question.yes)], width, 6),
    ...wrap([span('   n  ', 'key'), span(question.no), span('  Enter alone means this.', 'quiet')], width, 6),
  ];
  const room = Math.max(1, height - answers.length);
  return [...wrap([span(question.prompt, 'strong')], width).slice(0, room), ...answers];
}

function waitWords(question: Extract<Question, { kind: 'wait' }>, now: number): string {
  return question.since === null ? question.prompt : `${question.prompt}  ${clock(now - question.since)}`;
}

/** The question's rows, at most `height` of them. */
export function questionLines(question: Question, view: View, area: QuestionArea): Line[] {
  const lines = (() => {
    switch (question.kind) {
      case 'choice':
        return choiceLines(question, view, area);
      case 'confirm':
        return confirmLines(question, area);
      case 'typed':
      case 'text':
        return typingLines(question, view, area);
      case 'continue':
        return wrap([span(question.prompt, 'strong')], area.width);
      case 'wait':
        return wrap([span('▸ ', 'strong'), span(waitWords(question, area.now), 'strong')], area.width, 2);
    }
  })();
  return lines.slice(0, area.height);
}

/** What was typed so far, for a screen reader: the text, or how many characters of a secret. */
export function spokenInput(question: Question, view: View): string {
  if (question.kind !== 'typed' && question.kind !== 'text') return '';
  const secret = question.kind === 'text' && question.secret;
  const text = view.text.join('');
  return secret ? `${splitGraphemes(text).length} characters typed` : `Typed: ${toLine(text)}`;
}
