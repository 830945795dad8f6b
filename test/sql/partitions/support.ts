/** What the harness of objects does not look at: which table is a part of which, and the rows of each table by itself. */
import { expect } from 'vitest';
import { archivedRows, stepRows } from '../../../src/postgres/store.ts';
import type { Session } from '../../../src/sql/session.ts';
import { dump, look, rollBack, states, undo, type Case, type RoundTrip } from '../objects/support.ts';

/** A table in two partitions, each with a row, an index and a key. */
export const PARTITIONED = [
  'CREATE TABLE p (id integer NOT NULL, d date NOT NULL, v text, PRIMARY KEY (id, d)) PARTITION BY RANGE (d)',
  `CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
  `CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`,
  'CREATE INDEX p_v ON p (v)',
  `INSERT INTO p VALUES (1, '2024-05-05', 'a'), (2, '2025-05-05', 'b')`,
];

/** A table and one that inherits from it, with rows of the same key. */
export const INHERITED = [
  'CREATE TABLE a (id integer PRIMARY KEY, v text, w text)',
  'CREATE TABLE b (x integer, PRIMARY KEY (id)) INHERITS (a)',
  `INSERT INTO a VALUES (1, 'a', 'w')`,
  `INSERT INTO b VALUES (1, 'b', 'ww', 5)`,
];

const FAMILY = `
  SELECT concat_ws(' ', 'family', c.relkind, c.relname, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
           (SELECT string_agg(concat_ws(' ', h.inhparent::regclass::text, h.inhseqno), ',' ORDER BY h.inhseqno)
              FROM pg_inherits h WHERE h.inhrelid = c.oid),
           (SELECT string_agg(concat(a.attname, a.attnotnull, a.attislocal, a.attinhcount), ',' ORDER BY a.attname)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
           (SELECT string_agg(concat_ws(' ', o.conname, o.conislocal, o.coninhcount, o.convalidated), ',' ORDER BY o.conname)
              FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype <> 'n'),
           (SELECT x.indisvalid FROM pg_index x WHERE x.indexrelid = c.oid)) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'i', 'I') ORDER BY 1`;

const TABLES = `
  SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 1`;

/** Everything of {@link dump}, who is a part of whom, and the rows of every table that are in it alone. */
export async function whole(session: Session, schema: string): Promise<string[]> {
  const lines = await dump(session, schema);
  const family = await session.query(FAMILY, [schema]);
  lines.push(...family.rows.map(({ line }) => String(line)));
  for (const { name } of (await session.query(TABLES, [schema])).rows) {
    const { rows } = await session.query(
      `SELECT to_jsonb(t)::text AS line FROM ONLY "${schema}"."${String(name)}" t ORDER BY 1`,
    );
    lines.push(...rows.map(({ line }) => `row of ${String(name)} ${String(line)}`));
  }
  return lines;
}

export const differences = (was: readonly string[], is: readonly string[]): string[] => [
  ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
  ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
];

/** As the objects' `roundTrip`, with the family and the rows. */
export async function thereAndBack(one: Case): Promise<RoundTrip> {
  const before = await whole(one.session, one.schema);
  expect(new Set(states(await look(one)))).toEqual(new Set(['pending']));
  const run = await rollBack(one);
  const after = await whole(one.session, one.schema);
  expect(after).not.toEqual(before);
  expect(new Set(states(await look(one, run)))).toEqual(new Set(['applied']));
  const kept = (await archivedRows(one.session, run)).map(({ detail }) => detail.words);
  const [row] = await stepRows(one.session, run);
  const words = await undo(one, run);
  expect(differences(before, await whole(one.session, one.schema))).toEqual([]);
  await rollBack(one);
  expect(differences(after, await whole(one.session, one.schema))).toEqual([]);
  return { words, kept, notUndoable: row?.detail.notUndoable ?? [] };
}
