import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockLines, markWord, titleLines } from '../../src/plain/lines.ts';
import { displayWidth, pad, wrap } from '../../src/plain/width.ts';
import type { Block, Mark } from '../../src/wizard/types.ts';

const MARKS: Mark[] = [
  'pass',
  'warn',
  'fail',
  'done',
  'waiting',
  'running',
  'skipped',
  'unknown',
  'conflict',
  'partial',
];

describe('blocks as lines', () => {
  it('says every mark by a word of its own', () => {
    expect(new Set(MARKS.map(markWord)).size).toBe(MARKS.length);
    for (const mark of MARKS) {
      expect(blockLines({ kind: 'item', mark, text: 'here' })[0]).toContain(markWord(mark));
    }
  });

  it('puts a detail that is no sentence into parentheses, as long as both fit', () => {
    const item: Block = { kind: 'item', mark: 'done', text: 'Drops index a', detail: '0.003 s' };
    expect(blockLines(item, 34)).toEqual(['  done     Drops index a (0.003 s)']);
    expect(blockLines(item, 33)).toEqual(['  done     Drops index a', '           0.003 s']);
  });

  it('sets an item off from its detail and its lines', () => {
    const item: Block = {
      kind: 'item',
      mark: 'warn',
      text: 'Backup',
      detail: 'None was named.',
      lines: ['first', 'second'],
    };
    expect(blockLines(item)).toEqual([
      '  WARN     Backup',
      '           None was named.',
      '             first',
      '             second',
    ]);
  });

  it('marks an item without a state by a dash', () => {
    expect(blockLines({ kind: 'item', mark: 'none', text: 'free' })).toEqual(['  - free']);
  });

  it('aligns a table, numbers to the right', () => {
    const table: Block = {
      kind: 'table',
      columns: ['table', 'rows'],
      rows: [
        ['git_sessions', '7'],
        ['事件', '1,200'],
      ],
      align: ['left', 'right'],
    };
    expect(blockLines(table)).toEqual([
      '  table          rows',
      '  ------------  -----',
      '  git_sessions      7',
      '  事件          1,200',
    ]);
  });

  it('breaks the cells of a table that is too wide, names whole', () => {
    const table: Block = {
      kind: 'table',
      columns: ['table', 'while it is held'],
      rows: [['codebase_snapshots', 'reads the whole table']],
      align: ['left', 'left'],
    };
    expect(blockLines(table, 36)).toEqual([
      '  table               while it is',
      '                      held',
      '  ------------------  --------------',
      '  codebase_snapshots  reads the',
      '                      whole table',
    ]);
  });

  it('sets code in, as it is', () => {
    expect(blockLines({ kind: 'text', spans: [{ text: '-- a\n-- b', tone: 'code' }] })).toEqual([
      '    -- a',
      '    -- b',
    ]);
  });

  it('turns a table that does not fit into records, with every cell', () => {
    const long = 'x'.repeat(60);
    const table: Block = {
      kind: 'table',
      columns: ['one', 'other'],
      rows: [
        [long, `${long}y`],
        ['a', 'b'],
      ],
      align: ['left', 'left'],
    };
    const lines = blockLines(table);
    expect(lines).toContain(`  one:   ${long}`);
    expect(lines).toContain(`  other: ${long}y`);
    expect(lines).toContain('  other: b');
  });

  it('points at the character the server meant, in the right line', () => {
    expect(blockLines({ kind: 'sql', sql: 'SELECT 1\nFROM nowhere', caret: 15 })).toEqual([
      '    SELECT 1',
      '    FROM nowhere',
      '         ^',
    ]);
    expect(blockLines({ kind: 'sql', sql: 'SELECT', caret: 7 })).toEqual(['    SELECT', '          ^']);
    expect(blockLines({ kind: 'sql', sql: 'SELECT 1' })).toEqual(['    SELECT 1']);
  });

  it('joins the spans of a text and wraps it', () => {
    const lines = blockLines(
      {
        kind: 'text',
        spans: [
          { text: 'one two ', tone: 'plain' },
          { text: 'three', tone: 'bad' },
        ],
      },
      9,
    );
    expect(lines).toEqual(['one two', 'three']);
  });

  it('shows a log and a gap', () => {
    expect(blockLines({ kind: 'log', lines: ['NOTICE: a'] })).toEqual(['  | NOTICE: a']);
    expect(blockLines({ kind: 'gap' })).toEqual(['']);
  });

  it('says how far along the road a screen is', () => {
    const road = [
      { label: 'Target', mark: 'done' as const, here: false },
      { label: 'Plan', mark: 'running' as const, here: true },
    ];
    expect(titleLines('Plan', road)).toEqual(['', 'Plan (2 of 2)', '=============']);
    expect(titleLines('Plan', [])[1]).toBe('Plan');
  });
});

describe('width', () => {
  it('counts wide characters twice and clusters once', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('事件')).toBe(4);
    expect(displayWidth('é')).toBe(1);
    expect(displayWidth('👩‍💻')).toBe(2);
  });

  it('pads to either side and never cuts', () => {
    expect(pad('a', 3)).toBe('a  ');
    expect(pad('a', 3, 'right')).toBe('  a');
    expect(pad('long', 2)).toBe('long');
  });

  it('wraps without losing a word, no line wider than asked unless one word is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 12, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ').split(' ')).toEqual(words);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('keeps the indentation of a wrapped line', () => {
    expect(wrap('    aaa bbb', 8)).toEqual(['    aaa', '    bbb']);
  });
});
