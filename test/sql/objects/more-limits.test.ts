/** What of domains, types, rights and views an undo leaves, and that this is said before; where such a step stands. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectationsFrom } from '../../../src/migrations/expectations.ts';
import type { Runbook } from '../../../src/runbook/types.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { verify } from '../../../src/sql/verify.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, dump, look, offerOf, rollBack, runName, states, undo } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  await bench.session.query('DROP ROLE IF EXISTS more_limits_giver, more_limits_taker');
  await bench.session.query('CREATE ROLE more_limits_giver');
  await bench.session.query('CREATE ROLE more_limits_taker');
});
afterAll(async () => {
  await bench.session.query('DROP OWNED BY more_limits_giver, more_limits_taker');
  await bench.session.query('DROP ROLE more_limits_giver, more_limits_taker');
  await bench.close();
});

const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text)';

/** Name, what is there, the way down, what is said before. */
const SAID: [string, string[], string, RegExp][] = [
  [
    'rights that somebody else gave',
    [
      TABLE,
      'GRANT SELECT ON t TO more_limits_giver WITH GRANT OPTION',
      'GRANT USAGE ON SCHEMA @ TO more_limits_giver',
      'SET ROLE more_limits_giver',
      'GRANT SELECT ON t TO more_limits_taker',
      'RESET ROLE',
    ],
    'REVOKE SELECT ON t FROM more_limits_taker',
    /Rights on table t that more_limits_giver gave come back as from the owner/,
  ],
  [
    'what a materialised view holds',
    [TABLE, 'CREATE MATERIALIZED VIEW m AS SELECT a FROM t'],
    'DROP MATERIALIZED VIEW m',
    /What materialized view m holds before statement 1 is not kept/,
  ],
  [
    'an attribute that is added to a type of columns',
    ['CREATE TYPE c AS (x integer)', 'CREATE TABLE t (a c)'],
    'ALTER TYPE c ADD ATTRIBUTE y text',
    /adds an attribute to type c, which columns have: an undo leaves it there/,
  ],
];

test.each(SAID)('%s: said before, and undone without an error', async (name, setup, down, said) => {
  const one = await caseWith(bench, `l${SAID.findIndex((other) => other[0] === name)}`, setup, down);
  const { procedure } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure?.notUndoable.join(' ')).toMatch(said);
  await undo(one, await rollBack(one));
});

test('rights that somebody else gave are theirs after an undo', async () => {
  const one = await caseWith(
    bench,
    'chain',
    [
      TABLE,
      'GRANT SELECT ON t TO more_limits_giver WITH GRANT OPTION',
      'GRANT USAGE ON SCHEMA @ TO more_limits_giver',
      'SET ROLE more_limits_giver',
      'GRANT SELECT ON t TO more_limits_taker',
      'RESET ROLE',
    ],
    'GRANT INSERT ON t TO PUBLIC',
  );
  await undo(one, await rollBack(one));
  const { rows } = await bench.session.query(
    `SELECT array_to_string(relacl, ' ') AS acl FROM pg_class WHERE oid = 'chain.t'::regclass`,
  );
  const acl = String(rows[0]?.['acl']);
  expect(acl).toMatch(/more_limits_giver=r\*\/postgres more_limits_taker=r\/more_limits_giver$/);
});

test('an attribute of a type of columns gets its name back, with what is in it', async () => {
  const setup = [
    'CREATE TYPE c AS (x integer, y text)',
    'CREATE TABLE t (a c)',
    `INSERT INTO t VALUES (ROW(1, 'v'))`,
  ];
  const one = await caseWith(bench, 'named', setup, 'ALTER TYPE c RENAME ATTRIBUTE y TO z');
  const before = await dump(bench.session, 'named');
  await undo(one, await rollBack(one));
  expect(await dump(bench.session, 'named')).toEqual(before);
  const { rows } = await bench.session.query('SELECT (a).y AS y FROM named.t');
  expect(rows).toEqual([{ y: 'v' }]);
});

