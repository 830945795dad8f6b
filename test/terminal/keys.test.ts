import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, type Input } from '../../src/terminal/keys.ts';

/** Everything in one line: keys by name, pastes in quotes. */
function names(inputs: Input[]): string {
  return inputs.map((input) => (input.type === 'key' ? input.name : JSON.stringify(input.text))).join(' ');
}

function decode(...chunks: string[]): string {
  const decoder = createDecoder();
  return names([...chunks.flatMap((chunk) => decoder.feed(chunk)), ...decoder.flush()]);
}

describe('createDecoder', () => {
  it.each([
    [
      'arrows and paging',
      '\x1b[A\x1b[B\x1b[C\x1b[D\x1b[5~\x1b[6~\x1b[H\x1b[F',
      'up down right left pageup pagedown home end',
    ],
    [
      'other spellings of the same keys',
      '\x1bOA\x1bOH\x1bOM\x1b[1~\x1b[4~\x1b[7~\x1b[8~',
      'up home enter home end home end',
    ],
    ['backspace in both spellings, held', '\x7f\x7f\x08', 'backspace backspace backspace'],
    ['delete, tab, shift-tab', '\x1b[3~\t\x1b[Z', 'delete tab shift-tab'],
    ['control keys', '\x03\x0c\x1a\x1c\x15', 'ctrl-c ctrl-l ctrl-z ctrl-\\ ctrl-u'],
    ['three Enters in one read', '\r\r\r', 'enter enter enter'],
    ['CR LF is one Enter, LF alone is one', '\r\n\n', 'enter enter'],
    ['keys between text keep their place', 'ye\x1b[As\rn', 'y e up s enter n'],
    ['a space has a name', 'a b', 'a space b'],
    ['graphemes stay whole', 'e\u0301👩‍👧é界', 'e\u0301 👩‍👧 é 界'],
    ['Ctrl+F1 and its kind, which end Ink 6.8', '\x1b[1;5P\x1b[1;5Q\x1b[1;6P\x1b[25;5~\x1b[1;5Ix', 'x'],
    [
      'replies of the terminal',
      '\x1b[24;80R\x1b[?62;22c\x1b]11;rgb:0/0/0\x07\x1b]11;rgb:0/0/0\x1b\\\x1bP1$r0m\x1b\\y',
      'y',
    ],
    ['mouse and focus', '\x1b[<0;10;10M\x1b[I\x1b[Oz', 'z'],
    ['function keys of the Linux console', '\x1b[[Ay', 'y'],
    ['eight-bit controls', '\x9b1;5P\x9d0;t\x9cy', 'y'],
    ['Escape twice', '\x1b\x1b', 'escape escape'],
    ['Escape, then Ctrl-C in one read', '\x1b\x03', 'escape ctrl-c'],
    ['Alt is not the letter', '\x1by', 'alt-y'],
    ['Ctrl-C gets out of a sequence that never ends', '\x1b]0;never\x03\x1b[12\x03', 'ctrl-c ctrl-c'],
    ['a sequence without end is given up', `\x1b[${'1'.repeat(70)}y`, '1 1 1 1 1 y'],
    ['a paste is one thing, its Enter no key', '\x1b[200~yes\ry\x1b[A\x1b[201~n', '"yes\\ny\\u001b[A" n'],
    ['a paste marker that closes nothing', '\x1b[201~y', 'y'],
  ])('%s', (_, bytes, expected) => {
    expect(decode(bytes)).toBe(expected);
  });

  it('gives the same keys however the bytes are split, while the pause is short', () => {
    const piece = fc.constantFrom(
      '\x1b[A',
      '\x1b[5~',
      '\x1bOB',
      'y',
      '\r',
      '\x7f',
      '\x1b[200~p\rq\x1b[201~',
      '\x1b[1;5P',
      'ö',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (pieces, cuts) => {
          const bytes = pieces.join('');
          const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
          const chunks = [0, ...places].map((from, index) =>
            bytes.slice(from, places[index] ?? bytes.length),
          );
          expect(decode(...chunks)).toBe(decode(bytes));
        },
      ),
    );
  });

  it('never throws, never hands out a control character, and always comes back to the ground', () => {
    const bytes = fc.string({
      unit: fc.constantFrom(
        '\x1b',
        '[',
        ']',
        'O',
        '2',
        '0',
        '1',
        '~',
        ';',
        'A',
        '\x07',
        '\r',
        '\x9b',
        'é',
        '\x03',
      ),
    });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const decoder = createDecoder();
        const inputs = [...chunks.flatMap((chunk) => decoder.feed(chunk)), ...decoder.flush()];
        for (const input of inputs) if (input.type === 'key') expect(input.text).not.toMatch(/\p{Cc}/u);
        expect(decoder.patience()).toBeNull();
        expect(names(decoder.feed('y'))).toBe('y');
      }),
      { numRuns: 500 },
    );
  });

  it('waits 50 ms for the rest of an escape sequence, a second for the end of a paste, else not at all', () => {
    const decoder = createDecoder();
    decoder.feed('y');
    expect(decoder.patience()).toBeNull();
    decoder.feed('\x1b');
    expect(decoder.patience()).toBe(50);
    expect(names(decoder.feed('['))).toBe('');
    expect(decoder.patience()).toBe(50);
    expect(names(decoder.feed('A'))).toBe('up');
    decoder.feed('\x1b[200~half');
    expect(decoder.patience()).toBe(1000);
    expect(names(decoder.flush())).toBe('"half"');
  });

  it('keeps at most 64 KB of a paste and still finds its end', () => {
    const [paste, key] = createDecoder().feed(`\x1b[200~${'x'.repeat(100_000)}\x1b[201~y`);
    expect(paste).toMatchObject({ type: 'paste', text: 'x'.repeat(65_536) });
    expect(key).toMatchObject({ name: 'y' });
  });
});
