/** What a tool's record of a migration becomes when it is taken back. */
import { EXIT, UserError } from '../exit.ts';
import type { Bookkeeping } from '../runbook/types.ts';
import { literal } from './sections.ts';

export const name = (text: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;

const place = (schema: string | undefined, table: string): string =>
  schema === undefined ? name(table) : `${name(schema)}.${name(table)}`;

/** The statements that take the record back, as the tool's own way down leaves its tables. */
export function recordStatements(record: Bookkeeping): string[] {
  const { schema, table, column, version, previous, dirty } = record;
  if (record.statements)
    return record.statements.map((sql) =>
      sql.replace(/\bT\((\w+)\)/g, (_all, beside: string) => place(schema, beside)),
    );
  const [of, where] = [place(schema, table), `WHERE ${name(column)} = ${literal(version)}`];
  if (!record.single || previous === undefined) return [`DELETE FROM ${of} ${where}`];
  const clean = dirty === undefined ? '' : `, ${name(dirty)} = false`;
  return [`UPDATE ${of} SET ${name(column)} = ${literal(previous)}${clean} ${where}`];
}

/** What is said of that statement, in the comment above it. */
export function recordWords({ tool, version, single, previous }: Bookkeeping): string {
  const becomes = single && previous !== undefined ? `goes back to version ${previous}` : 'is removed';
  return `Added by backout, not in the file: the record of ${tool} for version ${version} ${becomes}, in the same transaction.`;
}

const PART = /^(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))$/;

/** `[SCHEMA.]NAME` as one would write it in SQL: without quotes in lower case. @throws {UserError} 64 */
export function recordTable(text: string): { schema?: string; table: string } {
  const parts = text.match(/(?:"(?:[^"]|"")*"|[^".])+/g) ?? [];
  const names = parts.map((part) => {
    const [, quoted, bare] = PART.exec(part) ?? [];
    return quoted?.replaceAll('""', '"') ?? bare?.toLowerCase();
  });
  const [last, schema] = [...names].reverse();
  if (parts.join('.') !== text || names.length > 2 || last === undefined || names.includes(undefined))
    throw new UserError(
      `--record-table ${text} is no name of a table.`,
      'Write TABLE or SCHEMA.TABLE, in double quotes where a name has capitals.',
      EXIT.usage,
    );
  return schema === undefined ? { table: last } : { schema, table: last };
}

/** The record in another table than the tool's own. @param told as `--record-table` gives it */
export function recordIn(record: Bookkeeping, told: string | undefined): Bookkeeping {
  return told === undefined ? record : { ...record, ...recordTable(told) };
}
