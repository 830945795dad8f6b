/** What an application writes into tables as it finds them: values that are known again wherever they are. */
import type { Session } from '../../src/sql/session.ts';
import type { ColumnDefinition } from '../../src/sql/definition.ts';
import type { State } from '../sql-undo/support.ts';

export type Write = readonly [kind: number, table: number, row: number, column: number];

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value that occurs nowhere else, as a literal and as the text it is found by; null for a type that takes none. */
function mark(type: string, number: number): { sql: string; text: string } | null {
  if (/^(integer|bigint|numeric$|double)/.test(type)) return { sql: `770${number}`, text: `770${number}` };
  if (/^(text$|character varying)/.test(type)) return { sql: `'mk${number}'`, text: `mk${number}` };
  if (type === 'jsonb') return { sql: `'"mk${number}"'`, text: `mk${number}` };
  if (type === 'text[]') return { sql: `'{mk${number}}'`, text: `mk${number}` };
  return null;
}

function statementFor([kind, at, row, which]: Write, number: number, state: State): string | null {
  const tables = state.definitions;
  const table = tables[at % Math.max(1, tables.length)];
  if (!table || table.kind !== 'r') return null;
  const place = `public.${quote(table.name)}`;
  const marked = table.columns.flatMap((column: ColumnDefinition, i) => {
    const value = column.generated === '' ? mark(column.type, number * 20 + i + 100) : null;
    return value ? [{ column: quote(column.name), value: value.sql }] : [];
  });
  const one = `t.ctid = (SELECT ctid FROM ${place} o ORDER BY o::text OFFSET ${row} LIMIT 1)`;
  if (kind % 5 === 0) return `DELETE FROM ${place} t WHERE ${one}`;
  const some = marked.filter((_one, i) => (which >> i) % 2 === 0);
  if (some.length === 0) return null;
  if (kind % 5 < 3) {
    return `INSERT INTO ${place} (${some.map(({ column }) => column).join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${some.map(({ value }) => value).join(', ')})`;
  }
  const set = some.slice(0, 1 + (row % 2)).map(({ column, value }) => `${column} = ${value}`);
  return `UPDATE ${place} t SET ${set.join(', ')} WHERE ${one}`;
}

/** The writes that the server takes, each in a transaction of its own. */
export async function write(session: Session, writes: readonly Write[], state: State): Promise<string[]> {
  const done: string[] = [];
  for (const [at, one] of writes.entries()) {
    const sql = statementFor(one, at, state);
    if (sql === null) continue;
    const taken = await session.query(sql).then(
      ({ rowCount }) => (rowCount ?? 0) > 0,
      () => false,
    );
    if (taken) done.push(sql);
  }
  return done;
}

const MARK = /\bmk\d{3,}\b|\b770\d{3,}\b/g;

/** The marks in these tables, with what holds them. */
export function marksIn(rows: Record<string, string[]>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [table, list] of Object.entries(rows))
    for (const row of list) for (const one of row.match(MARK) ?? []) found.set(one, table);
  return found;
}

/** The marks that are anywhere in the archive. */
export async function archivedMarks(session: Session): Promise<Set<string>> {
  const { rows } = await session.query(
    `SELECT c.relname AS name FROM pg_catalog.pg_class c
      WHERE c.relnamespace = 'backout_archive'::pg_catalog.regnamespace AND c.relkind = 'r'`,
  );
  const found = new Set<string>();
  for (const { name } of rows) {
    const kept = await session.query(`SELECT t::text AS row FROM backout_archive.${quote(String(name))} t`);
    for (const { row } of kept.rows) for (const one of String(row).match(MARK) ?? []) found.add(one);
  }
  return found;
}

/** The marks in a column of a table. */
export async function marksOf(session: Session, table: string, column: string): Promise<string[]> {
  const { rows } = await session.query(`SELECT ${quote(column)}::text AS value FROM public.${quote(table)}`);
  return rows.flatMap(({ value }) => String(value).match(MARK) ?? []);
}

/** How many rows of the one are not in the other, as often as they occur. */
export function missing(from: Record<string, string[]>, to: Record<string, string[]>): number {
  let count = 0;
  for (const [table, list] of Object.entries(from)) {
    const left = [...(to[table] ?? [])];
    for (const row of list) {
      const at = left.indexOf(row);
      if (at < 0) count += 1;
      else left.splice(at, 1);
    }
  }
  return count;
}
