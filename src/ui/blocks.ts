/** The wizard's blocks as lines of a given width. Pure: the viewport decides which of them are seen. */
import type { Block } from '../wizard/types.ts';
import { colourSql } from './sql-colour.ts';
import { line, span, widthOf, wrap, type Line, type UiSpan } from './spans.ts';
import { tableLines } from './table.ts';
import { MARKS, MARK_WORD_WIDTH } from './theme.ts';

type Item = Extract<Block, { kind: 'item' }>;
type Sql = Extract<Block, { kind: 'sql' }>;

/** SQL stands clear of the words above it. */
const SQL_INDENT = 4;

function itemHead(item: Item): UiSpan[] {
  const { sign, word, tone } = MARKS[item.mark];
  const pointer = span(item.focused === true ? '› ' : '  ', 'strong');
  if (item.mark === 'none') return [pointer, span('- ')];
  return [pointer, span(`${sign} ${word.padEnd(MARK_WORD_WIDTH)} `, tone)];
}

/** What is under way or pointed at, else what has failed. */
function anchorOf({ focused, mark }: Item): Line['anchor'] {
  if (focused === true || mark === 'running') return 'strong';
  return mark === 'fail' || mark === 'conflict' ? 'weak' : undefined;
}

function itemLines(item: Item, width: number): Line[] {
  const head = itemHead(item);
  const indent = head.reduce((sum, part) => sum + widthOf(part.text), 0);
  const words = [...head, span(item.text, item.focused === true ? 'strong' : 'plain')];
  const detail = item.detail ?? '';
  const alone = wrap(words, width, indent);
  const both = wrap([...words, span(`  ${detail}`, 'quiet')], width, indent);
  // A detail that is no sentence stands beside its text where there is room.
  const beside = detail !== '' && !/[.!?:]$/.test(detail) && both.length === alone.length;
  const text = beside ? both : alone;
  const more = [...(beside || detail === '' ? [] : [detail]), ...(item.lines ?? [])];
  const below = more.flatMap((words) => wrap([span(' '.repeat(indent)), span(words)], width, indent));
  const anchor = anchorOf(item);
  return [...text, ...below].map((row, index) =>
    index === 0 && anchor !== undefined ? { ...row, anchor } : row,
  );
}

/** The source rows of a statement, each in tones; backout's own in one quiet tone. */
function sqlRows({ sql, quiet }: Sql): UiSpan[][] {
  const rows: UiSpan[][] = [[]];
  for (const part of quiet === true ? [span(sql, 'quiet')] : colourSql(sql)) {
    for (const [index, text] of part.text.split('\n').entries()) {
      if (index > 0) rows.push([]);
      if (text !== '') rows.at(-1)?.push({ text, tone: part.tone });
    }
  }
  return rows;
}

/** Row and character (from 0) of a 1-based character offset; characters as PostgreSQL counts them, code points. */
export function caretPlace(sql: string, offset: number): { row: number; character: number } {
  const before = Array.from(sql).slice(0, Math.max(0, offset - 1));
  const lastNewline = before.lastIndexOf('\n');
  return {
    row: before.filter((character) => character === '\n').length,
    character: before.length - lastNewline - 1,
  };
}

/** The row with one character in the caret's tone, so that it can be found again after wrapping. */
function markCaret(row: readonly UiSpan[], at: number): UiSpan[] {
  let start = 0;
  return row.flatMap((part) => {
    const characters = Array.from(part.text);
    const own = at - start;
    start += characters.length;
    if (own < 0 || own >= characters.length) return [part];
    return [
      { text: characters.slice(0, own).join(''), tone: part.tone },
      { text: characters[own] ?? '', tone: 'caret' as const },
      { text: characters.slice(own + 1).join(''), tone: part.tone },
    ].filter(({ text }) => text !== '');
  });
}

/** A `^` under the marked character; under the end of the last line when the caret is behind it. */
function underline(wrapped: readonly Line[]): Line[] {
  const found = wrapped.findIndex((row) => row.spans.some(({ tone }) => tone === 'caret'));
  const at = found === -1 ? wrapped.length - 1 : found;
  const spans = wrapped[at]?.spans ?? [];
  const caret = spans.findIndex(({ tone }) => tone === 'caret');
  const before = caret === -1 ? spans : spans.slice(0, caret);
  const column = before.reduce((sum, part) => sum + widthOf(part.text), 0);
  const sign: Line = { spans: [span(`${' '.repeat(column)}^`, 'bad')], anchor: 'weak' };
  return [...wrapped.slice(0, at + 1), sign, ...wrapped.slice(at + 1)];
}

function sqlLines(block: Sql, width: number): Line[] {
  const caret = block.caret === undefined ? null : caretPlace(block.sql, block.caret);
  return sqlRows(block).flatMap((row, index) => {
    const indent = (/^ */.exec(row[0]?.text ?? '')?.[0].length ?? 0) + SQL_INDENT + 2;
    const isAt = caret?.row === index;
    const wrapped = wrap(
      [span(' '.repeat(SQL_INDENT)), ...(isAt ? markCaret(row, caret.character) : row)],
      width,
      indent,
    );
    return isAt ? underline(wrapped) : wrapped;
  });
}

/** Bad news is what the eye should be on, before the list of what failed below it. */
function textLines({ spans }: Extract<Block, { kind: 'text' }>, width: number): Line[] {
  const [first, ...rest] = wrap(spans, width);
  if (first === undefined || !spans.some(({ tone }) => tone === 'bad')) return wrap(spans, width);
  return [{ ...first, anchor: 'weak' }, ...rest];
}

function blockLines(block: Block, width: number): Line[] {
  switch (block.kind) {
    case 'heading':
      return wrap([span(block.text, 'strong')], width);
    case 'text':
      return textLines(block, width);
    case 'item':
      return itemLines(block, width);
    case 'table':
      return tableLines(block, width);
    case 'sql':
      return sqlLines(block, width);
    case 'log':
      return block.lines.flatMap((text) => wrap([span('│ ', 'quiet'), span(text)], width, 2));
    case 'gap':
      return [line()];
  }
}

/** Every block, one below the other, in rows of at most `width` columns. */
export function layoutBlocks(blocks: readonly Block[], width: number): Line[] {
  return blocks.flatMap((block) => blockLines(block, width));
}
