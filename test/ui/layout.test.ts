import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caretPlace, layoutBlocks } from '../../src/ui/blocks.ts';
import { colourSql } from '../../src/ui/sql-colour.ts';
import { lineWidth, span, truncate, truncateLine, widthOf, wrap, type Line } from '../../src/ui/spans.ts';
import { tableLines } from '../../src/ui/table.ts';
import type { Block } from '../../src/wizard/types.ts';

const textOf = (line: Line): string => line.spans.map(({ text }) => text).join('');
const show = (lines: Line[]): string[] => lines.map(textOf);

const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '界', 'é', '👩‍👧', '-', '\n'), maxLength: 80 });

describe('wrap', () => {
  it('breaks at spaces, keeps the leading ones, and sets continuations in', () => {
    expect(show(wrap([span('  one two three four')], 10, 4))).toEqual(['  one two', '    three', '    four']);
    expect(show(wrap([span('a\n\nb')], 10))).toEqual(['a', '', 'b']);
    expect(show(wrap([span('abcdefghijkl')], 5))).toEqual(['abcde', 'fghij', 'kl']);
    expect(show(wrap([span('')], 5))).toEqual(['']);
  });

  it('loses nothing but the spaces at which it broke, and is never too wide', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 4, max: 40 }), fc.nat(6), (text, width, indent) => {
        const lines = wrap([span(text)], width, indent);
        for (const row of lines) expect(lineWidth(row)).toBeLessThanOrEqual(width);
        expect(show(lines).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
    );
  });

  it('keeps the tones', () => {
    expect(wrap([span('one ', 'good'), span('two three', 'bad')], 7)).toEqual([
      { spans: [span('one ', 'good'), span('two', 'bad')] },
      { spans: [span('three', 'bad')] },
    ]);
  });
});

describe('truncate', () => {
  it('cuts by columns, with a sign', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('界界界', 4)).toBe('界…');
    expect(textOf(truncateLine({ spans: [span('abc'), span('def')] }, 4))).toBe('abc…');
    expect(textOf(truncateLine({ spans: [span('abc'), span('def')] }, 3))).toBe('ab…');
    expect(textOf(truncateLine({ spans: [span('abc'), span('def')] }, 6))).toBe('abcdef');
  });

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 30 }), (one, two, width) => {
        const cut = truncateLine(
          { spans: [span(one.replaceAll('\n', '')), span(two.replaceAll('\n', ''))] },
          width,
        );
        expect(lineWidth(cut)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('colourSql', () => {
  it('knows keywords, strings, numbers and comments', () => {
    const sql = `ALTER TABLE "Select" -- why\nADD x text DEFAULT 'it''s', y int /* a /* b */ c */ = 1.5e3, z = $q$ ' $q$ E'\\''`;
    const toned = (tone: string) =>
      colourSql(sql)
        .filter((part) => part.tone === tone)
        .map(({ text }) => text);
    expect(toned('keyword')).toEqual(['ALTER', 'TABLE', 'ADD', 'DEFAULT']);
    expect(toned('string')).toEqual(["'it''s'", "$q$ ' $q$", "E'\\''"]);
    expect(toned('number')).toEqual(['1.5e3']);
    expect(toned('comment')).toEqual(['-- why', '/* a /* b */ c */']);
  });

  it('adds and loses nothing, whatever the text', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$',
      '$a$',
      '--',
      '/*',
      '*/',
      '\n',
      'E',
      'select',
      '1',
      '.',
      ' ',
      'é',
      '\\',
      'U&',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(
          colourSql(pieces.join(''))
            .map(({ text }) => text)
            .join(''),
        ).toBe(pieces.join(''));
      }),
    );
  });

  it('takes a megabyte in reasonable time', () => {
    const sql = `SELECT ${'('.repeat(200_000)}${"'a',".repeat(200_000)}`;
    const before = performance.now();
    expect(colourSql(sql).length).toBeGreaterThan(1000);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('tableLines', () => {
  const table = {
    columns: ['table', 'rows', 'what'],
    rows: [
      ['codebase_snapshots', '1200', 'the column data comes back from metadata'],
      ['git_agent_sessions', '7', 'nothing'],
    ],
    align: ['left', 'right', 'left'] as ('left' | 'right')[],
  };

  it('is as wide as it is when that fits', () => {
    expect(show(tableLines(table, 100))).toEqual([
      'table               rows  what',
      '──────────────────  ────  ────────────────────────────────────────',
      'codebase_snapshots  1200  the column data comes back from metadata',
      'git_agent_sessions     7  nothing',
    ]);
  });

  it('breaks its widest column when it does not', () => {
    const lines = show(tableLines(table, 50));
    expect(lines).toContain('codebase_snapshots  1200  the column data comes');
    expect(lines).toContain('                          back from metadata');
  });

  it('breaks between words before it breaks a name', () => {
    const lines = show(
      tableLines(
        {
          columns: ['column', 'what'],
          rows: [['detected_technologies', 'Kept nowhere else.']],
          align: ['left', 'left'],
        },
        35,
      ),
    );
    expect(lines).toContain('detected_technologies  Kept nowhere');
  });

  it('shows a value a line when columns would become slivers', () => {
    expect(show(tableLines(table, 24)).slice(0, 4)).toEqual([
      'table  codebase_snapshot',
      '       s',
      'rows   1200',
      'what   the column data',
    ]);
  });

  it('fits every width and leaves no cell out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 120 }), (width) => {
        const lines = tableLines(table, width);
        for (const row of lines) expect(lineWidth(row)).toBeLessThanOrEqual(width);
        const all = show(lines).join('');
        for (const cell of ['1200', 'nothing', '7']) expect(all).toContain(cell);
      }),
    );
  });
});

