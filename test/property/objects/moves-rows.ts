/** Statements about rows, and about numbers. */
import type { Relation } from './inventory.ts';
import type { Random } from './random.ts';
import { aTable, on, type Move } from './moves-tables.ts';

const has = (table: Relation, ...names: string[]): boolean =>
  names.every((name) => table.columns.some((column) => column.name === name && column.generated === ''));

const onNamed = (write: (table: string, r: Random) => string): Move =>
  on((table, r) => (has(table, 'id', 'name', 'n') ? write(table.name, r) : undefined));

const onTwo =
  (write: (table: string, other: string, r: Random) => string): Move =>
  (there, r) => {
    const [table, other] = [aTable(there, r), aTable(there, r)];
    if (!table || !other || table.name === other.name) return undefined;
    return has(table, 'id', 'name', 'n') && has(other, 'id', 'name', 'n')
      ? write(table.name, other.name, r)
      : undefined;
  };

export const ROWS: Move[] = [
  onNamed(
    (table, r) =>
      `UPDATE ${table} SET ${r.pick([`name = 'up'`, 'n = n + 1', `name = NULL`, `n = 4, name = upper(name)`])}${r.once(2) ? ` WHERE id > ${r.number(3)}` : ''}`,
  ),
  onNamed((table) => `UPDATE ${table} SET name = coalesce(name, 'none') WHERE name IS NULL`),
  onNamed((table, r) => `DELETE FROM ${table}${r.once(2) ? ` WHERE id > ${r.number(3)}` : ''}`),
  onNamed(
    (table, r) =>
      `INSERT INTO ${table} (id, name, n) OVERRIDING SYSTEM VALUE VALUES (${30 + r.number(3)}, 'new', 2)`,
  ),
  onNamed((table) => `INSERT INTO ${table} (name, n) VALUES ('numbered', 5)`),
  onNamed(
    (table) =>
      `INSERT INTO ${table} (id, name) VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
  ),
  onNamed(
    (table, r) => `INSERT INTO ${table} (id, name) VALUES (${1 + r.number(9)}, 'c') ON CONFLICT DO NOTHING`,
  ),
  onTwo(
    (table, other, r) =>
      `INSERT INTO ${table} (id, name, n) OVERRIDING SYSTEM VALUE SELECT id + ${100 + r.number(2)}, name, n FROM ${other}`,
  ),
  onTwo((table, other) => `UPDATE ${table} AS t SET name = o.name FROM ${other} AS o WHERE o.id = t.id`),
  onTwo((table, other) => `DELETE FROM ${table} USING ${other} WHERE ${other}.id = ${table}.id`),
  onTwo(
    (table, other) =>
      `WITH gone AS (DELETE FROM ${other} WHERE id > 1 RETURNING id, name, n) INSERT INTO ${table} (id, name, n) OVERRIDING SYSTEM VALUE SELECT id + 200, name, n FROM gone`,
  ),
  onTwo(
    (table, other) =>
      `MERGE INTO ${table} AS t USING ${other} AS o ON t.id = o.id WHEN MATCHED AND o.n > 4 THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'merged' WHEN NOT MATCHED THEN INSERT (id, name, n) OVERRIDING SYSTEM VALUE VALUES (o.id, o.name, 0)`,
  ),
  on(
    ({ name }, r) => `TRUNCATE ${name}${r.once(3) ? ' RESTART IDENTITY' : ''}${r.once(3) ? ' CASCADE' : ''}`,
  ),
  ({ sequences }, r) => {
    const sequence = r.pick(sequences);
    return (
      sequence &&
      r.pick([`SELECT setval('${sequence.name}', ${50 + r.number(9)})`, `SELECT nextval('${sequence.name}')`])
    );
  },
];
