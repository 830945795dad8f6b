/** What was found, as lines of a comment. Pure. */
import { visible } from '../../sql/risk/text.ts';
import type { Repair, RepairNote } from '../types.ts';
import type { SkeletonRequest } from '../skeleton.ts';

/** Columns of a comment's text. */
const WIDTH = 96;

/** A text in lines; a word that is too long stands alone. Nothing of it ends a comment: controls are made visible. */
export function lines(text: string): string[] {
  const found: string[] = [];
  for (const word of visible(text, 4000).split(' ')) {
    const last = found.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      found[found.length - 1] = `${last} ${word}`;
    else found.push(word);
  }
  return found;
}

export const aboutRepair = ({ title, found, careful }: Repair): string[] => [
  ...lines(`${title}.`),
  ...lines(`Found: ${found}`),
  ...careful.flatMap((sentence) => lines(`Weigh: ${sentence}`)),
];

const aboutNote = ({ title, lines: sentences }: RepairNote): string[] =>
  lines(`- ${title}: ${sentences.join(' ')}`);

/** What stands at the head of both files. */
export function head({ from, left, notes, name }: SkeletonRequest): string[] {
  return [
    ...lines(`Fixes forward what was found wrong after migration ${name}. Found by backout on ${from}.`),
    ...lines(
      'A skeleton: read it, try it on a copy, change what does not fit. backout has run nothing of it by writing this file.',
    ),
    ...(left.length === 0 ? [] : ['', ...lines('Found as well, and left out:')]),
    ...left.flatMap(({ title, found }) => lines(`- ${title}. ${found}`)),
    ...(notes.length === 0 ? [] : ['', ...lines('Found as well, with no SQL that mends it:')]),
    ...notes.flatMap(aboutNote),
  ];
}

/** Whatever a line holds, it stays one line. */
export const comment = (sign: '#' | '--', text: readonly string[], indent = ''): string[] =>
  text.map((line) => `${indent}${sign} ${visible(line, 1000)}`.trimEnd());
