/** Actions before they are numbered, and the pieces of SQL that all of them are made of. */
import { name } from '../risk/text.ts';
import type { Action, ActionRole } from '../procedure/types.ts';

export type Draft = Omit<Action, 'index'>;

/** Where everything that is kept lies. */
export const ARCHIVE_SCHEMA = 'backout_archive';

/** Where the journal lies. */
export const JOURNAL_SCHEMA = 'backout';

/** Equality as the server has it: with the runbook's schema in the search_path, a bare `=` could be anybody's. */
export const EQ = 'OPERATOR(pg_catalog.=)';

/** A table or index, quoted and with its schema. */
export function relation(schema: string, table: string): string {
  return `${name(schema)}.${name(table)}`;
}

/** A table where it is, whatever it is known by. */
export function placed({
  schema,
  name: known,
  bare,
}: {
  schema: string;
  name: string;
  bare?: string;
}): string {
  return relation(schema, bare ?? known);
}

/**
 * A string constant that means the same whatever `standard_conforming_strings` is: with a backslash in it, it is
 * written as `E'…'` (manual, sql-syntax-lexical; the way of libpq's PQescapeLiteral).
 */
export function text(value: string): string {
  const quoted = value.replaceAll("'", "''");
  return value.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

const COMMANDS = /^\s*(?:WITH\b|(?:CREATE|ALTER|DROP|COMMENT|LOCK)\s+(?:UNIQUE\s+)?\w+|[A-Z]+)/;

/** The upper-case command of a statement of our own: its first word, and of DDL its second. */
function commandOf(sql: string): string {
  return (COMMANDS.exec(sql)?.[0] ?? '').trim().replace(/\s+/g, ' ').replace(' UNIQUE', '');
}

/** An action of ours. Its command is read off the SQL, which must begin with it. */
export function draft(
  role: Exclude<ActionRole, 'statement'>,
  sql: string,
  words: string,
  more: Partial<Pick<Draft, 'carries' | 'params' | 'command'>> = {},
): Draft {
  return { role, carries: [], sql, command: commandOf(sql), words, ...more };
}

/** Numbers actions from 1, in the order given. */
export function numbered(drafts: readonly Draft[]): Action[] {
  return drafts.map((one, at) => ({ index: at + 1, ...one }));
}
