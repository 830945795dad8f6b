/** Names within definitions as `pg_get_indexdef` and `pg_get_constraintdef` write them. */
import { quoteIdent } from './types-of.ts';

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Where an identifier may begin and end: not within a longer word, a quoted name or a string. */
function word(name: string): RegExp {
  return new RegExp(`(?<![\\w$"'])${escaped(quoteIdent(name))}(?![\\w$"'])`, 'g');
}

/** An optional schema before a name. */
const SCHEMA = '((?:"(?:[^"]|"")+"|[\\w$]+)\\.)?';

function after(keyword: string, name: string): RegExp {
  return new RegExp(`\\b${keyword} ${SCHEMA}${escaped(quoteIdent(name))}(?![\\w$"])`, 'g');
}

/** The definition after its table was renamed. */
export function indexOnRenamedTable(definition: string, from: string, to: string): string {
  return definition.replace(after('ON(?: ONLY)?', from), (match) => renamed(match, from, to));
}

function renamed(match: string, from: string, to: string): string {
  return match.slice(0, match.length - quoteIdent(from).length) + quoteIdent(to);
}

/** A foreign key's definition after the table it points at was renamed. */
export function referencingRenamedTable(definition: string, from: string, to: string): string {
  return definition.replace(after('REFERENCES', from), (match) => renamed(match, from, to));
}

/** The columns of the other table that a foreign key points at: the place of their list in the definition. */
function farColumns(definition: string, table: string): { start: number; end: number } | null {
  const match = after('REFERENCES', table).exec(definition);
  const start = match ? match.index + match[0].length : -1;
  if (definition[start] !== '(') return null;
  const end = definition.indexOf(')', start);
  return end < 0 ? null : { start, end };
}

/** A foreign key's definition after a column of the table it points at was renamed. */
export function referencingRenamedColumn(
  definition: string,
  table: string,
  from: string,
  to: string,
): string {
  const list = farColumns(definition, table);
  if (!list) return definition;
  const columns = definition.slice(list.start, list.end).replace(word(from), () => quoteIdent(to));
  return definition.slice(0, list.start) + columns + definition.slice(list.end);
}

/** The table that a foreign key points at, with its schema where the definition names it. */
export function referencedTable(definition: string): string | null {
  const found = /\bREFERENCES ((?:(?:"(?:[^"]|"")+"|[\w$]+)\.)?(?:"(?:[^"]|"")+"|[\w$]+))/.exec(
    definition,
  )?.[1];
  const parts = found?.match(/"(?:[^"]|"")+"|[\w$]+/g) ?? [];
  const bare = (part: string): string => part.replace(/^"(.*)"$/, '$1').replaceAll('""', '"');
  return parts.length === 0 ? null : parts.map(bare).join('.');
}

/** True for the definition of a foreign key that points at the column. */
export function referencesColumn(definition: string, table: string, column: string): boolean {
  const list = farColumns(definition, table);
  return list !== null && word(column).test(definition.slice(list.start, list.end));
}

/** True for the definition of a foreign key that points at the table. */
export function references(definition: string, table: string): boolean {
  return after('REFERENCES', table).test(definition);
}

/** The definition of an index after the index was renamed. */
export function renamedIndex(definition: string, from: string, to: string): string {
  return definition.replace(after('INDEX', from), (match) => renamed(match, from, to));
}

/**
 * A definition after a column of its table was renamed: only the part in parentheses that is about this table, not
 * the columns of a table that is referenced.
 */
export function withRenamedColumn(definition: string, from: string, to: string): string {
  // The NOT NULL constraints that PostgreSQL 18 shows have no parentheses.
  if (definition.startsWith('NOT NULL ')) return `NOT NULL ${quoteIdent(to)}`;
  const open = definition.indexOf('(');
  const far = definition.indexOf(' REFERENCES ');
  const end = far < 0 ? definition.length : far;
  if (open < 0 || open > end) return definition;
  const own = definition.slice(open, end).replace(word(from), () => quoteIdent(to));
  return definition.slice(0, open) + own + definition.slice(end);
}

/** `CREATE INDEX …` as pg_get_indexdef writes it for plain columns. */
export function indexDefinition(
  index: { name: string; table: string; columns: readonly string[]; unique: boolean },
  schema: string,
): string {
  const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX';
  const columns = index.columns.map(quoteIdent).join(', ');
  return `CREATE ${kind} ${quoteIdent(index.name)} ON ${quoteIdent(schema)}.${quoteIdent(index.table)} USING btree (${columns})`;
}
