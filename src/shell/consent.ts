/**
 * Whether a command may be run, and what has to be typed for it. Pure; the one rule for all of them: the checklist's,
 * the quick rollback's, the escalation's.
 *
 *   commandConsent({ command, from, allowed, database, env }) → one of
 *     { kind: 'confirm', command, word }       show it whole; run it when `word` is typed. Enter never runs it.
 *     { kind: 'ask', placeholders }            ask for these first (src/shell/placeholders.ts), fill them in, ask again here
 *     { kind: 'text', why }                    only text to copy
 *     { kind: 'never', why }                   not run by backout, whatever is typed or allowed: text, with its reason
 *
 *   commandsAllowed({ environment, allowCommands, runbookSha256, shippedSha256 }) → what `allowed` is for a run
 */
import { placeholdersOf, type Placeholder, type PlaceholderPlace } from './placeholders.ts';
import { programOf, simpleCommands } from './words.ts';

/** Whose commands may be run: null, or why those of the runbook may not. */
export interface CommandsAllowed {
  /** Of the runbook; null: they may, each on its own confirmation. */
  runbook: string | null;
  /** Of the configuration file. */
  config: string | null;
}

export type Consent =
  | { kind: 'confirm'; command: string; word: string }
  | { kind: 'ask'; placeholders: Placeholder[] }
  | { kind: 'text'; why: string }
  | { kind: 'never'; why: string };

export interface CommandAsked extends PlaceholderPlace {
  command: string;
  /** Who wrote it: the runbook, the configuration file, or the operator just now. */
  from: 'runbook' | 'config' | 'operator';
  allowed: CommandsAllowed;
}

const PRACTICE = 'This is practice: no command is run that could reach something real.';
const OTHER_RUNBOOK =
  'This runbook is not the one that ships with backout, so its commands are only text. --allow-commands allows them, each on its own confirmation.';

/**
 * What a run may start. Commands of a runbook are those of a stranger unless it is, byte for byte, the one that ships.
 * A configuration file is the team's own; loading it refuses one that others may write.
 */
export function commandsAllowed(run: {
  environment: 'PRACTICE' | 'PRODUCTION';
  allowCommands: boolean;
  /** Of the document the commands stand in. */
  runbookSha256: string;
  /** Of the runbook in the package; null where it cannot be read. */
  shippedSha256: string | null;
}): CommandsAllowed {
  if (run.environment === 'PRACTICE' && !run.allowCommands) return { runbook: PRACTICE, config: PRACTICE };
  const isOurs = run.shippedSha256 !== null && run.runbookSha256 === run.shippedSha256;
  return { runbook: isOurs || run.allowCommands ? null : OTHER_RUNBOOK, config: null };
}

/** Not run at all, and what is done instead. */
const NEVER: readonly { pattern: (words: readonly string[], whole: string) => boolean; why: string }[] = [
  {
    pattern: (words, whole) => words.includes('dropdb') || /\bdrop\s+database\b/i.test(whole),
    why:
      'backout never drops a database: until a backup has been restored and looked at, the damaged one is the only copy of ' +
      'every row written since. It restores beside it, checks, and exchanges the names.',
  },
  {
    pattern: (words, whole) =>
      words.includes('createdb') ||
      words.includes('pg_restore') ||
      /\balter\s+database\b[^;]*\brename\b/i.test(whole),
    why: 'backout restores by itself, into a database beside this one, checks it, and exchanges the names.',
  },
  {
    pattern: (words) => words.includes('mix') && words.some((word) => /^ecto\.(?:drop|reset)$/.test(word)),
    why: 'This drops the database. backout never does that.',
  },
];

/**
 * Why a command is not run by backout at all; null where it may be. It errs to this side: `ssh db1 dropdb x` and
 * `sh -c "dropdb x"` are found, and so is an `echo dropdb` that would have done no harm. What a script does that is
 * called by its name alone cannot be known.
 */
export function whyNever(command: string): string | null {
  for (const { words } of simpleCommands(command)) {
    const names = words.map(({ text }) => text.slice(text.lastIndexOf('/') + 1));
    const whole = words.map(({ text }) => text).join(' ');
    const rule = NEVER.find(({ pattern }) => pattern(names, whole));
    if (rule) return rule.why;
    // A word with blanks may be a command that another shell is given.
    const inner = words
      .filter(({ text }) => /\s/.test(text) && text !== command)
      .map(({ text }) => whyNever(text));
    const why = inner.find((one) => one !== null);
    if (why !== undefined && why !== null) return why;
  }
  return null;
}

/**
 * The word that is typed to run a command: the name of its program, e.g. `mix`, `stop-all.sh`. Of several commands in
 * one line the last one's: `cd app && mix ecto.migrate` is about mix.
 */
export function confirmationWord(command: string): string {
  const programs = simpleCommands(command)
    .map((simple) => programOf(simple).name)
    .filter((name) => name !== '');
  return programs.at(-1) ?? command.trim();
}

/** What it takes to run this command. */
export function commandConsent({ command, from, allowed, database, env }: CommandAsked): Consent {
  const never = whyNever(command);
  if (never !== null) return { kind: 'never', why: never };
  const refused = from === 'runbook' ? allowed.runbook : allowed.config;
  if (refused !== null) return { kind: 'text', why: refused };
  const placeholders = placeholdersOf(command, { database, env });
  if (placeholders.length > 0) return { kind: 'ask', placeholders };
  return { kind: 'confirm', command, word: confirmationWord(command) };
}
