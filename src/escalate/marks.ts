/**
 * What an escalation keeps of what it did: lines at the end of the database's comment. They are written in the same
 * transaction as what they tell of, stay with the database when it is renamed, are seen from any other database of the
 * server and in psql's `\l+`, and its owner may write them (manual, sql-comment), who may not set a parameter of ours
 * (measured: 42501 on PostgreSQL 15).
 */
import { z } from 'zod';
import { quoteIdentifier } from '../postgres/scope.ts';
import type { BesideMark, Marks, StoppedMark } from './types.ts';

const STOPPED = '[backout: writes stopped] ';
const BESIDE = '[backout: beside] ';

const stoppedSchema: z.ZodType<StoppedMark> = z.object({
  at: z.string(),
  by: z.string(),
  grants: z.array(z.object({ grantee: z.string().nullable(), grantor: z.string(), grantable: z.boolean() })),
  limit: z.number().int().nullable(),
});

const besideSchema: z.ZodType<BesideMark> = z.object({
  kind: z.enum(['restored', 'kept', 'live']),
  of: z.string(),
  at: z.string(),
  backup: z.string().nullable(),
  state: z.enum(['restoring', 'failed', 'restored', 'checked']),
  rows: z.record(z.string(), z.number()),
});

/** A string of SQL; `standard_conforming_strings` is on in every session of ours. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Anybody who owns the database may have written there: what is not of our form counts as not there. */
function read<T>(line: string | undefined, head: string, schema: z.ZodType<T>): T | null {
  if (line === undefined) return null;
  try {
    return schema.parse(JSON.parse(line.slice(head.length)));
  } catch {
    return null;
  }
}

/** A database's comment, taken apart: what others wrote, and our lines. */
export function marksIn(comment: string | null): Marks {
  const lines = (comment ?? '').split('\n');
  const ours = (line: string): boolean => line.startsWith(STOPPED) || line.startsWith(BESIDE);
  const theirs = lines.filter((line) => !ours(line)).join('\n');
  return {
    text: theirs === '' ? null : theirs,
    stopped: read(
      lines.find((line) => line.startsWith(STOPPED)),
      STOPPED,
      stoppedSchema,
    ),
    beside: read(
      lines.find((line) => line.startsWith(BESIDE)),
      BESIDE,
      besideSchema,
    ),
  };
}

/** The statement that writes it all again. */
export function commentSql(database: string, { text, stopped, beside }: Marks): string {
  const lines = [
    ...(text === null ? [] : [text]),
    ...(stopped === null ? [] : [STOPPED + JSON.stringify(stopped)]),
    ...(beside === null ? [] : [BESIDE + JSON.stringify(beside)]),
  ];
  const comment = lines.length === 0 ? 'NULL' : literal(lines.join('\n'));
  return `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${comment}`;
}
