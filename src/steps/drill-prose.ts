/** The little Markdown that stories, coach notes and debriefs are written in, as blocks. Pure. */
import type { Block, Span, Tone } from '../wizard/types.ts';
import { gap, heading, item, log, span } from './blocks.ts';

const INLINE = /(\*\*[^*]+\*\*|`[^`]+`|\*[^*\s][^*]*\*|_[^_\s][^_]*_(?!\w))/;

/** `**strong**`, `` `code` `` and `*emphasis*`; any other character stands for itself. */
export function inlineSpans(words: string, tone: Tone = 'plain'): Span[] {
  return words
    .split(INLINE)
    .filter((part) => part !== '')
    .map((part) => {
      if (/^\*\*[^*]+\*\*$/.test(part)) return span(part.slice(2, -2), 'strong');
      if (/^`[^`]+`$/.test(part)) return span(part.slice(1, -1), 'code');
      if (/^(\*[^*\s][^*]*\*|_[^_\s][^_]*_)$/.test(part)) return span(part.slice(1, -1), 'strong');
      return span(part, tone);
    });
}

/** Without its marks, for the places that know no tones. */
const plain = (words: string): string =>
  inlineSpans(words)
    .map(({ text }) => text)
    .join('');

const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+/;
const FENCE = /^\s*```/;

interface Piece {
  kind: 'paragraph' | 'heading' | 'item' | 'quote' | 'code';
  lines: string[];
}

const kindOf = (row: string): Piece['kind'] => {
  if (/^#{1,6}\s/.test(row)) return 'heading';
  if (/^\s*>/.test(row)) return 'quote';
  return ITEM.test(row) ? 'item' : 'paragraph';
};

/** Lines of one paragraph or item belong together; so do those of a quote, which keeps them apart, as a chat does. */
const goesOn = (before: Piece | undefined, kind: Piece['kind']): boolean =>
  kind === 'paragraph'
    ? before?.kind === 'paragraph' || before?.kind === 'item'
    : kind === 'quote' && before?.kind === 'quote';

function pieces(markdown: string): Piece[] {
  const found: Piece[] = [];
  let inCode = false;
  let apart = true;
  for (const row of markdown.split('\n')) {
    const last = found.at(-1);
    if (FENCE.test(row)) {
      inCode = !inCode;
      if (inCode) found.push({ kind: 'code', lines: [] });
      apart = true;
    } else if (inCode) last?.lines.push(row);
    else if (row.trim() === '') apart = true;
    else {
      const kind = kindOf(row);
      if (!apart && goesOn(last, kind)) last?.lines.push(row);
      else found.push({ kind, lines: [row] });
      apart = false;
    }
  }
  return found;
}

const joined = (lines: string[]): string => lines.map((row) => row.trim()).join(' ');

function blocksOf({ kind, lines }: Piece): Block[] {
  switch (kind) {
    case 'heading':
      return [heading(plain(joined(lines).replace(/^#+\s+/, '')))];
    case 'item':
      return [item('none', plain(joined(lines).replace(ITEM, '')))];
    case 'quote':
      return lines
        .map((row) => row.replace(/^\s*>\s?/, ''))
        .filter((row) => row.trim() !== '')
        .map((row): Block => ({ kind: 'text', spans: [span('> ', 'quiet'), ...inlineSpans(row)] }));
    case 'code':
      return [log(lines)];
    case 'paragraph':
      return [{ kind: 'text', spans: inlineSpans(joined(lines)) }];
  }
}

/** Blocks with an empty line between them, except between the items of a list. */
export function proseBlocks(markdown: string): Block[] {
  return pieces(markdown).flatMap((piece, index, all): Block[] => {
    const before = all[index - 1];
    const close = before === undefined || (piece.kind === 'item' && before.kind === 'item');
    return [...(close || before.kind === 'heading' ? [] : [gap]), ...blocksOf(piece)];
  });
}
