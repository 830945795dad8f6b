import { afterAll, beforeAll, describe, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, roundTrip } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  await bench.session.query('DROP ROLE IF EXISTS there_and_back_reader');
  await bench.session.query('CREATE ROLE there_and_back_reader');
});
afterAll(async () => {
  await bench.session.query('DROP OWNED BY there_and_back_reader');
  await bench.session.query('DROP ROLE there_and_back_reader');
  await bench.close();
});

const TRIGGER = `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := 'x'; RETURN NEW; END $$`;
const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text)';
const ROWS = `INSERT INTO t VALUES (1, 'one'), (2, 'two')`;

/** Name, what is there before, the way down. */
const CASES: [string, string[], string][] = [
  [
    'a function',
    [
      TRIGGER,
      `COMMENT ON FUNCTION stamp() IS 'stamps'`,
      'GRANT EXECUTE ON FUNCTION stamp() TO there_and_back_reader',
    ],
    'DROP FUNCTION stamp()',
  ],
  [
    'a function without its parameters',
    ['CREATE FUNCTION f(a integer, b text DEFAULT NULL) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$'],
    'DROP FUNCTION IF EXISTS f',
  ],
  [
    'a trigger and its function',
    [
      TABLE,
      TRIGGER,
      'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()',
      `COMMENT ON TRIGGER s ON t IS 'stamps'`,
      'ALTER TABLE t DISABLE TRIGGER s',
    ],
    'DROP TRIGGER s ON t; DROP FUNCTION stamp();',
  ],
  [
    'what is said of a table that the step makes',
    [TABLE, ROWS],
    `CREATE TABLE n (a serial, b text); GRANT SELECT ON n TO PUBLIC; COMMENT ON TABLE n IS 'x'; COMMENT ON COLUMN n.b IS 'y';
     ALTER TABLE n OWNER TO CURRENT_USER; GRANT USAGE ON SEQUENCE n_a_seq TO PUBLIC; COMMENT ON SEQUENCE n_a_seq IS 'z';
     ALTER TABLE t ADD COLUMN c serial; GRANT USAGE ON SEQUENCE t_c_seq TO PUBLIC;
     GRANT INSERT ON ALL TABLES IN SCHEMA public TO there_and_back_reader;`,
  ],
  [
    'what is said of a table under its new name',
    [TABLE, ROWS, 'GRANT SELECT ON t TO there_and_back_reader', `COMMENT ON TABLE t IS 'before'`],
    `ALTER TABLE t RENAME TO u; GRANT INSERT ON u TO PUBLIC; REVOKE SELECT ON u FROM there_and_back_reader;
     COMMENT ON TABLE u IS 'x'; COMMENT ON COLUMN u.b IS 'y';`,
  ],
  [
    'a view that is replaced, one that rests on it and goes, and one it rested on and that goes',
    [
      TABLE,
      ROWS,
      'CREATE VIEW low AS SELECT a, b FROM t',
      'CREATE VIEW mid AS SELECT a FROM low',
      'CREATE VIEW high AS SELECT a FROM mid',
    ],
    'CREATE OR REPLACE VIEW mid AS SELECT a FROM t WHERE a > 1; DROP VIEW low; DROP VIEW high;',
  ],
  [
    'a trigger, its table and its function',
    [TABLE, ROWS, TRIGGER, 'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()'],
    'DROP TRIGGER IF EXISTS s ON t; DROP TABLE t; DROP FUNCTION IF EXISTS stamp();',
  ],
  [
    'a table and then the function its trigger calls',
    [TABLE, ROWS, TRIGGER, 'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()'],
    'DROP TABLE t; DROP FUNCTION stamp();',
  ],
  [
    'a function with CASCADE, which takes a trigger',
    [TABLE, TRIGGER, 'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()'],
    'DROP FUNCTION stamp() CASCADE',
  ],
  [
    'CREATE OR REPLACE FUNCTION',
    [`CREATE FUNCTION f() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1'`],
    `CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'`,
  ],
  [
    'a function that is made',
    [TABLE],
    `CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql AS 'SELECT $1'; CREATE TRIGGER s BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();`,
  ],
  [
    'a function and the type of its parameter',
    [
      `CREATE TYPE mood AS ENUM ('a')`,
      'CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS $$ SELECT m $$',
    ],
    'DROP FUNCTION f(mood); DROP TYPE mood;',
  ],
  [
    'a procedure',
    [`CREATE PROCEDURE p(INOUT a integer) LANGUAGE sql AS 'SELECT 1'`],
    'DROP PROCEDURE p(integer)',
  ],
  [
    'a view',
    [
      TABLE,
      'CREATE VIEW v (x, y) WITH (security_barrier = true) AS SELECT a, b FROM t',
      `COMMENT ON VIEW v IS 'v'`,
      `COMMENT ON COLUMN v.x IS 'x'`,
      'GRANT SELECT ON v TO there_and_back_reader',
      'GRANT UPDATE (y) ON v TO there_and_back_reader',
      `ALTER VIEW v ALTER COLUMN y SET DEFAULT 'z'`,
      TRIGGER,
      'CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION stamp()',
    ],
    'DROP VIEW v',
  ],
  [
    'views with CASCADE',
    [
      TABLE,
      'CREATE VIEW v AS SELECT a FROM t',
      'CREATE VIEW w AS SELECT a FROM v',
      'CREATE MATERIALIZED VIEW m AS SELECT a FROM w',
      'CREATE UNIQUE INDEX m_a ON m (a)',
    ],
    'DROP VIEW v CASCADE',
  ],
  [
    'a view and the table below it',
    [TABLE, ROWS, 'CREATE VIEW v AS SELECT a FROM t'],
    'DROP VIEW IF EXISTS v; DROP TABLE t;',
  ],
  [
    'a view and the column below it',
    [TABLE, ROWS, 'CREATE VIEW v AS SELECT a, b FROM t'],
    'DROP VIEW v; ALTER TABLE t DROP COLUMN b; CREATE VIEW v AS SELECT a FROM t;',
  ],
  [
    'CREATE OR REPLACE VIEW',
    [TABLE, 'CREATE VIEW v AS SELECT a FROM t'],
    'CREATE OR REPLACE VIEW v AS SELECT a, b FROM t',
  ],
  [
    'a view made anew',
    [TABLE, 'CREATE VIEW v AS SELECT a, b FROM t', 'GRANT SELECT ON v TO there_and_back_reader'],
    'DROP VIEW v; CREATE VIEW v AS SELECT a FROM t;',
  ],
  ...['CREATE', 'CREATE OR REPLACE'].map((create): [string, string[], string] => [
    `views that rest on each other, made anew by ${create}`,
    [
      TABLE,
      'CREATE VIEW v AS SELECT a, b FROM t',
      'CREATE VIEW w AS SELECT a FROM v',
      'CREATE VIEW x AS SELECT v.a FROM v JOIN w USING (a)',
      'CREATE VIEW others AS SELECT v.a FROM v JOIN x USING (a)',
    ],
    `DROP VIEW IF EXISTS others; DROP VIEW x; DROP VIEW w; DROP VIEW v;
     ${create} VIEW v AS SELECT a FROM t; ${create} VIEW w AS SELECT a, 1 AS b FROM v; ${create} VIEW x AS SELECT w.a FROM w;`,
  ]),
  [
    'several views in one statement, in any order',
    [
      TABLE,
      'CREATE VIEW v AS SELECT a FROM t',
      'CREATE VIEW w AS SELECT a FROM v',
      'CREATE VIEW x AS SELECT a FROM w',
    ],
    'DROP VIEW v, x, w',
  ],
  [
    'several materialised views in one statement, with CASCADE',
    [
      TABLE,
      ROWS,
      'CREATE MATERIALIZED VIEW v AS SELECT a FROM t',
      'CREATE MATERIALIZED VIEW u AS SELECT a FROM t',
      'CREATE MATERIALIZED VIEW w AS SELECT a FROM v',
      'CREATE VIEW x AS SELECT a FROM w',
    ],
    'DROP MATERIALIZED VIEW v, u, w CASCADE',
  ],
  [
    'a view in the place of a table',
    [
      'CREATE TABLE t_old (a integer)',
      'INSERT INTO t_old VALUES (1)',
      'CREATE VIEW t AS SELECT a FROM t_old',
    ],
    'DROP VIEW t; ALTER TABLE t_old RENAME TO t;',
  ],
  [
    'a view with another name',
    [TABLE, 'CREATE VIEW v AS SELECT a FROM t', 'CREATE VIEW w AS SELECT a FROM v'],
    'ALTER VIEW v RENAME TO v_old',
  ],
  [
    'a materialised view',
    [
      TABLE,
      ROWS,
      'CREATE MATERIALIZED VIEW m AS SELECT a FROM t',
      'CREATE UNIQUE INDEX m_a ON m (a)',
      `COMMENT ON INDEX m_a IS 'i'`,
    ],
    'DROP MATERIALIZED VIEW m',
  ],
  [
    'an enum',
    [`CREATE TYPE mood AS ENUM ('sad', 'ok')`, 'REVOKE USAGE ON TYPE mood FROM PUBLIC'],
    'DROP TYPE mood',
  ],
  [
    'a table and its enum',
    [
      `CREATE TYPE mood AS ENUM ('sad', 'ok')`,
      'CREATE TABLE t (a integer PRIMARY KEY, m mood)',
      `INSERT INTO t VALUES (1, 'ok')`,
    ],
    'DROP TABLE t; DROP TYPE mood;',
  ],
  [
    'a table and its enum with CASCADE',
    [
      `CREATE TYPE mood AS ENUM ('sad', 'ok')`,
      'CREATE TABLE t (a integer PRIMARY KEY, m mood)',
      `INSERT INTO t VALUES (1, 'ok')`,
    ],
    'DROP TABLE t; DROP TYPE IF EXISTS mood CASCADE;',
  ],
  [
    'a column and its enum',
    [
      `CREATE TYPE mood AS ENUM ('sad', 'ok')`,
      `CREATE TABLE t (a integer PRIMARY KEY, m mood NOT NULL DEFAULT 'ok')`,
      `INSERT INTO t VALUES (1, 'sad')`,
    ],
    'ALTER TABLE t DROP COLUMN m; DROP TYPE mood;',
  ],
  [
    'an enum made anew without a value',
    [
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`,
      'CREATE TABLE t (a integer PRIMARY KEY, m mood)',
      `INSERT INTO t VALUES (1, 'happy'), (2, 'sad')`,
    ],
    `ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TABLE t ALTER COLUMN m TYPE mood USING (CASE m::text WHEN 'happy' THEN 'ok' ELSE m::text END)::mood; DROP TYPE mood_old;`,
  ],
  [
    'an enum that is made, with a table of it',
    [],
    `CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (a integer, m mood);`,
  ],
  [
    'a value of an enum that gets another name',
    [`CREATE TYPE mood AS ENUM ('sad', 'ok')`],
    `ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'`,
  ],
  [
    'a domain and a composite type',
    ['CREATE DOMAIN d AS integer CHECK (VALUE > 0)', 'CREATE TYPE c AS (a d)'],
    'DROP TYPE c; DROP DOMAIN d;',
  ],
  [
    'a sequence',
    [
      'CREATE SEQUENCE s START 5',
      `SELECT nextval('s'), nextval('s')`,
      'GRANT USAGE ON SEQUENCE s TO there_and_back_reader',
    ],
    'DROP SEQUENCE s',
  ],
  [
    'a sequence of a default',
    ['CREATE SEQUENCE s', `CREATE TABLE t (a integer DEFAULT nextval('s'))`, 'INSERT INTO t DEFAULT VALUES'],
    'ALTER TABLE t ALTER COLUMN a DROP DEFAULT; DROP SEQUENCE s;',
  ],
  [
    'settings of a sequence',
    ['CREATE SEQUENCE s', `SELECT nextval('s')`],
    'ALTER SEQUENCE s INCREMENT BY 10 MAXVALUE 500',
  ],
  [
    'row security and a policy',
    [
      TABLE,
      'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY p ON t FOR SELECT TO there_and_back_reader USING (a > 1)',
      `COMMENT ON POLICY p ON t IS 'p'`,
    ],
    'DROP POLICY p ON t; ALTER TABLE t DISABLE ROW LEVEL SECURITY;',
  ],
  [
    'a policy that is made and row security forced',
    [TABLE],
    'ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 1);',
  ],
  [
    'rights',
    [
      TABLE,
      'GRANT SELECT, INSERT ON t TO there_and_back_reader',
      'GRANT UPDATE (b) ON t TO there_and_back_reader',
    ],
    'REVOKE INSERT ON t FROM there_and_back_reader; GRANT DELETE ON t TO there_and_back_reader; REVOKE UPDATE (b) ON t FROM there_and_back_reader;',
  ],
  [
    'rights on other objects',
    [TABLE, 'CREATE VIEW v AS SELECT a FROM t', TRIGGER, 'CREATE SEQUENCE s'],
    'GRANT SELECT ON v TO there_and_back_reader; REVOKE EXECUTE ON FUNCTION stamp() FROM PUBLIC; GRANT USAGE ON SEQUENCE s TO there_and_back_reader; GRANT USAGE ON SCHEMA @ TO there_and_back_reader;',
  ],
  [
    'owners',
    [TABLE, TRIGGER, 'CREATE VIEW v AS SELECT a FROM t'],
    'ALTER TABLE t OWNER TO there_and_back_reader; ALTER FUNCTION stamp() OWNER TO there_and_back_reader; ALTER VIEW v OWNER TO there_and_back_reader;',
  ],
  [
    'comments',
    [TABLE, TRIGGER, `COMMENT ON FUNCTION stamp() IS 'old'`, `CREATE TYPE mood AS ENUM ('a')`],
    `COMMENT ON FUNCTION stamp() IS 'new'; COMMENT ON TYPE mood IS 'mood';`,
  ],
  [
    'a trigger switched off',
    [TABLE, TRIGGER, 'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()'],
    'ALTER TABLE t DISABLE TRIGGER s',
  ],
  ['a rule', [TABLE, 'CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING'], 'DROP RULE r ON t'],
  [
    'statistics',
    [TABLE, 'CREATE STATISTICS st ON a, b FROM t', `COMMENT ON STATISTICS st IS 's'`],
    'DROP STATISTICS st',
  ],
  ['a schema', ['CREATE SCHEMA @_more', `COMMENT ON SCHEMA @_more IS 'more'`], 'DROP SCHEMA @_more'],
  ['a schema that is made', [], 'CREATE SCHEMA @_more'],
];

describe('there and back again, and there once more', () => {
  test.each(CASES)('%s', async (name, setup, down) => {
    const one = await caseWith(bench, `c${CASES.findIndex((other) => other[0] === name)}`, setup, down);
    await roundTrip(one);
  });
});
