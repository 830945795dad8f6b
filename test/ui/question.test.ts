/** A choice that is longer than its room: what is pointed at is in sight, and how much is not is said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { questionLines } from '../../src/ui/question.ts';
import { freshView, type View } from '../../src/ui/view.ts';
import { menuOf } from '../../src/plain/menu.ts';
import type { Option, Question, Screen } from '../../src/wizard/types.ts';

const KEYS = 'abcdefghijklmnopqrst';

const options: Option[] = [...KEYS].map((key, at) => ({
  value: key,
  key,
  label: `Option ${key}`,
  detail: 'so many words that a row of sixty columns cannot hold all of them',
  group: at < 8 ? 'first' : 'second',
}));

const question: Question = { kind: 'choice', id: 'list', prompt: 'Which one?', options, default: 'a' };

const SCREEN: Screen = { id: 'target', title: 'Practice', blocks: [], question, actions: [] };

const viewAt = (focus: number): View => ({ ...freshView(SCREEN), focus });

const rowsOf = (focus: number, height: number, width = 60): string[] =>
  questionLines(question, viewAt(focus), { width, height, now: 0 }).map(({ spans }) =>
    spans.map(({ text }) => text).join(''),
  );

describe('a long choice', () => {
  it('stands whole, with the heading of each group once, where there is room', () => {
    const rows = rowsOf(0, 60);
    expect(rows.filter((row) => row === 'first' || row === 'second')).toEqual(['first', 'second']);
    expect(rows.join('\n')).not.toMatch(/more (above|below)/);
  });

  it('says how many are above and below', () => {
    expect(rowsOf(0, 12).at(-1)).toContain('▼ 12 more below');
    expect(rowsOf(0, 12).at(-1)).not.toContain('above');
    const end = rowsOf(options.length - 1, 12).at(-1);
    expect(end).toContain('▲ 10 more above');
    expect(end).not.toContain('below');
  });

  it('wherever one points: it is in sight, nothing is counted wrongly, no heading stands last', () => {
    fc.assert(
      fc.property(fc.nat(options.length - 1), fc.integer({ min: 5, max: 22 }), (focus, height) => {
        const rows = rowsOf(focus, height);
        expect(rows.length).toBeLessThanOrEqual(height);
        expect(rows.some((row) => row.includes(`› `) && row.includes(`Option ${KEYS[focus]}`))).toBe(true);
        const mark = rows.at(-1) ?? '';
        const number = (word: string): number =>
          Number(new RegExp(`(\\d+) more ${word}`).exec(mark)?.[1] ?? 0);
        const seen = rows.filter((row) => row.includes('Option ')).length;
        expect(seen + number('above') + number('below')).toBe(options.length);
        expect(rows.at(-2)).not.toMatch(/^(first|second)$/);
      }),
    );
  });

  it('names the group with each entry where there are only lines', () => {
    const { entries } = menuOf({ question, actions: [] });
    expect(entries[8]?.detail).toMatch(/^second, so many words/);
  });
});
