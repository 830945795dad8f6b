import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDisplay, toLine } from '../../src/terminal/sanitize.ts';

const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u{FE00}-\u{FE0F}\u{115F}\u{1160}\u{3164}]/u;

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b', '[31m', '\x1b]52;c;', '\x07', '\r', '\n', '\r\n', '\t', '\x9b', '\x7f', '\u202e'),
    fc.constantFrom(
      '\u200b',
      '\ufeff',
      '\u2028',
      '\ud800',
      '\udc00',
      '\u2066',
      '\u0602',
      '😀',
      '\u00ad',
      '界',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
  maxLength: 60,
});

describe('toDisplay', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', '\\x1B[31mred\\x1B[0m'],
    ['\x1b]52;c;cm0gLXJm\x07', '\\x1B]52;c;cm0gLXJm\\x07'],
    ['safe\roverwritten', 'safe\\x0Doverwritten'],
    ['nul\0 bs\b del\x7f c1\x9b', 'nul\\x00 bs\\x08 del\\x7F c1\\x9B'],
    ['evil\u202Etxt', 'evil\\u{202E}txt'],
    ['zero\u200Bwidth\u2028\uFEFF', 'zero\\u{200B}width\\u{2028}\\u{FEFF}'],
    ['lone\ud800end', 'lone\\u{D800}end'],
    ['tag\u{E0041}', 'tag\\u{E0041}'],
    ['two\r\nlines\nthree', 'two\nlines\nthree'],
    ['a\tb', 'a       b'],
    ['é 界 😀 déjà', 'é 界 😀 déjà'],
  ])('%j', (input, expected) => {
    expect(toDisplay(input)).toBe(expected);
  });

  it('leaves no control, format, invisible or broken character but the newline', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(toDisplay(text).replaceAll('\n', '')).not.toMatch(FORBIDDEN);
        expect(toLine(text)).not.toMatch(FORBIDDEN);
      }),
      { numRuns: 500 },
    );
  });

  it('never exceeds the cap, never cuts a pair in two, and is stable when applied again', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (text, cap) => {
        const once = toDisplay(text, cap);
        expect(once.length).toBeLessThanOrEqual(cap);
        expect(toDisplay(once, cap)).toBe(once);
      }),
    );
    expect(toDisplay('a😀😀', 3)).toBe('a…');
  });

  it('says that something was cut, also in a text of many megabytes', () => {
    const text = toDisplay('x'.repeat(20_000_000), 100);
    expect(text).toBe(`${'x'.repeat(99)}…`);
    expect(toDisplay('x'.repeat(4096))).toBe('x'.repeat(4096));
  });
});

describe('toLine', () => {
  it('shows newlines as a sign', () => {
    expect(toLine('one\r\ntwo\nthree')).toBe('one ⏎ two ⏎ three');
    expect(toLine('x'.repeat(501))).toHaveLength(500);
  });
});
