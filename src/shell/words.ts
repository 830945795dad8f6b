/** A shell command as words, as far as that can be told without running a shell. Pure. */

export interface Word {
  /** Without its quotes. */
  text: string;
  /** Where it stands in the command: the first character, and the one after the last. */
  from: number;
  to: number;
  /** All of it stood in single quotes: the shell replaces nothing in it. */
  literal: boolean;
}

/** One simple command: what stands between `;`, `&&`, `||`, `|`, `&` and line ends. */
export interface Simple {
  /** `NAME=value` in front of the program. */
  assignments: Word[];
  words: Word[];
}

/** A command in a substitution is one too: `$(…)`, and between backticks. */
const SEPARATOR = /^(?:&&|\|\||[;|&\n()`])/;

interface Reading {
  text: string;
  from: number;
  literal: boolean;
}

/**
 * The simple commands of a command line (POSIX.1-2017, Shell Command Language, 2.2 and 2.9). Comments are left out.
 * What it cannot read (here-documents, nested substitutions) comes out as plain words: nothing is evaluated.
 */
export function simpleCommands(command: string): Simple[] {
  const commands: Simple[] = [];
  let words: Word[] = [];
  let word: Reading | null = null;
  const endWord = (at: number): void => {
    if (word) words.push({ text: word.text, from: word.from, to: at, literal: word.literal });
    word = null;
  };
  const endCommand = (at: number): void => {
    endWord(at);
    if (words.length > 0) commands.push(split(words));
    words = [];
  };
  for (let at = 0; at < command.length;) {
    const rest = command.slice(at);
    const separator = SEPARATOR.exec(rest)?.[0];
    const start: Reading = word ?? { text: '', from: at, literal: true };
    if (separator !== undefined) {
      endCommand(at);
      at += separator.length;
    } else if (/^\s/.test(rest)) {
      endWord(at);
      at += 1;
    } else if (rest.startsWith('#') && !word) {
      at += /^[^\n]*/.exec(rest)![0].length;
    } else {
      const piece = pieceOf(rest);
      word = { ...start, text: start.text + piece.text, literal: start.literal && piece.literal };
      at += piece.length;
    }
  }
  endCommand(command.length);
  return commands;
}

/** What stands at the beginning: something quoted, something escaped, or one character. */
function pieceOf(rest: string): { text: string; length: number; literal: boolean } {
  const sum = /^\$\(\([^()]*\)\)/.exec(rest);
  if (sum) return { text: sum[0], length: sum[0].length, literal: false };
  const single = /^'([^']*)'/.exec(rest);
  if (single) return { text: single[1] ?? '', length: single[0].length, literal: true };
  const double = /^"((?:[^"\\]|\\.)*)"/s.exec(rest);
  if (double) {
    const text = (double[1] ?? '').replace(/\\(["\\$`\n])/g, '$1');
    return { text, length: double[0].length, literal: false };
  }
  const escaped = /^\\(.)/s.exec(rest);
  if (escaped) return { text: escaped[1] === '\n' ? '' : (escaped[1] ?? ''), length: 2, literal: true };
  return { text: rest[0] ?? '', length: 1, literal: false };
}

function split(words: Word[]): Simple {
  const first = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  const program = first === -1 ? words.length : first;
  return { assignments: words.slice(0, program), words: words.slice(program) };
}

const WRAPPERS: ReadonlySet<string> = new Set(['sudo', 'exec', 'env', 'time', 'command', 'nohup']);

/** Options of sudo and env whose value is the next word. */
const TAKES_VALUE = /^-[ugpCTSU]$/;

/** The name of the program of a simple command, without its folder; past `sudo`, `exec`, `env`, `time` and their options. */
export function programOf({ words }: Simple): { name: string; rest: Word[] } {
  let at = 0;
  while (at < words.length) {
    const { text } = words[at]!;
    const ofWrapper = at > 0 && (text.startsWith('-') || /^[A-Za-z_]\w*=/.test(text));
    if (!WRAPPERS.has(text) && !ofWrapper) break;
    at += ofWrapper && TAKES_VALUE.test(text) ? 2 : 1;
  }
  const name = words[at]?.text ?? '';
  return { name: name.slice(name.lastIndexOf('/') + 1), rest: words.slice(at + 1) };
}

/** The value of the option of that name: `-d x`, `-dx`, `--dbname x`, `--dbname=x`. */
export function optionOf(words: readonly Word[], short: string, long: string): Word | null {
  for (const [at, word] of words.entries()) {
    if (word.text === `-${short}` || word.text === `--${long}`) return words[at + 1] ?? null;
    if (word.text.startsWith(`--${long}=`)) return { ...word, text: word.text.slice(long.length + 3) };
    if (!word.text.startsWith('--') && word.text.startsWith(`-${short}`)) {
      return { ...word, text: word.text.slice(2) };
    }
  }
  return null;
}

/** The text as one word of a shell, whatever is in it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
