/** What somebody may have meant who typed another word. Pure. */
import type { CommandName } from './table.ts';

/** Levenshtein distance: single insertions, deletions and replacements between two words. */
export function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The names that somebody who typed `word` may have meant: at most three, nearest first. */
export function nearest(word: string, names: readonly string[]): string[] {
  const near = names.map((name) => ({
    name,
    far: name.startsWith(word) && word.length > 1 ? 0 : distance(word, name),
  }));
  const limit = Math.max(2, Math.floor(word.length / 3));
  return near
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** One sentence. */
export function didYouMean(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  return `There is: ${names.join(', ')}.`;
}

/** Where another command has the option, and this one does the same without. By the command's word and the option's beginning. */
const BY_ITSELF: readonly { command: CommandName; begins: string; words: string }[] = [
  {
    command: 'backup',
    begins: '--take',
    words: 'It takes one by itself, without an option: "backout backup [PATH]".',
  },
  {
    command: 'backup',
    begins: '--backup',
    words: 'The path is given as a word ("backout backup PATH"), or by --inspect or --prove.',
  },
];

/** For an option that this command does not have: only what it does have is suggested. */
export function instead(command: CommandName, given: string): string | null {
  const known = BY_ITSELF.find((one) => one.command === command && given.startsWith(one.begins));
  return known?.words ?? null;
}
