/** SQL literals and repeatable chance for the practice database: what is written is the same on every machine. */

export type Value = string | number | boolean | null | Sql;

/** A piece of SQL that stands as it is. */
export interface Sql {
  sql: string;
}

/** A value as an SQL literal. Text is quoted as the manual's "String Constants" has it (4.1.2.1). */
export function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return value.sql;
  return `'${value.replaceAll("'", "''")}'`;
}

/** A jsonb literal. */
export function json(value: unknown): Sql {
  return { sql: `${literal(JSON.stringify(value))}::jsonb` };
}

/** An array literal of text, cast to `type[]`. */
export function array(values: readonly string[], type: 'text' | 'varchar' = 'text'): Sql {
  return { sql: `ARRAY[${values.map(literal).join(', ')}]::${type}[]` };
}

/** A vector literal, as text that the type reads. */
export function vector(values: readonly number[]): Sql {
  return { sql: `'[${values.join(',')}]'` };
}

/** INSERT statements for these rows, `chunk` rows each: one statement with a million rows would not fit in memory. */
export function insert(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  chunk = 200,
): string[] {
  const statements: string[] = [];
  for (let at = 0; at < rows.length; at += chunk) {
    const values = rows.slice(at, at + chunk).map((row) => `  (${row.map(literal).join(', ')})`);
    statements.push(`INSERT INTO ${table} (${columns.join(', ')}) VALUES\n${values.join(',\n')}`);
  }
  return statements;
}

export interface Chance {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
  uuid(): string;
  hex(length: number): string;
}

/** Repeatable chance (mulberry32): the same seed gives the same rows. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const hex = (length: number): string => Array.from({ length }, () => between(0, 15).toString(16)).join('');
  return {
    next,
    between,
    pick: <T>(from: readonly T[]): T => {
      const picked = from[between(0, from.length - 1)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${between(8, 11).toString(16)}${hex(3)}-${hex(12)}`,
  };
}

/** `minutes` after `from` (ISO, UTC, no zone), as timestamp(0) without a zone holds it. */
export function minutesAfter(from: string, minutes: number): string {
  const at = new Date(Date.parse(`${from.replace(' ', 'T')}Z`) + Math.round(minutes * 60) * 1000);
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
