/** The inside of a bracketed paste, up to its closing `ESC [ 201 ~`, which may come in pieces. */

const END = '\x1b[201~';
/** More than anybody types into a question; the rest of a longer paste is let go. */
const PASTE_CAP = 64 * 1024;

export interface PasteEnd {
  /** Takes the next character; true when it was the last of the closing sequence. */
  take(character: string): boolean;
  /** What was pasted so far, without the closing sequence, newlines as `\n`. */
  text(): string;
}

export function createPasteEnd(): PasteEnd {
  let held = '';
  let tail = '';
  return {
    take(character) {
      tail = (tail + character).slice(-END.length);
      if (held.length < PASTE_CAP) held += character;
      return tail === END;
    },
    text() {
      const closed = tail === END && held.endsWith(END);
      return (closed ? held.slice(0, -END.length) : held).replace(/\r\n?/g, '\n');
    },
  };
}
