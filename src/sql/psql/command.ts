/** psql's backslash commands as backout takes them: answered, honoured, left out, or refused with what to do instead. Pure. */

/** What can be listed, by the letters behind `\d` (manual, app-psql): each is a kind of pg_class.relkind. */
const LETTERS: Readonly<Record<string, string>> = {
  t: 'rp',
  i: 'iI',
  v: 'v',
  m: 'm',
  s: 'S',
  E: 'f',
};

/** `\d` without a name lists what `\dtvmsE` does. */
const WITHOUT_NAME = 'tvmsE';

export interface Asked {
  /** As written, without what psql would not mind: `\dt+ orders*`. */
  text: string;
  /** psql's pattern, or null. */
  pattern: string | null;
  /** With `S`: system objects as well. */
  system: boolean;
  /** With `+`. */
  verbose: boolean;
}

export type PsqlQuestion =
  | ({ kind: 'relations'; relkinds: string } & Asked)
  | ({ kind: 'describe' } & Asked)
  | ({ kind: 'databases' | 'schemas' | 'functions' } & Asked)
  /** `\echo`: nothing is asked, `says` is printed. */
  | { kind: 'echo'; text: string; says: string };

export type PsqlCommand =
  | PsqlQuestion
  /** `\x`: null toggles. */
  | { kind: 'expanded'; text: string; on: boolean | null }
  /** `\set NAME VALUE`. */
  | { kind: 'set'; text: string; name: string; value: string }
  /** Shows something, or how it is shown: leaving it out changes nothing. */
  | { kind: 'left-out'; text: string; why: string }
  /** Does what SQL of a runbook would rest on. `what`: what to do instead, one sentence. */
  | { kind: 'refused'; text: string; name: string; what: string };

/** What to do instead of a command that backout does not carry out. */
const INSTEAD: Readonly<Record<string, string>> = {
  copy: 'Write the rows below COPY … FROM stdin, or have the file copied by hand before or after the run.',
  i: 'Put the SQL of that file into the runbook: what runs has to be seen.',
  ir: 'Put the SQL of that file into the runbook: what runs has to be seen.',
  include: 'Put the SQL of that file into the runbook: what runs has to be seen.',
  c: 'A run works on one database: make a runbook for each, and name it with --database.',
  connect: 'A run works on one database: make a runbook for each, and name it with --database.',
  gexec: 'Write the statements that it would make into the runbook, or a DO block.',
  gset: 'Use a subquery, or a variable that is asked for: write :name, and leave its value open.',
  g: 'End the statement with a semicolon.',
  gx: 'End the statement with a semicolon.',
  if: 'Write the condition into the SQL (IF EXISTS, WHERE), or a DO block.',
  elif: 'Write the condition into the SQL (IF EXISTS, WHERE), or a DO block.',
  else: 'Write the condition into the SQL (IF EXISTS, WHERE), or a DO block.',
  endif: 'Write the condition into the SQL (IF EXISTS, WHERE), or a DO block.',
  '!': 'Put the command into a block of its own that begins with ```bash.',
  set: 'Write \\set NAME VALUE with a plain value, or leave :NAME open: it is asked for.',
  unset: 'Leave it out: a variable without a value is asked for.',
  prompt: 'Leave it out: a variable without a value is asked for.',
  getenv: 'Leave it out: a variable without a value is asked for.',
  password: 'Passwords are not for runbooks: do it by hand.',
  ';': 'Write a plain semicolon.',
  q: 'Leave it out: what stands below it would not run in psql, and does here.',
  r: 'Leave it out, with the SQL that it throws away.',
  watch: 'Write the query alone; what has to be waited for is asked by the operator.',
};

/** Only how or what is shown: leaving it out changes nothing that runs (manual, app-psql). */
const HARMLESS =
  /^(?:d[A-Za-z]+|z|a|t|H|C|f|html|timing|pset|conninfo|encoding|errverbose|h|help|\?|o|out|qecho|warn|s|w|p|print|sf|sv|l|lo_list|copyright)$/;

