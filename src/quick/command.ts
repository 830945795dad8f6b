/** The command of a runbook's "Quick Rollback", read as far as it is understood. Pure. */
import type { Runbook } from '../runbook/types.ts';

/** `mix ecto.rollback` with what it was given. */
export interface EctoRollback {
  kind: 'ecto';
  /** What the runbook writes, on one line. */
  written: string;
  /** From `cd DIR` before it. */
  folder: string | null;
  /** How far back: `--step N` (1 when it is not said) or `--to VERSION`. */
  target: { step: number } | { to: string };
  /** Other options, as they are written: `-r MyApp.Repo`. */
  more: string[];
  /** `--migrations-path`. */
  path: string | null;
}

/** A command that is not understood: nothing could be looked at before it. */
export interface OtherCommand {
  kind: 'other';
  written: string;
}

/** Options with a value that change nothing of what is taken back (mix help ecto.rollback, Ecto SQL 3). */
const WITH_VALUE: ReadonlySet<string> = new Set([
  '-r',
  '--repo',
  '--prefix',
  '--migrations-path',
  '--pool-size',
]);
const SWITCHES: ReadonlySet<string> = new Set([
  '--quiet',
  '--no-compile',
  '--no-deps-check',
  '--log-migrations-sql',
  '--log-migrator-sql',
  '--strict-version-order',
]);

/** Nothing that a shell would read as more than a word. */
const PLAIN = /^[\w./:@%+=,-]+$/;

/** Lines of the section's shell blocks, without comments and continuation. */
function linesOf({ quick }: Pick<Runbook, 'quick'>): string[] {
  const blocks = (quick?.blocks ?? []).filter(({ language }) =>
    ['bash', 'sh', 'shell', 'console', ''].includes(language),
  );
  return blocks
    .flatMap(({ text }) => text.replace(/\\\n/g, ' ').split(/\n|&&|;/))
    .map((line) =>
      line
        .replace(/^\s*\$\s+/, '')
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** Options and their values; null when one is not known, or when a value is missing. */
function optionsOf(words: readonly string[]): Pick<EctoRollback, 'target' | 'more' | 'path'> | null {
  let target: EctoRollback['target'] = { step: 1 };
  let path: string | null = null;
  const more: string[] = [];
  const rest = words.flatMap((word) =>
    /^--[\w-]+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word],
  );
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const value = rest[at + 1];
    if (SWITCHES.has(word)) more.push(word);
    else if (word === '--step' || word === '-n') {
      if (value === undefined || !/^[1-9]\d{0,3}$/.test(value)) return null;
      target = { step: Number(value) };
      at += 1;
    } else if (word === '--to' || word === '-v') {
      if (value === undefined || !/^\d{1,18}$/.test(value)) return null;
      target = { to: value };
      at += 1;
    } else if (WITH_VALUE.has(word)) {
      if (value === undefined || !PLAIN.test(value)) return null;
      if (word === '--migrations-path') path = value;
      more.push(word, value);
      at += 1;
    } else return null;
  }
  return { target, more, path };
}

/** What the section names; null when it names no command. */
export function quickCommandOf(runbook: Pick<Runbook, 'quick'>): EctoRollback | OtherCommand | null {
  const lines = linesOf(runbook);
  if (lines.length === 0) return null;
  const written = lines.join(' && ');
  const folders = lines.filter((line) => /^cd\s/.test(line));
  const commands = lines.filter((line) => !/^cd\s/.test(line));
  const [command, ...others] = commands;
  if (command === undefined) return null;
  const words = command.split(/\s+/);
  const options = words[0] === 'mix' && words[1] === 'ecto.rollback' ? optionsOf(words.slice(2)) : null;
  if (others.length > 0 || folders.length > 1 || !options) return { kind: 'other', written };
  const folder = folders[0]?.replace(/^cd\s+/, '').replace(/^(["'])(.*)\1$/, '$2') ?? null;
  return { kind: 'ecto', written, folder, ...options };
}

const targetWords = (target: EctoRollback['target']): string =>
  'to' in target ? `--to ${target.to}` : `--step ${target.step}`;

/** The command line, made anew from what was understood. */
export function commandLine({ more }: Pick<EctoRollback, 'more'>, target: EctoRollback['target']): string {
  return ['mix', 'ecto.rollback', targetWords(target), ...more].join(' ');
}
