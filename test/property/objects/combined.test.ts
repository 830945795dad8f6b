/** What random ways down have found, at its smallest: statements that were right one by one and not together. */
import { afterAll, beforeAll, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, roundTrip } from '../../sql/objects/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const TABLE = 'CREATE TABLE t (id integer PRIMARY KEY, name text, n integer)';
const ROWS = `INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2)`;
const FUNCTION = 'CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$';

const CASES: [string, string[], string][] = [
  [
    'a function that is replaced, and its rights',
    [FUNCTION],
    'CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$; REVOKE ALL ON FUNCTION f() FROM PUBLIC',
  ],
  [
    'a function that loses rights and is altered before it goes',
    [FUNCTION],
    `REVOKE ALL ON FUNCTION f() FROM PUBLIC; ALTER FUNCTION f() STRICT; COMMENT ON FUNCTION f() IS 'x'; DROP FUNCTION f()`,
  ],
  [
    'rights on all functions, of which the plan makes one',
    [FUNCTION],
    'CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS $$ SELECT 3 $$; REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "@" FROM PUBLIC',
  ],
  [
    'statistics with another name, and others of the same columns',
    [TABLE, 'CREATE STATISTICS st ON name, n FROM t'],
    'ALTER STATISTICS st RENAME TO stt; CREATE STATISTICS st2 ON name, n FROM t; CREATE INDEX ON t (n)',
  ],
  [
    'a view that ON ALL TABLES names, and a column of it',
    [TABLE, ROWS, 'CREATE MATERIALIZED VIEW m AS SELECT id, n FROM t'],
    'GRANT SELECT ON ALL TABLES IN SCHEMA "@" TO PUBLIC; ALTER MATERIALIZED VIEW m RENAME COLUMN n TO q',
  ],
  [
    'indexes over expressions that are given no name',
    [TABLE, ROWS],
    'CREATE INDEX ON t (lower(name), lower(n::text)); CREATE INDEX ON t ((n + 1), (n::bigint), coalesce(name, upper(name)))',
  ],
  [
    'a comment on a constraint, which is not asked for',
    [TABLE, ROWS],
    `CREATE INDEX i ON t (n); COMMENT ON CONSTRAINT t_pkey ON t IS 'bound'`,
  ],
  [
    'a column that goes together with one computed from it',
    [
      'CREATE TABLE t (id integer PRIMARY KEY, other integer, h integer GENERATED ALWAYS AS (other * 2) STORED, n integer, g integer GENERATED ALWAYS AS (n * 2) STORED)',
      'INSERT INTO t (id, n, other) VALUES (1, 4, 5)',
    ],
    'ALTER TABLE t DROP COLUMN n CASCADE',
  ],
  [
    'a type with another name, and a table of it that is written to',
    [
      `CREATE TYPE mood AS ENUM ('ok', 'sad')`,
      `CREATE TABLE t (id integer PRIMARY KEY, feels mood DEFAULT 'ok', more mood[])`,
      `INSERT INTO t VALUES (1, 'sad', '{ok,sad}')`,
    ],
    'ALTER TYPE mood RENAME TO ty; ALTER TABLE t ADD COLUMN n integer; INSERT INTO t (id) VALUES (2)',
  ],
  [
    'two types that exchange their names, and columns of them',
    [
      `CREATE TYPE one AS ENUM ('a', 'b')`,
      `CREATE TYPE two AS ENUM ('a', 'c')`,
      'CREATE TABLE t (id integer PRIMARY KEY, x one, y two)',
      `INSERT INTO t VALUES (1, 'b', 'c')`,
    ],
    'ALTER TYPE one RENAME TO tmp; ALTER TYPE two RENAME TO one; ALTER TYPE tmp RENAME TO two; DELETE FROM t WHERE id = 1',
  ],
  [
    'a domain that goes with its name, and the table that goes',
    [
      'CREATE DOMAIN d AS integer CHECK (VALUE > 0)',
      'CREATE TABLE t (id integer PRIMARY KEY, x d)',
      'INSERT INTO t VALUES (1, 5)',
    ],
    'ALTER DOMAIN d RENAME TO e; DROP TABLE t',
  ],
];

test.each(CASES)('%s', async (name, setup, down) => {
  const schema = `combined_${CASES.findIndex(([one]) => one === name)}`;
  await roundTrip(await caseWith(bench, schema, setup, down));
});