test('a publication with a row filter is not dropped', async () => {
  const setup = [TABLE, 'CREATE PUBLICATION few FOR TABLE t WHERE (a > 1)'];
  const one = await caseWith(bench, 'odd', setup, 'DROP PUBLICATION few');
  const { refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(refused.join(' ')).toMatch(/drops publication few, which could not be made again/);
  await bench.session.query('DROP PUBLICATION few');
});

test('an attribute that columns have is not dropped', async () => {
  const setup = ['CREATE TYPE c AS (x integer, y text)', 'CREATE TABLE t (a c)'];
  const one = await caseWith(bench, 'holds', setup, 'ALTER TYPE c DROP ATTRIBUTE y');
  const { procedure, refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure).toBeNull();
  expect(refused.join(' ')).toMatch(
    /drops attribute y of type c, and with it what is in .*t\.a: that is not kept/,
  );
});

test('what must be gone and there is looked for', async () => {
  const one = await caseWith(
    bench,
    'wanted',
    [TABLE, 'CREATE VIEW v AS SELECT a FROM t'],
    'DROP VIEW v; CREATE SEQUENCE s;',
  );
  const checks = async (): Promise<string[]> => {
    const { plan, catalog, position } = await look(one);
    const runbook = { expectations: expectationsFrom(one.plan) } as Runbook;
    const found = await verify({
      session: one.session,
      runbook,
      plan,
      catalog,
      position,
      intended: null,
      baseline: null,
    });
    return found.checks
      .filter(({ id }) => id.startsWith('object:'))
      .map(({ title, ok, found: is }) => `${title} ${is}: ${String(ok)}`);
  };
  expect(await checks()).toEqual(['View v exists: false', 'Sequence s does not exist: false']);
  await rollBack(one);
  expect(await checks()).toEqual(['View v does not exist: true', 'Sequence s exists: true']);
});

describe('where a step stands that was broken off', () => {
  /** Name, what is there, the way down, its statements' states. */
  const CASES: [string, string[], string, string[]][] = [
    [
      'a domain of which one check is gone',
      ['CREATE DOMAIN d AS integer CONSTRAINT two CHECK (VALUE > 1)'],
      'ALTER DOMAIN d DROP CONSTRAINT one; ALTER DOMAIN d DROP CONSTRAINT two;',
      ['applied', 'pending'],
    ],
    [
      'a check with neither name',
      ['CREATE DOMAIN d AS integer'],
      'ALTER DOMAIN d RENAME CONSTRAINT one TO two',
      ['conflict'],
    ],
    [
      'an attribute that is there and one that is gone',
      ['CREATE TYPE c AS (x integer)'],
      'ALTER TYPE c DROP ATTRIBUTE y; ALTER TYPE c DROP ATTRIBUTE x;',
      ['applied', 'pending'],
    ],
    [
      'default privileges as they are to be',
      ['ALTER DEFAULT PRIVILEGES IN SCHEMA @ GRANT SELECT ON TABLES TO more_limits_taker'],
      'ALTER DEFAULT PRIVILEGES IN SCHEMA @ GRANT SELECT ON TABLES TO more_limits_taker; ALTER DEFAULT PRIVILEGES IN SCHEMA @ GRANT INSERT ON TABLES TO more_limits_taker;',
      ['applied', 'pending'],
    ],
    [
      'rights on everything, of which one table lacks them',
      [TABLE, 'CREATE TABLE u (a integer)', 'GRANT SELECT ON t TO more_limits_taker'],
      'GRANT SELECT ON ALL TABLES IN SCHEMA @ TO more_limits_taker',
      ['pending'],
    ],
    [
      'rights on everything, given',
      [TABLE, 'CREATE TABLE u (a integer)', 'GRANT SELECT ON t, u TO more_limits_taker'],
      'GRANT SELECT ON ALL TABLES IN SCHEMA @ TO more_limits_taker',
      ['applied'],
    ],
    [
      'one of two in the other schema already',
      ['CREATE SCHEMA @_o', 'CREATE SEQUENCE @_o.s', 'CREATE VIEW v AS SELECT 1 AS a'],
      'ALTER SEQUENCE s SET SCHEMA @_o; ALTER VIEW v SET SCHEMA @_o;',
      ['applied', 'pending'],
    ],
    [
      'a token that goes through its new dictionary',
      [
        'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple)',
        'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH english_stem',
      ],
      'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH english_stem; ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR email;',
      ['applied', 'pending'],
    ],
    [
      'a cast that is gone and an operator that is there',
      [
        `CREATE TYPE pair AS (x integer)`,
        `CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
        'CREATE OPERATOR === (FUNCTION = same, LEFTARG = pair, RIGHTARG = pair)',
      ],
      'DROP CAST (pair AS text); DROP OPERATOR === (pair, pair);',
      ['applied', 'pending'],
    ],
    [
      'the triggers of a table, switched off already',
      [
        TABLE,
        'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
        'ALTER TABLE t DISABLE TRIGGER g',
      ],
      'ALTER TABLE t DISABLE TRIGGER USER; DROP TRIGGER g ON t;',
      ['applied', 'pending'],
    ],
    [
      'a comment on a column of a view',
      [TABLE, 'CREATE VIEW v AS SELECT a, b FROM t', `COMMENT ON COLUMN v.a IS 'x'`],
      `COMMENT ON COLUMN v.a IS 'x'; COMMENT ON COLUMN v.b IS 'y';`,
      ['applied', 'pending'],
    ],
  ];

  test.each(CASES)('%s', async (name, setup, down, expected) => {
    const one = await caseWith(bench, `s${CASES.findIndex((other) => other[0] === name)}`, setup, down);
    expect(states(await look(one))).toEqual(expected);
  });
});
