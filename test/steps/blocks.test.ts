import { describe, expect, test } from 'vitest';
import { count, duration, errorBlocks, grouped, item, sql, table, text } from '../../src/steps/blocks.ts';
import { RUNBOOK, failure, wordsIn } from '../wizard/support.ts';

describe('numbers for people', () => {
  test.each([
    [0, '0 rows'],
    [1, '1 row'],
    [999, '999 rows'],
    [12400, '12,400 rows'],
    [1234567, '1,234,567 rows'],
  ])('%i is %s', (number, words) => {
    expect(count(number, 'row')).toBe(words);
  });

  test('an irregular plural', () => {
    expect([count(1, 'index', 'indexes'), count(2, 'index', 'indexes')]).toEqual(['1 index', '2 indexes']);
  });

  test.each([
    [0.0042, '0.004 s'],
    [3.21, '3.2 s'],
    [59.94, '59.9 s'],
    [125, '2 min 05 s'],
    [3599.7, '60 min 00 s'],
  ])('%d seconds are %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  test('thousands are grouped', () => {
    expect(grouped(1000)).toBe('1,000');
  });
});

describe('blocks', () => {
  test('what a terminal would obey becomes visible', () => {
    expect(text('a\u001b[2Jb\nc')).toEqual({
      kind: 'text',
      spans: [{ text: 'a\\x1B[2Jb ⏎ c', tone: 'plain' }],
    });
    expect(item('warn', 'x\u202ey', { detail: '\u0007', lines: ['\u200b'] })).toEqual({
      kind: 'item',
      mark: 'warn',
      text: 'x\\u{202E}y',
      detail: '\\x07',
      lines: ['\\u{200B}'],
    });
  });

  test('columns of numbers stand to the right', () => {
    const made = table(
      ['table', 'rows'],
      [
        ['a', '1,200'],
        ['b', '7'],
      ],
    );
    expect(made.kind === 'table' && made.align).toEqual(['left', 'right']);
  });

  test('a long statement is shown whole', () => {
    const long = `SELECT ${'x'.repeat(20_000)}`;
    expect(sql(long)).toEqual({ kind: 'sql', sql: long });
  });

  test.each([
    ['SELECT 1', 8, 8],
    ['SELECT\t1', 8, 9],
    ["SELECT '😀', x", 13, 13],
    ["SELECT '\u202e', x", 13, 20],
  ])('the caret in %j stays on its character', (statement, position, caret) => {
    const block = sql(statement, position);
    expect(block.kind === 'sql' && block.caret).toBe(caret);
    const shown = block.kind === 'sql' ? [...block.sql][caret - 1] : undefined;
    expect(shown).toBe([...statement][position - 1]);
  });
});

describe('an error', () => {
  test('ends with what to do', () => {
    const words = wordsIn(errorBlocks(failure({ detail: 'D', hint: 'H' }), RUNBOOK)).split('\n');
    expect(words).toEqual([
      'SQLSTATE 22P02: invalid input syntax',
      'Detail: D',
      'Hint: H',
      '',
      'A value does not fit.',
      'Look at the rows.',
    ]);
  });

  test('without an SQLSTATE shows none', () => {
    expect(wordsIn(errorBlocks(failure({ sqlstate: undefined }), RUNBOOK))).not.toContain('SQLSTATE');
  });
});
