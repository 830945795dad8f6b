/** What a tool's record of a migration becomes when it is taken back. */
import type { Bookkeeping } from '../runbook/types.ts';
import { literal } from './sections.ts';

const name = (text: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;

/** The statement that takes the record back, as the tool's own way down leaves the table. */
export function recordStatement(record: Bookkeeping): string {
  const { table, column, version, previous, dirty } = record;
  const where = `WHERE ${name(column)} = ${literal(version)}`;
  if (!record.single || previous === undefined) return `DELETE FROM ${name(table)} ${where}`;
  const clean = dirty === undefined ? '' : `, ${name(dirty)} = false`;
  return `UPDATE ${name(table)} SET ${name(column)} = ${literal(previous)}${clean} ${where}`;
}

/** What is said of that statement, in the comment above it. */
export function recordWords({ tool, version, single, previous }: Bookkeeping): string {
  const becomes = single && previous !== undefined ? `goes back to version ${previous}` : 'is removed';
  return `Added by backout, not in the file: the record of ${tool} for version ${version} ${becomes}, in the same transaction.`;
}
