import { describe, expect, it } from 'vitest';
import { newLogLines, NOTHING_SHOWN, whatIsNew } from '../../src/plain/news.ts';
import type { Block, Screen } from '../../src/wizard/types.ts';
import { goOn, screen } from './fake.ts';

const item = (text: string, mark: 'waiting' | 'running' | 'done' = 'waiting', focused = false): Block => ({
  kind: 'item',
  mark,
  text,
  focused,
});
const heading = (text: string): Block => ({ kind: 'heading', text });

/** What each screen of a sequence adds. */
function told(...screens: Screen[]): string[][] {
  let shown = NOTHING_SHOWN;
  return screens.map((one) => {
    const news = whatIsNew(shown, one, []);
    shown = news.shown;
    return news.lines;
  });
}

const withBlocks = (...blocks: Block[]): Screen => screen(goOn('q'), { blocks });

describe('what is new', () => {
  it('shows a screen whole, then nothing when nothing changed', () => {
    const one = withBlocks(heading('Statements'), item('first'));
    const [first, second] = told(one, one);
    expect(first?.join('\n')).toContain('Step 1');
    expect(first?.join('\n')).toContain('first');
    expect(second).toEqual([]);
  });

  it('shows an item again when its state changed, and only that', () => {
    const [, second] = told(
      withBlocks(item('first'), item('second')),
      withBlocks(item('first', 'done'), item('second')),
    );
    expect(second).toEqual(['  done     first']);
  });

  it('tells of an item once it has ended, not when it begins', () => {
    const [, second, third] = told(
      withBlocks(item('first')),
      withBlocks(item('first', 'running')),
      withBlocks(item('first', 'done')),
    );
    expect(second).toEqual([]);
    expect(third).toEqual(['  done     first']);
  });

  it('does not take a moved focus for news', () => {
    const [, second] = told(withBlocks(item('a', 'waiting', true)), withBlocks(item('a', 'waiting', false)));
    expect(second).toEqual([]);
  });

  it('counts: a second block like the first is new', () => {
    const [, second] = told(withBlocks(item('same')), withBlocks(item('same'), item('same')));
    expect(second).toEqual(['  waiting  same']);
  });

  it('shows again what had gone and came back', () => {
    const [, , third] = told(withBlocks(item('a')), withBlocks(), withBlocks(item('a')));
    expect(third).toEqual(['  waiting  a']);
  });

  it('adds only the new lines of a log, also of one that lost its beginning', () => {
    const log = (...lines: string[]): Screen => withBlocks({ kind: 'log', lines });
    const [, second, third] = told(log('1', '2'), log('1', '2', '3'), log('3', '4'));
    expect(second).toEqual(['  | 3']);
    expect(third).toEqual(['  | 4']);
  });

  it('names a table that changed by its heading', () => {
    const table = (rows: string): Block => ({
      kind: 'table',
      columns: ['rows'],
      rows: [[rows]],
      align: ['right'],
    });
    const [, second] = told(
      withBlocks(heading('Counts'), table('1')),
      withBlocks(heading('Counts'), table('2')),
    );
    expect(second).toEqual(['', 'Counts', '  rows', '  ----', '     2']);
  });

  it('recognises a long item by its beginning when only its state changed', () => {
    const long = `4. ${'renames a column of a table and '.repeat(4)}is done`;
    const [, second] = told(withBlocks(item(long)), withBlocks(item(long, 'done')));
    expect(second).toHaveLength(1);
    expect(second?.[0]).toMatch(/^ {2}done {5}4\. renames .* (renames|a|column|of|table|and)…$/);
  });

  it('does not repeat an item whose detail only lost its end, but does when it says more', () => {
    const done = (detail: string): Screen =>
      withBlocks({ kind: 'item', mark: 'done', text: 'DROP INDEX', detail });
    const [, second, third] = told(done('3 rows, not committed yet'), done('3 rows'), done('3 rows, twice'));
    expect(second).toEqual([]);
    expect(third?.join(' ')).toContain('3 rows, twice');
  });

  it('does not repeat an item that only lost its lines, but does when it has more of them', () => {
    const waiting = (...lines: string[]): Screen =>
      withBlocks({ kind: 'item', mark: 'waiting', text: 'DROP INDEX', lines });
    const [, second, third] = told(waiting('-- comment'), waiting(), waiting('-- another'));
    expect(second).toEqual([]);
    expect(third?.join(' ')).toContain('-- another');
  });

  it('leaves no empty lines at the ends, and never two together', () => {
    const [first] = told(
      withBlocks({ kind: 'gap' }, item('a'), { kind: 'gap' }, heading('B'), item('b'), { kind: 'gap' }),
    );
    expect(first?.slice(3)).toEqual(['  waiting  a', '', 'B', '  waiting  b']);
  });

  it('shows another screen from its title on', () => {
    const [, second] = told(
      withBlocks(item('a')),
      screen(goOn('q'), { id: 'plan', title: 'Plan', blocks: [item('a')] }),
    );
    expect(second).toEqual(['', 'Plan', '====', '  waiting  a']);
  });
});

describe('newLogLines', () => {
  it.each([
    [[], ['a'], ['a']],
    [['a'], ['a'], []],
    [['a', 'b'], ['b', 'c'], ['c']],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [['a', 'a'], ['a', 'a', 'a'], ['a']],
  ])('%j then %j adds %j', (before, now, added) => {
    expect(newLogLines(before, now)).toEqual(added);
  });
});
