/**
 * Bytes from a terminal, decoded into keys. Our own decoder because Ink 6.8's ends the program on Ctrl+F1, takes a
 * split arrow key for Escape and text, and delivers several keys in one read as one text.
 *
 * A pure state machine: what is waited for (the rest of an escape sequence) is flushed by a timer outside.
 */
import { createPasteEnd, type PasteEnd } from './paste.ts';

/**
 * A key by name (`enter`, `escape`, `up`, `ctrl-c`, `space`, or the character itself), with the text it types
 * (one grapheme, `''` for keys that type none); or a whole paste, which is never a key.
 */
export type Input = { type: 'key'; name: string; text: string } | { type: 'paste'; text: string };

export interface Decoder {
  /** Everything that is complete in what came so far, in order. */
  feed(chunk: string): Input[];
  /** The terminal has been silent: a lone ESC was the Escape key, a broken-off sequence was nothing. */
  flush(): Input[];
  /** Milliseconds of silence after which to call flush, or null when nothing is pending. */
  patience(): number | null;
}

/** A lone ESC may be the start of an arrow key whose rest is still on its way over SSH. */
const ESCAPE_MS = 50;
/** A paste whose end never comes must not swallow the keyboard for ever. */
const PASTE_MS = 1000;
/** Longer than any sequence a terminal sends; beyond it, it is noise. */
const SEQUENCE_CAP = 64;

const FINAL_NAMES: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
};
const TILDE_NAMES: Record<string, string> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
};
const CONTROL_NAMES: Record<number, string> = {
  0x00: 'ctrl-space',
  0x08: 'backspace',
  0x09: 'tab',
  0x0a: 'enter',
  0x0d: 'enter',
  0x1c: 'ctrl-\\',
  0x1d: 'ctrl-]',
  0x1e: 'ctrl-^',
  0x1f: 'ctrl-_',
  0x7f: 'backspace',
};

function key(name: string, text = ''): Input {
  return { type: 'key', name, text };
}

function controlKey(code: number): Input {
  return key(CONTROL_NAMES[code] ?? `ctrl-${String.fromCharCode(code + 0x60)}`);
}

function sequenceKey(prefix: string, parameters: string, final: string): Input[] {
  if (prefix === 'O') {
    const name = final === 'M' ? 'enter' : FINAL_NAMES[final];
    return name === undefined || parameters !== '' ? [] : [key(name)];
  }
  const name = final === '~' ? TILDE_NAMES[parameters] : parameters === '' ? FINAL_NAMES[final] : undefined;
  return name === undefined ? [] : [key(name)];
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function textKeys(text: string): Input[] {
  return Array.from(graphemes.segment(text), ({ segment }) =>
    key(segment === ' ' ? 'space' : segment, segment),
  );
}

type Mode = 'ground' | 'escape' | 'csi' | 'ss3' | 'string' | 'string-escape' | 'paste';

const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

/** A decoder with nothing pending. It holds state: one per terminal. */
export function createDecoder(): Decoder {
  let mode: Mode = 'ground';
  let parameters = '';
  let text = '';
  let paste: PasteEnd = createPasteEnd();
  let out: Input[] = [];
  let previousWasReturn = false;

  const emitText = (): void => {
    out.push(...textKeys(text));
    text = '';
  };
  const emit = (...inputs: Input[]): void => {
    if (inputs.length === 0) return;
    emitText();
    out.push(...inputs);
  };
  const enter = (next: Mode): void => {
    mode = next;
    parameters = '';
  };

  function ground(character: string, code: number): void {
    if (code === 0x1b) enter('escape');
    else if (code === 0x9b) enter('csi');
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) enter('string');
    else if (code === 0x0a && previousWasReturn) return;
    else if (isControl(code)) emit(controlKey(code));
    else if (code < 0x80 || code > 0x9f) text += character;
  }

  function escape(character: string, code: number): void {
    if (code === 0x1b) emit(key('escape'));
    else if (character === '[') enter('csi');
    else if (character === 'O') enter('ss3');
    else if (']P_^X'.includes(character)) enter('string');
    else if (isControl(code)) {
      emit(key('escape'), controlKey(code));
      enter('ground');
    } else {
      emit(key(`alt-${character}`));
      enter('ground');
    }
  }

  function sequence(character: string, code: number): void {
    const linuxFunctionKey = mode === 'csi' && character === '[' && parameters === '';
    if (code === 0x1b) enter('escape');
    else if (isControl(code)) {
      emit(controlKey(code));
      enter('ground');
    } else if (code < 0x40 || linuxFunctionKey) {
      parameters += character;
      if (parameters.length > SEQUENCE_CAP) enter('ground');
    } else finish(character);
  }

  function finish(final: string): void {
    const startsPaste = mode === 'csi' && parameters === '200' && final === '~';
    if (!startsPaste) emit(...sequenceKey(mode === 'ss3' ? 'O' : '[', parameters, final));
    else paste = createPasteEnd();
    enter(startsPaste ? 'paste' : 'ground');
  }

  function string(character: string, code: number): void {
    if (mode === 'string-escape') {
      enter(character === '\\' ? 'ground' : 'escape');
      if (character !== '\\') escape(character, code);
    } else if (code === 0x1b) enter('string-escape');
    else if (code === 0x07 || code === 0x9c) enter('ground');
    else if (code === 0x03) {
      // A reply that never ends must not take Ctrl-C with it.
      emit(controlKey(code));
      enter('ground');
    }
  }

  function step(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (mode === 'ground') ground(character, code);
    else if (mode === 'escape') escape(character, code);
    else if (mode === 'csi' || mode === 'ss3') sequence(character, code);
    else if (mode === 'string' || mode === 'string-escape') string(character, code);
    else if (paste.take(character)) {
      emit({ type: 'paste', text: paste.text() });
      enter('ground');
    }
    previousWasReturn = code === 0x0d && mode === 'ground';
  }

  const taken = (): Input[] => {
    emitText();
    const result = out;
    out = [];
    return result;
  };

  return {
    feed(chunk) {
      for (const character of chunk) step(character);
      return taken();
    },
    flush() {
      if (mode === 'escape') emit(key('escape'));
      if (mode === 'paste') emit({ type: 'paste', text: paste.text() });
      enter('ground');
      return taken();
    },
    patience() {
      if (mode === 'ground') return null;
      return mode === 'paste' ? PASTE_MS : ESCAPE_MS;
    },
  };
}
