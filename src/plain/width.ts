/** Columns that text takes on a terminal, and text fitted to columns. Pure. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian wide scripts, full-width forms and emoji take two columns (Unicode UAX #11). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\p{Emoji_Presentation}]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns of one line of text. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? gap + text : text + gap;
}

function wrapLine(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line];
  const lead = /^ */.exec(line)?.[0] ?? '';
  const out: string[] = [];
  let current = lead;
  let empty = true;
  for (const word of line.slice(lead.length).split(' ')) {
    const candidate = empty ? current + word : `${current} ${word}`;
    if (!empty && displayWidth(candidate) > width) {
      out.push(current);
      current = lead + word;
    } else {
      current = candidate;
    }
    empty = false;
  }
  return [...out, current];
}

/** Lines of at most `width` columns, broken at spaces; a longer word stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}
