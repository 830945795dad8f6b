/** Where a step about objects stands when it was broken off. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, look, states } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text)';
const FUNCTION = 'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$';
const TRIGGER = 'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()';

/** Name, what is there, the way down, its statements' states. */
const CASES: [string, string[], string, string[]][] = [
  ['half done', [TABLE, FUNCTION], 'DROP TRIGGER g ON t; DROP FUNCTION f();', ['applied', 'pending']],
  [
    'done, with its table',
    [],
    'DROP TRIGGER g ON t; DROP FUNCTION f(); DROP TABLE t;',
    ['applied', 'applied', 'applied'],
  ],
  [
    'a trigger of a table that gets another name',
    ['CREATE TABLE u (a integer)', FUNCTION, TRIGGER.replace(' t ', ' u ')],
    'ALTER TABLE t RENAME TO u; DROP TRIGGER g ON u;',
    ['applied', 'pending'],
  ],
  [
    'a view dropped and not made again',
    [TABLE],
    'DROP VIEW v; CREATE VIEW v AS SELECT a FROM t;',
    ['applied', 'pending'],
  ],
  [
    'a function dropped and made again as it is written',
    [`CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'`],
    `DROP FUNCTION f(); CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2';`,
    ['applied', 'applied'],
  ],
  [
    'a function to be dropped and made again otherwise',
    [`CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'`],
    `DROP FUNCTION f(); CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2';`,
    ['pending', 'pending'],
  ],
  [
    'a function replaced already',
    [`CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'`],
    `CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'`,
    ['applied'],
  ],
  [
    'a function declared otherwise',
    [`CREATE FUNCTION f() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 2'`],
    `CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'`,
    ['pending'],
  ],
  [
    'rights of which one is taken already: taking it again does no harm',
    [TABLE, 'GRANT SELECT ON t TO PUBLIC'],
    'REVOKE SELECT ON t FROM PUBLIC; REVOKE INSERT ON t FROM PUBLIC;',
    ['pending', 'pending'],
  ],
  [
    'a table to be made, and what is said of it',
    [],
    `CREATE TABLE t (a serial, b text); GRANT SELECT ON t TO PUBLIC; COMMENT ON TABLE t IS 'x';
     COMMENT ON COLUMN t.b IS 'y'; ALTER TABLE t OWNER TO CURRENT_USER; GRANT USAGE ON SEQUENCE t_a_seq TO PUBLIC;
     ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t RENAME TO u; GRANT INSERT ON ALL TABLES IN SCHEMA public TO PUBLIC;`,
    Array<string>(9).fill('pending'),
  ],
  [
    'a table that is made, and nothing said of it',
    [TABLE],
    `CREATE TABLE t (a integer PRIMARY KEY, b text); GRANT SELECT ON t TO PUBLIC; COMMENT ON TABLE t IS 'x';`,
    ['applied', 'pending', 'pending'],
  ],
  [
    'row security switched off already',
    [TABLE],
    'DROP POLICY IF EXISTS p ON t; ALTER TABLE t DISABLE ROW LEVEL SECURITY;',
    ['applied', 'applied'],
  ],
  [
    'a value that has its new name',
    [`CREATE TYPE e AS ENUM ('b')`],
    `ALTER TYPE e RENAME VALUE 'a' TO 'b'`,
    ['applied'],
  ],
  [
    'a value with neither name',
    [`CREATE TYPE e AS ENUM ('c')`],
    `ALTER TYPE e RENAME VALUE 'a' TO 'b'`,
    ['conflict'],
  ],
  [
    'an enum that is there with other values',
    [`CREATE TYPE e AS ENUM ('c')`],
    `CREATE TYPE e AS ENUM ('a')`,
    ['conflict'],
  ],
  [
    'a comment that is there',
    [FUNCTION, `COMMENT ON FUNCTION f() IS 'x'`],
    `COMMENT ON FUNCTION f() IS 'x'; COMMENT ON FUNCTION f() IS NULL;`,
    ['applied', 'pending'],
  ],
  [
    'one of two functions of a name',
    [`CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'`],
    'DROP FUNCTION f(integer); DROP FUNCTION f(text);',
    ['pending', 'applied'],
  ],
];

test.each(CASES)('%s', async (name, setup, down, expected) => {
  const one = await caseWith(bench, `p${CASES.findIndex((other) => other[0] === name)}`, setup, down);
  expect(states(await look(one))).toEqual(expected);
});
