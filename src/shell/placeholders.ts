/**
 * What stands in a command for something that only the operator knows: it is asked for, never run. Pure.
 *
 *   placeholdersOf(command, { database, env })   what has to be asked, in the order of the command
 *   filled(command, placeholders, answers)       the command with the answers in it, each as one word of the shell
 */
import { optionOf, programOf, shellWord, simpleCommands, type Simple, type Word } from './words.ts';

export interface Placeholder {
  /** Names it among those of one command: what the answers are given by. */
  id: string;
  kind: 'path' | 'words' | 'variable' | 'database';
  /** As it stands in the command, e.g. `/path/to/backup.dump`, `<release>`, `$APP_HOME`, `singularity_dev`. */
  text: string;
  /** One sentence: why it is asked for. */
  why: string;
  from: number;
  to: number;
}

export interface PlaceholderPlace {
  /** The database that is connected; null where none is. */
  database: string | null;
  /** What the command would be run with. */
  env: Readonly<Record<string, string | undefined>>;
}

/** A path that stands for one which only the reader knows. */
export const OPEN_PATH =
  /(?:\.{0,2}\/)?(?:path|full\/path|absolute\/path)\/to\/[^\s'"|;&<>()]+|\/your\/[^\s'"|;&<>()]+/gi;

const WORDS: readonly { kind: 'path' | 'words'; pattern: RegExp; why: string }[] = [
  {
    kind: 'path',
    pattern: OPEN_PATH,
    why: 'The runbook leaves this path open.',
  },
  {
    kind: 'words',
    pattern:
      /<[A-Za-z][\w .-]*>|\{\{[^{}\n]+\}\}|\bYOUR_[A-Z0-9_]+\b|\bCHANGEME\b|\bTODO\b|\bexample\.(?:com|org|net)\b/g,
    why: 'The runbook leaves this open.',
  },
];

/** What the shell itself sets (POSIX.1-2017, 2.5.2 and 2.5.3), and what anybody may rely on. */
const SET_BY_SHELL = new Set(['PWD', 'OLDPWD', 'IFS', 'PPID', 'RANDOM', 'LINENO', 'HOME', 'PATH', 'USER']);

/** @returns in the order in which they stand; nothing is asked for twice */
export function placeholdersOf(command: string, place: PlaceholderPlace): Placeholder[] {
  const found = [
    ...openWords(command),
    ...variables(command, place.env),
    ...databases(command, place.database),
  ];
  const ordered = found.toSorted((a, b) => a.from - b.from || b.to - a.to);
  const apart = ordered.filter((one, at) => !ordered.slice(0, at).some((before) => one.from < before.to));
  return apart.map((one) => ({ ...one, id: `${one.kind}:${one.text}` }));
}

function openWords(command: string): Placeholder[] {
  return WORDS.flatMap(({ kind, pattern, why }) =>
    [...command.matchAll(pattern)].map((match) => placed(kind, match[0], why, match.index)),
  );
}

const placed = (kind: Placeholder['kind'], text: string, why: string, from: number): Placeholder => ({
  id: '',
  kind,
  text,
  why,
  from,
  to: from + text.length,
});

function variables(command: string, env: PlaceholderPlace['env']): Placeholder[] {
  const single = [...command.matchAll(/'[^']*'/g)].map((match) => [
    match.index,
    match.index + match[0].length,
  ]);
  const assigned = new Set([...command.matchAll(/(?:^|[\s;&(])([A-Za-z_]\w*)=/g)].map((match) => match[1]));
  return [...command.matchAll(/(?<!\\)\$(?:\{([A-Za-z_]\w*)(:?[-=?+][^}]*)?\}|([A-Za-z_]\w*))/g)].flatMap(
    (match) => {
      const name = match[1] ?? match[3] ?? '';
      const isKnown = Boolean(env[name]) || SET_BY_SHELL.has(name) || assigned.has(name);
      const hasDefault = /^:?[-+=]/.test(match[2] ?? '');
      const isQuoted = single.some(([from = 0, to = 0]) => match.index > from && match.index < to);
      if (isKnown || hasDefault || isQuoted) return [];
      return [placed('variable', match[0], `${name} is not set in the environment.`, match.index)];
    },
  );
}

/** A database that is named and is not the one that is connected. Only PostgreSQL's own programs are read. */
function databases(command: string, database: string | null): Placeholder[] {
  return simpleCommands(command).flatMap((simple) => {
    const word = databaseWord(simple);
    if (!word || word.text === '' || word.text === database || word.text.startsWith('$')) return [];
    const why =
      database === null
        ? 'No database is connected, so this name is asked for.'
        : `This names another database than the one that is connected, ${database}.`;
    return [{ id: '', kind: 'database' as const, text: word.text, why, from: word.from, to: word.to }];
  });
}

/** Options of these programs that take a value, so that what follows them is no name of a database. */
const WITH_VALUE = /^-[hpUWDOTElcfFjntNPsvoRLXe]$/;

/** The word that names the database in a command of PostgreSQL's own programs; null in any other. */
export function databaseWord(simple: Simple): Word | null {
  const { name, rest } = programOf(simple);
  if (!['psql', 'dropdb', 'createdb', 'pg_restore', 'pg_dump', 'vacuumdb', 'reindexdb'].includes(name))
    return null;
  const named = optionOf(rest, 'd', 'dbname');
  if (named || name === 'pg_restore') return named;
  const free = rest.filter(({ text }, at) => {
    if (text.startsWith('-')) return false;
    return !WITH_VALUE.test(rest[at - 1]?.text ?? '');
  });
  return free[0] ?? null;
}

/**
 * The command with every placeholder replaced by its answer.
 * @param answers by the placeholder's id
 * @throws {Error} when one has no answer: such a command is not run
 */
export function filled(
  command: string,
  placeholders: readonly Placeholder[],
  answers: Readonly<Record<string, string>>,
): string {
  return placeholders.toReversed().reduce((text, { id, from, to }) => {
    const answer = answers[id]?.trim();
    if (answer === undefined || answer === '') throw new Error(`nothing was given for ${id}`);
    return text.slice(0, from) + shellWord(answer) + text.slice(to);
  }, command);
}
