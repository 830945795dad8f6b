/** The answers, as psql 15 prints them, from our own queries on a database. */
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerLines } from '../../../src/sql/psql/answer.ts';
import { questionIn } from '../../../src/sql/psql/looks.ts';
import { queryOf } from '../../../src/sql/psql/queries.ts';
import { freshPglite, sessionOn } from '../../support/pglite.ts';

let db: PGlite;

beforeAll(async () => {
  db = await freshPglite();
  await db.exec(`CREATE SCHEMA app; SET search_path = app, pg_temp;
    CREATE TABLE orders (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', n int CHECK (n > 0));
    CREATE TABLE lines (order_id int REFERENCES orders (id), note text);
    CREATE INDEX lines_order ON lines (order_id) WHERE note IS NOT NULL;
    COMMENT ON COLUMN lines.note IS 'two
lines';
    CREATE TABLE public.elsewhere (a int);
    CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql AS 'SELECT 2 * a';
    CREATE TABLE "Odd""name" ();
    CREATE FUNCTION app.eq(name, name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''not ours''; END';
    CREATE OPERATOR app.= (leftarg = name, rightarg = name, function = app.eq)`);
});
afterAll(() => db.close());

async function lines(text: string, expanded = false): Promise<string> {
  const question = questionIn(text);
  if (!question) throw new Error(`${text} is not answered`);
  const { sql, params } = queryOf(question);
  return answerLines(question, await sessionOn(db).query(sql, params), expanded).join('\n');
}

test('\\dt lists the tables that are visible', async () => {
  expect(await lines('\\dt')).toBe(`          List of relations
 Schema |   Name   | Type  |  Owner
--------+----------+-------+----------
 app    | Odd"name | table | postgres
 app    | lines    | table | postgres
 app    | orders   | table | postgres
(3 rows)`);
});

test('\\di names the table of each index; \\x turns it round', async () => {
  expect(await lines('\\di lines*', true)).toBe(`List of relations
-[ RECORD 1 ]
Schema | app
Name   | lines_order
Type   | index
Owner  | postgres
Table  | lines`);
});

test('\\d tells columns, indexes, checks, keys, and who refers to it', async () => {
  expect(await lines('\\d orders')).toBe(`                               Table "app.orders"
 Column |         Type          | Collation | Nullable |        Default
--------+-----------------------+-----------+----------+------------------------
 id     | integer               |           | not null |
 name   | character varying(20) |           | not null | 'x'::character varying
 n      | integer               |           |          |
Indexes:
    "orders_pkey" PRIMARY KEY, btree (id)
Check constraints:
    "orders_n_check" CHECK ((n > 0))
Referenced by:
    TABLE lines CONSTRAINT "lines_order_id_fkey" FOREIGN KEY (order_id) REFERENCES orders(id)`);
  const more = await lines('\\d+ lines');
  expect(more).toContain(' note     | text    |           |          |         | two↵lines');
  expect(more).toContain('    "lines_order" btree (order_id) WHERE (note IS NOT NULL)');
});

test('what is not there is said as psql says it', async () => {
  expect(await lines('\\dt gone*')).toBe('Did not find any relation named "gone*".');
  expect(await lines('\\d gone')).toBe('Did not find any relation named "gone".');
  expect(await lines('\\dv')).toBe('Did not find any relations.');
});

test('a schema may be named, names may be quoted, system objects asked for', async () => {
  expect(await lines('\\dt public.*')).toContain(' public | elsewhere | table | postgres');
  expect(await lines('\\dt "Odd""name"')).toContain('(1 row)');
  expect(await lines('\\dtS pg_class')).toContain(' pg_catalog | pg_class | table');
});

test('databases, schemas, functions, and a line of text', async () => {
  expect(await lines('\\l')).toMatch(/List of databases\n +Name +\| +Owner +\| Encoding/);
  expect(await lines('\\dn app')).toContain(' app  | postgres');
  expect(await lines('\\df twice')).toContain(
    ' app    | twice | integer          | a integer           | func',
  );
  expect(await lines("\\echo 'Tables:' done")).toBe('Tables: done');
});
