/** Markdown made of untrusted text. Pure. */
import { toDisplay, toLine } from '../../terminal/sanitize.ts';

/** Untrusted text inside a line of Markdown: controls made visible, Markdown and HTML taken literally. (`_` inside a word is one.) */
export function inline(text: string): string {
  return toLine(text).replaceAll(/[\\`*{}[\]<>|#~]|(?<!\w)_|_(?!\w)/g, (character) => `\\${character}`);
}

/** A fenced block whose fence is longer than any run of backticks inside it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${toDisplay(text, 100_000)}\n${fence}`;
}

/** A table; the cells are Markdown already. */
export function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
