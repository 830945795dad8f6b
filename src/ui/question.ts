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

/** Rows of a long list from which on one of them says what is out of sight. */
const LEAST_MARKED = 4;

interface Row {
  line: Line;
  /** Index of the option; null: a heading. */
  option: number | null;
}

/** The headings of groups stand in front of their first option. */
const headed = (options: readonly Option[], rowsOf: (option: Option, index: number) => Line[]): Row[] =>
  options.flatMap((option, index) => {
    const { group } = option;
    const first = group !== undefined && group !== options[index - 1]?.group;
    return [
      ...(first ? [{ line: line(span(group, 'quiet')), option: null }] : []),
      ...rowsOf(option, index).map((row) => ({ line: row, option: index })),
    ];
  });

/** What of a long list is out of sight. */
function beyond(rows: readonly Row[], from: number, to: number, width: number): Line {
  const many = (part: readonly Row[]): number => part.filter(({ option }) => option !== null).length;
  const [above, below] = [many(rows.slice(0, from)), many(rows.slice(to))];
  const words = [
    ...(above > 0 ? [`▲ ${above} more above`] : []),
    ...(below > 0 ? [`▼ ${below} more below`] : []),
  ].join('  ');
  return truncateLine(line(span('  '), span(words, 'strong'), span('  ↑ ↓', 'quiet')), width);
}

/** All options if they fit; then one row each; then those around the one pointed at, and how many are beyond. */
function choiceLines(question: Choice, view: View, { width, height }: QuestionArea): Line[] {
  const prompt = wrap([span(question.prompt, 'strong')], width).slice(0, Math.max(1, height - 1));
  const room = height - prompt.length;
  const { options } = question;
  const full = headed(options, (option, index) => optionLines(option, index === view.focus, width));
  if (full.length <= room) return [...prompt, ...full.map((row) => row.line)];
  const rows = headed(options, (option, index) => {
    const lines = optionLines(option, index === view.focus, width);
    return lines.length === 1 ? lines : [truncateLine(lines[0] ?? line(span(option.label)), width)];
  });
  const all = rows.map((row) => row.line);
  // With hardly any room a mark would take it from what can be chosen.
  const marked = rows.length > room && room >= LEAST_MARKED;
  const shown = marked ? room - 1 : room;
  const focus = rows.findIndex(({ option }) => option === view.focus);
  const from = Math.max(0, Math.min(rows.length - shown, focus - shown + 1));
  // A heading says nothing where none of its options is in sight.
  const to = from + shown - (rows[from + shown - 1]?.option === null ? 1 : 0);
  return [...prompt, ...all.slice(from, to), ...(marked ? [beyond(rows, from, to, width)] : [])];
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