describe('layoutBlocks', () => {
  it('gives an item a sign and a word, and sets what belongs to it under its text', () => {
    const block: Block = {
      kind: 'item',
      mark: 'warn',
      text: 'Backup',
      detail: 'None was found.',
      lines: ['a', 'b'],
      focused: true,
    };
    expect(show(layoutBlocks([block], 60))).toEqual([
      '› ! WARN     Backup',
      '             None was found.',
      '             a',
      '             b',
    ]);
    expect(layoutBlocks([block], 60)[0]?.anchor).toBe('strong');
  });

  it('leads the eye to bad news first, and to what is under way before that', () => {
    const said: Block = { kind: 'text', spans: [{ text: 'The step failed.', tone: 'bad' }] };
    const failed: Block = { kind: 'item', mark: 'fail', text: 'UPDATE' };
    const running: Block = { kind: 'item', mark: 'running', text: 'UPDATE' };
    const anchors = (blocks: Block[]): unknown[] => layoutBlocks(blocks, 60).map(({ anchor }) => anchor);
    expect(anchors([said, failed, running])).toEqual(['weak', 'weak', 'strong']);
    expect(anchors([{ kind: 'text', spans: [{ text: 'Done.', tone: 'good' }] }])).toEqual([undefined]);
  });

  it('sets a detail that is no sentence beside its text, as long as both fit', () => {
    const block: Block = { kind: 'item', mark: 'done', text: 'Creates index a_b', detail: '0.003 s' };
    expect(show(layoutBlocks([block], 39))).toEqual(['  ✓ done     Creates index a_b  0.003 s']);
    expect(show(layoutBlocks([block], 38))).toEqual([
      '  ✓ done     Creates index a_b',
      '             0.003 s',
    ]);
  });

  it('begins an item without a mark with a dash, so that one is told from the next', () => {
    const block: Block = { kind: 'item', mark: 'none', text: 'For neither: age', detail: 'Three hours.' };
    expect(show(layoutBlocks([block], 40))).toEqual(['  - For neither: age', '    Three hours.']);
  });

  it('points at the character, also in a line that had to be broken', () => {
    const sql = "UPDATE t\nSET confidence = (metadata->>'confidence')::float, name = other_column_name";
    const at = sql.indexOf('other') + 1;
    for (const width of [100, 60, 40, 30]) {
      const lines = show(layoutBlocks([{ kind: 'sql', sql, caret: at }], width));
      const caret = lines.findIndex((text) => /^ *\^$/.test(text));
      expect(lines[caret - 1]?.slice(lines[caret]?.length ?? 0).startsWith('ther')).toBe(true);
    }
    expect(show(layoutBlocks([{ kind: 'sql', sql: 'SELEC', caret: 6 }], 40))).toEqual([
      '    SELEC',
      '         ^',
    ]);
  });

  it('counts the caret in characters, not in UTF-16 units', () => {
    expect(caretPlace("SELECT '😀', x", 13)).toEqual({ row: 0, character: 12 });
    const lines = show(layoutBlocks([{ kind: 'sql', sql: "SELECT '😀', x", caret: 13 }], 40));
    expect(widthOf(lines[1] ?? '')).toBe(widthOf("    SELECT '😀', x"));
  });

  it('marks a log, a heading, a gap and text', () => {
    const blocks: Block[] = [
      { kind: 'heading', text: 'Steps' },
      { kind: 'gap' },
      {
        kind: 'text',
        spans: [
          { text: 'one ', tone: 'plain' },
          { text: 'two', tone: 'bad' },
        ],
      },
      { kind: 'log', lines: ['NOTICE: x'] },
    ];
    expect(show(layoutBlocks(blocks, 40))).toEqual(['Steps', '', 'one two', '│ NOTICE: x']);
  });
});
