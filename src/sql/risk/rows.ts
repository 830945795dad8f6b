/** The rows that a finding is about: the query that counts them, and the keys of the first ones. */
import type { Session } from '../session.ts';
import { keyText, type World } from '../contents.ts';
import { asText } from '../values.ts';
import { visible } from './text.ts';

const FIRST = 10;

/** The rows that a statement works on. */
export interface Rows {
  /** SQL that gives `columns` ("expression AS name") for each of them. */
  select: (columns: readonly string[]) => string;
  /** SQL of the key of such a row; null when it has none. */
  key: string | null;
  keyColumns: string;
}

/** One question about rows: for how many is this true? */
export interface Probe {
  condition: string;
  /** The keys of the first rows are wanted, too. */
  keys: boolean;
  /** What is looked at next depends on the answer. */
  now?: boolean;
  found: (rows: number, keys: string[]) => void;
}

/** Rows of a FROM list. */
export function rowsFrom(from: string, where: string | null, key: string | null, keyColumns: string): Rows {
  const rest = where === null ? '' : ` WHERE ${where}`;
  return { select: (columns) => `SELECT ${columns.join(', ')} FROM ${from}${rest}`, key, keyColumns };
}

/** The keys of the first rows that fulfil a condition, as text. @throws {DatabaseError} */
export async function firstKeys(
  session: Pick<Session, 'query'>,
  world: World,
  rows: Rows,
  condition: string,
): Promise<string[]> {
  if (rows.key === null) return [];
  const inner = rows.select([`${rows.key} AS k`, `(${condition}) AS hit`]);
  const distinct = `SELECT DISTINCT backout_q.k FROM (${inner}) AS backout_q
    WHERE backout_q.hit AND backout_q.k IS NOT NULL ORDER BY backout_q.k LIMIT ${FIRST}`;
  const text = keyText('backout_k.k', rows.keyColumns);
  const result = await session.query(
    world.query(`SELECT ${text} AS k FROM (${distinct}) AS backout_k ORDER BY backout_k.k`),
  );
  return result.rows.map((row) => visible(asText(row.k), 200));
}

/** One query for all probes: it gives one row with a jsonb array of their counts. */
export function countsOf(rows: Rows, probes: readonly Probe[]): string {
  const columns = probes.map((probe, at) => `(${probe.condition}) AS c${at + 1}`);
  const counts = probes.map((_, at) => `pg_catalog.count(*) FILTER (WHERE backout_q.c${at + 1})`);
  return `SELECT pg_catalog.jsonb_build_array(${counts.join(', ')}) FROM (${rows.select(columns)}) AS backout_q`;
}
