/** Domains, composite types, text search, default privileges and the like: there and back again. */
import { afterAll, beforeAll, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, roundTrip } from './support.ts';

let bench: Bench;
const ROLES = ['more_kinds_reader', 'more_kinds_other'];
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  for (const role of ROLES) {
    await bench.session.query(`DROP ROLE IF EXISTS ${role}`);
    await bench.session.query(`CREATE ROLE ${role}`);
  }
});
afterAll(async () => {
  await bench.session.query(`DROP OWNED BY ${ROLES.join(', ')}`);
  await bench.session.query(`DROP ROLE ${ROLES.join(', ')}`);
  await bench.close();
});

const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text)';
const TRIGGER = `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := 'x'; RETURN NEW; END $$`;

/** Name, what is there before, the way down. */
const CASES: [string, string[], string][] = [
  [
    'a domain: default, NOT NULL, checks',
    [
      `CREATE DOMAIN d AS integer DEFAULT 5 CONSTRAINT positive CHECK (VALUE > 0) CONSTRAINT small CHECK (VALUE < 10)`,
      `COMMENT ON CONSTRAINT positive ON DOMAIN d IS 'p'`,
      'CREATE TABLE t (a d)',
    ],
    'ALTER DOMAIN d DROP DEFAULT; ALTER DOMAIN d SET NOT NULL; ALTER DOMAIN d DROP CONSTRAINT positive; ALTER DOMAIN d ADD CONSTRAINT huge CHECK (VALUE < 1000) NOT VALID; ALTER DOMAIN d RENAME CONSTRAINT small TO little;',
  ],
  [
    'attributes of a composite type',
    ['CREATE TYPE c AS (x integer, y text, z date)', `COMMENT ON COLUMN c.z IS 'z'`],
    'ALTER TYPE c DROP ATTRIBUTE y, ADD ATTRIBUTE w bigint;',
  ],
  [
    'an attribute with another type and another name',
    ['CREATE TYPE c AS (x integer, y varchar(5))'],
    'ALTER TYPE c ALTER ATTRIBUTE y TYPE text; ALTER TYPE c RENAME ATTRIBUTE x TO xx;',
  ],
  [
    'default privileges',
    [
      'ALTER DEFAULT PRIVILEGES IN SCHEMA @ GRANT SELECT ON TABLES TO more_kinds_reader',
      'ALTER DEFAULT PRIVILEGES FOR ROLE more_kinds_other REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    ],
    'ALTER DEFAULT PRIVILEGES IN SCHEMA @ REVOKE SELECT ON TABLES FROM more_kinds_reader; ALTER DEFAULT PRIVILEGES FOR ROLE more_kinds_other GRANT EXECUTE ON FUNCTIONS TO PUBLIC; ALTER DEFAULT PRIVILEGES FOR USER CURRENT_USER GRANT USAGE ON SEQUENCES TO more_kinds_reader WITH GRANT OPTION;',
  ],
  [
    'a schema with default privileges',
    [
      'CREATE SCHEMA @_more',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA @_more GRANT SELECT ON TABLES TO more_kinds_reader',
    ],
    'DROP SCHEMA @_more',
  ],
  [
    'rights on everything in a schema',
    [
      TABLE,
      'CREATE TABLE u (a serial)',
      'CREATE VIEW v AS SELECT a FROM t',
      'GRANT SELECT ON u TO more_kinds_reader',
      TRIGGER,
      `CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'`,
      'GRANT UPDATE ON u TO more_kinds_other',
    ],
    'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA @ TO more_kinds_reader; REVOKE ALL ON ALL TABLES IN SCHEMA @ FROM more_kinds_other; GRANT USAGE ON ALL SEQUENCES IN SCHEMA @ TO more_kinds_reader; REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA @ FROM PUBLIC; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA @ TO more_kinds_reader;',
  ],
  [
    'rights on everything that is left',
    [TABLE, 'CREATE TABLE u (a serial)', 'INSERT INTO u DEFAULT VALUES'],
    'DROP TABLE u; GRANT SELECT ON ALL TABLES IN SCHEMA @ TO more_kinds_reader; GRANT USAGE ON ALL SEQUENCES IN SCHEMA @ TO more_kinds_reader;',
  ],
  [
    'the owner by CURRENT_USER',
    [
      TABLE,
      'ALTER TABLE t OWNER TO more_kinds_other',
      TRIGGER,
      'ALTER FUNCTION stamp() OWNER TO more_kinds_other',
    ],
    'ALTER TABLE t OWNER TO CURRENT_USER; ALTER FUNCTION stamp() OWNER TO SESSION_USER;',
  ],
  [
    'a right to give rights, taken and given',
    [TABLE, 'GRANT SELECT, UPDATE ON t TO more_kinds_reader WITH GRANT OPTION'],
    'REVOKE GRANT OPTION FOR SELECT ON t FROM more_kinds_reader; GRANT DELETE ON t TO more_kinds_other WITH GRANT OPTION;',
  ],
  [
    'a constraint trigger that is made, and one that goes',
    [
      TABLE,
      TRIGGER,
      'CREATE CONSTRAINT TRIGGER old AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stamp()',
    ],
    'DROP TRIGGER old ON t; CREATE CONSTRAINT TRIGGER new AFTER UPDATE ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION stamp();',
  ],
  [
    'every trigger of a table',
    [
      TABLE,
      TRIGGER,
      'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()',
      'CREATE TABLE u (a integer REFERENCES t (a))',
      'CREATE TRIGGER r BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION stamp()',
    ],
    'ALTER TABLE t DISABLE TRIGGER USER; ALTER TABLE u DISABLE TRIGGER ALL;',
  ],
  [
    'another schema',
    [
      'CREATE SCHEMA @_more',
      TRIGGER,
      `CREATE TYPE mood AS ENUM ('a')`,
      TABLE,
      'CREATE VIEW v AS SELECT a FROM t',
      'CREATE SEQUENCE s',
    ],
    'ALTER FUNCTION stamp() SET SCHEMA @_more; ALTER TYPE mood SET SCHEMA @_more; ALTER VIEW v SET SCHEMA @_more; ALTER SEQUENCE s SET SCHEMA @_more;',
  ],
  [
    'settings and defaults of a view, comments on its columns',
    [
      TABLE,
      'CREATE VIEW v AS SELECT a, b FROM t',
      `COMMENT ON COLUMN v.a IS 'old'`,
      'CREATE VIEW w AS SELECT a FROM v',
    ],
    `ALTER VIEW v SET (security_barrier = true); ALTER VIEW v ALTER COLUMN b SET DEFAULT 'z'; COMMENT ON COLUMN v.a IS 'new';`,
  ],
  [
    'a comment on the column of a materialised view',
    [TABLE, 'CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t WITH NO DATA'],
    `COMMENT ON COLUMN m.a IS 'new'; COMMENT ON COLUMN t.a IS 'new too';`,
  ],
  [
    'a column of a view with another name',
    [TABLE, 'CREATE VIEW v AS SELECT a, b FROM t', 'CREATE VIEW w AS SELECT a FROM v'],
    'ALTER VIEW v RENAME COLUMN a TO x',
  ],
  [
    'a materialised view that was never filled',
    [TABLE, 'INSERT INTO t VALUES (1)', 'CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA'],
    'DROP MATERIALIZED VIEW m',
  ],
  [
    'settings of an index',
    [TABLE, 'CREATE INDEX i ON t (b) WITH (fillfactor = 80)'],
    'ALTER INDEX i SET (fillfactor = 60)',
  ],
  [
    'how much statistics keep',
    [TABLE, 'CREATE STATISTICS st ON a, b FROM t'],
    'ALTER STATISTICS st SET STATISTICS 50; ALTER TABLE t ALTER COLUMN b SET STATISTICS 70;',
  ],
  [
    'text search',
    [
      'CREATE TEXT SEARCH DICTIONARY mine (TEMPLATE = snowball, language = english, stopwords = english)',
      'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple)',
      'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word, asciiword WITH mine, simple',
      `COMMENT ON TEXT SEARCH CONFIGURATION conf IS 'c'`,
    ],
    'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH simple; ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR email; ALTER TEXT SEARCH DICTIONARY mine (stopwords);',
  ],
  [
    'text search that goes, with a table whose index uses it',
    [
      'CREATE TEXT SEARCH DICTIONARY mine (TEMPLATE = simple)',
      'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple)',
      'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH mine',
      'CREATE TABLE t (a text)',
      `INSERT INTO t VALUES ('one')`,
      `CREATE INDEX i ON t USING gin (to_tsvector('@.conf', a))`,
    ],
    'DROP TABLE t; DROP TEXT SEARCH CONFIGURATION conf; DROP TEXT SEARCH DICTIONARY IF EXISTS mine;',
  ],
  [
    'text search that is made',
    [],
    'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple); ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH english_stem; ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING REPLACE simple WITH english_stem;',
  ],
  [
    'an aggregate and its function',
    [
      `CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2'`,
      'CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer)',
    ],
    'DROP AGGREGATE total(integer); DROP FUNCTION plus(integer, integer);',
  ],
  [
    'an aggregate and a collation that are made',
    [`CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2'`],
    'CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer); CREATE COLLATION mine FROM "C";',
  ],
  [
    'a collation and a table of it',
    ['CREATE COLLATION mine FROM "C"', 'CREATE TABLE t (a text COLLATE mine)', `INSERT INTO t VALUES ('x')`],
    'DROP TABLE t; DROP COLLATION mine;',
  ],
  [
    'an operator and a cast',
    [
      'CREATE TYPE pair AS (x integer, y integer)',
      `CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x = ($2).x'`,
      `CREATE FUNCTION first(pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x'`,
      'CREATE OPERATOR === (FUNCTION = same, LEFTARG = pair, RIGHTARG = pair, COMMUTATOR = ===, RESTRICT = eqsel, HASHES)',
      `COMMENT ON OPERATOR === (pair, pair) IS 'same'`,
      'CREATE CAST (pair AS integer) WITH FUNCTION first(pair) AS ASSIGNMENT',
    ],
    'DROP CAST (pair AS integer); DROP OPERATOR === (pair, pair); DROP FUNCTION first(pair); DROP FUNCTION same(pair, pair);',
  ],
  [
    'an operator and a cast that are made',
    [
      'CREATE TYPE pair AS (x integer, y integer)',
      `CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x = ($2).x'`,
    ],
    'CREATE OPERATOR === (FUNCTION = same, LEFTARG = pair, RIGHTARG = pair); CREATE CAST (pair AS text) WITH INOUT;',
  ],
  [
    'a publication of a table that goes after it',
    [
      TABLE,
      `INSERT INTO t VALUES (1, 'x')`,
      `CREATE PUBLICATION @_p FOR TABLE t WITH (publish = 'insert, update')`,
    ],
    'DROP PUBLICATION @_p; DROP TABLE t;',
  ],
  [
    'an event trigger and its function',
    [
      `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$`,
      `CREATE EVENT TRIGGER @_e ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION watch()`,
      'ALTER EVENT TRIGGER @_e DISABLE',
    ],
    'DROP EVENT TRIGGER @_e; DROP FUNCTION watch();',
  ],
  [
    'other names, schemas and owners',
    [
      'CREATE SCHEMA @_more',
      'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple)',
      'CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple)',
      'CREATE COLLATION mine FROM "C"',
      `CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2'`,
      'CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer)',
      'GRANT ALL ON SCHEMA @, @_more TO more_kinds_other',
    ],
    'ALTER TEXT SEARCH CONFIGURATION conf RENAME TO conf2; ALTER TEXT SEARCH DICTIONARY dict SET SCHEMA @_more; ALTER COLLATION mine OWNER TO more_kinds_other; ALTER AGGREGATE total(integer) RENAME TO sum2; ALTER AGGREGATE sum2(integer) SET SCHEMA @_more;',
  ],
  ['a publication that is made', [TABLE], 'CREATE PUBLICATION @_p FOR TABLE t'],
];

test.each(CASES)('%s', async (name, setup, down) => {
  const one = await caseWith(bench, `m${CASES.findIndex((other) => other[0] === name)}`, setup, down);
  await roundTrip(one);
});