function words(text: string): string[] {
  return text.match(/(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s"'])+/g) ?? [];
}

/** As psql prints its arguments: quotes gone, one blank between. */
const unquoted = (word: string): string =>
  word.replace(/'((?:[^']|'')*)'/g, (_all, inner: string) => inner.replaceAll("''", "'"));

function modifiers(letters: string): { rest: string; system: boolean; verbose: boolean } {
  const [tail = ''] = /[S+]*$/.exec(letters) ?? [];
  const rest = letters.slice(0, letters.length - tail.length);
  return { rest, system: tail.includes('S'), verbose: tail.includes('+') };
}

function asked(text: string, letters: string, args: readonly string[]): Asked & { rest: string } {
  const { rest, system, verbose } = modifiers(letters);
  // psql takes a semicolon at the end of a pattern for a habit of its user's.
  const pattern = args[0]?.replace(/;+$/, '') ?? '';
  return { text, rest, system, verbose, pattern: pattern === '' ? null : pattern };
}

/** @param text from the backslash to the end of the line */
export function psqlCommand(text: string): PsqlCommand {
  const trimmed = text.trim();
  const [, name = '', more = ''] = /^\\([A-Za-z_]+[S+]*|[^\sA-Za-z])\s*(.*)$/s.exec(trimmed) ?? [];
  const args = words(more);
  const question = questionOf(trimmed, name, args);
  if (question) return question;
  if (name === 'echo') return { kind: 'echo', text: trimmed, says: args.map(unquoted).join(' ') };
  if (name === 'x') return { kind: 'expanded', text: trimmed, on: switchOf(args[0]) };
  if (name === 'set' && args.length >= 2 && args.every((word) => !word.includes('`'))) {
    const value = args.slice(1).map(unquoted).join('');
    if (/^[A-Za-z_]\w*$/.test(args[0] ?? '') && !SPECIAL.test(args[0] ?? ''))
      return { kind: 'set', text: trimmed, name: args[0] ?? '', value };
    if (SPECIAL.test(args[0] ?? ''))
      return {
        kind: 'left-out',
        text: trimmed,
        why: 'A step stops at its first error, and is one transaction, in any case.',
      };
  }
  const bare = name.replace(/[S+]+$/, '');
  if (HARMLESS.test(bare))
    return { kind: 'left-out', text: trimmed, why: 'It only shows something, and is left out.' };
  return {
    kind: 'refused',
    text: trimmed,
    name: `\\${bare}`,
    what: INSTEAD[bare] ?? 'Write SQL in its place.',
  };
}

/** Variables that say how psql itself works (manual, app-psql, Variables). */
const SPECIAL =
  /^(?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|AUTOCOMMIT|ECHO|ECHO_HIDDEN|VERBOSITY|QUIET|PROMPT[123]|HIST\w+|SHOW_\w+|FETCH_COUNT|IGNOREEOF|COMP_KEYWORD_CASE|HIDE_\w+|SINGLELINE|SINGLESTEP)$/;

function questionOf(text: string, name: string, args: readonly string[]): PsqlQuestion | null {
  const { rest, ...about } = asked(text, name, args);
  if (rest === 'l' || rest === 'list') return { kind: 'databases', ...about };
  if (rest === 'dn') return { kind: 'schemas', ...about };
  if (rest === 'df') return { kind: 'functions', ...about };
  if (rest === 'd' && about.pattern !== null) return { kind: 'describe', ...about };
  if (!/^d[tivmsE]*$/.test(rest)) return null;
  const letters = rest === 'd' ? WITHOUT_NAME : rest.slice(1);
  return { kind: 'relations', relkinds: [...letters].map((each) => LETTERS[each] ?? '').join(''), ...about };
}

/** What psql takes for on and off (manual, app-psql: boolean values may be shortened). */
function switchOf(word: string | undefined): boolean | null {
  if (word === undefined) return null;
  return /^(on|true|yes|1)$/i.test(word.replace(/;+$/, ''));
}
