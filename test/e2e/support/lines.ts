/** The numbered lines of `--plain` as a screen reader gets them: an answer is picked by its words. */
import type { Operator } from './operator.ts';

export interface Lines {
  /** Waits until this was asked after everything that was answered so far. */
  asked(words: RegExp, timeoutMs?: number): Promise<string>;
  /** Waits for the question, and types the number of the entry that begins so. */
  pick(words: RegExp, label: string): Promise<void>;
  /** Waits for the question, and types a line. */
  type(words: RegExp, line: string): Promise<void>;
  /** Everything said since the last answer. */
  since(): string;
}

/** @param operator started with INK_SCREEN_READER=true */
export function linesOf(operator: Operator): Lines {
  let read = 0;
  const since = (): string => operator.pty.raw().slice(read).replaceAll('\r', '');
  const asked: Lines['asked'] = async (words, timeoutMs = 60_000) => {
    await operator.pty.waitFor(() => words.test(since()) && since().endsWith('\n> '), timeoutMs);
    return since();
  };
  const type: Lines['type'] = async (words, line) => {
    await asked(words);
    read = operator.pty.raw().length;
    operator.pty.write(`${line}\r`);
  };
  return {
    asked,
    type,
    since,
    async pick(question, label) {
      const text = await asked(question);
      // The latest list counts; "Go on" is not "Go on with the rollback".
      const entries = text.split('\n').filter((line) => /^\s*\d+\) /.test(line));
      const words = (line: string): string => line.replace(/^\s*\d+\) /, '');
      const found =
        entries.findLast((line) => words(line).replace(/ [([].*$/, '') === label) ??
        entries.findLast((line) => words(line).startsWith(label));
      const [, number] = /^\s*(\d+)\) /.exec(found ?? '') ?? [];
      if (number === undefined) throw new Error(`"${label}" is not offered:\n${text}`);
      await type(question, number);
    },
  };
}
