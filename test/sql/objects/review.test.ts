/** What an undo would lack, or take from somebody else, and what would go without a copy. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, look, offerOf, rollBack, roundTrip, runName, states, undo } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  await bench.session.query('DROP ROLE IF EXISTS review_reader');
  await bench.session.query('CREATE ROLE review_reader');
});
afterAll(async () => {
  await bench.session.query('DROP OWNED BY review_reader');
  await bench.session.query('DROP ROLE review_reader');
  await bench.close();
});

test('an enum and the view over its column are made anew, and the journal says that it has run', async () => {
  const setup = [
    `CREATE TYPE mood AS ENUM ('a', 'b', 'c')`,
    `CREATE TABLE t (id integer PRIMARY KEY, m mood NOT NULL DEFAULT 'a')`,
    `INSERT INTO t VALUES (1, 'c')`,
    'CREATE VIEW v AS SELECT m FROM t',
  ];
  const down = `DROP VIEW v; UPDATE t SET m = 'a' WHERE m = 'c'; ALTER TABLE t ALTER COLUMN m DROP DEFAULT;
    ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('a', 'b');
    ALTER TABLE t ALTER COLUMN m TYPE mood USING m::text::mood; ALTER TABLE t ALTER COLUMN m SET DEFAULT 'a';
    DROP TYPE mood_old; CREATE VIEW v AS SELECT m FROM t;`;
  await roundTrip(await caseWith(bench, 'anew', setup, down));
});

test('a view that somebody built on the one that was replaced is made again with it', async () => {
  const setup = ['CREATE TABLE t (a integer, b text)', 'CREATE VIEW v AS SELECT a FROM t'];
  const more = ['CREATE VIEW w AS SELECT a FROM v', 'CREATE VIEW x AS SELECT w.a FROM w JOIN v ON v.a = w.a'];
  const one = await caseWith(
    bench,
    'built',
    [...setup, ...more],
    'CREATE OR REPLACE VIEW v AS SELECT a, b FROM t',
  );
  await roundTrip(one);
});

test('several objects of one statement may rest on each other', async () => {
  const setup = [`CREATE TYPE a AS ENUM ('x')`, 'CREATE TYPE b AS (q a)'];
  await roundTrip(await caseWith(bench, 'each', setup, 'DROP TYPE a, b'));
});

test.each([
  ['a trigger', 'CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); DROP FUNCTION f();'],
  ['a column', 'ALTER TABLE t ADD COLUMN m mood; DROP TYPE mood;'],
  ['an array', 'ALTER TABLE t ADD COLUMN m mood[]; DROP TYPE mood;'],
  ['a default', `ALTER TABLE t ALTER COLUMN a SET DEFAULT nextval('n'); DROP SEQUENCE n;`],
])('%s that the step makes itself keeps what it rests on from going', async (name, down) => {
  const setup = [
    'CREATE TABLE t (a integer)',
    `CREATE TYPE mood AS ENUM ('a')`,
    'CREATE SEQUENCE n',
    'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  ];
  const one = await caseWith(bench, `rests ${name}`, setup, down);
  await expect(rollBack(one)).rejects.toThrow(/cannot drop .* because of what depends on it: .*\bt\b/);
});

test('a namesake that came since is left alone', async () => {
  const one = await caseWith(
    bench,
    'namesake',
    [`CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'`],
    'DROP FUNCTION f',
  );
  const run = await rollBack(one);
  await bench.session.query(`CREATE FUNCTION namesake.f(a text) RETURNS integer LANGUAGE sql AS 'SELECT 2'`);
  await undo(one, run).catch(() => undefined);
  const { rows } = await bench.session.query(
    `SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = 'namesake'::regnamespace ORDER BY 1`,
  );
  expect(rows.map(({ name }) => String(name).replace('namesake.', ''))).toEqual(['f(integer)', 'f(text)']);
});

test('a rule that the step makes is said to fire in it', async () => {
  const setup = ['CREATE TABLE t (a integer)', 'CREATE TABLE u (a integer PRIMARY KEY)'];
  const down =
    'CREATE RULE r AS ON INSERT TO u DO ALSO DELETE FROM t; INSERT INTO u VALUES (1) ON CONFLICT DO NOTHING;';
  const one = await caseWith(bench, 'fires', setup, down);
  const found = await look(one);
  expect(states(found)[0]).toBe('pending');
  const { procedure } = offerOf(one, found, runName(one, 'r'));
  expect(procedure?.notUndoable.join(' ')).toMatch(/Triggers or rules of u run/);
});

/** Name, what is there before, the way down, why it is refused. */
const REFUSED: [string, string[], string, RegExp][] = [
  [
    'TRUNCATE that would empty a table of another schema along',
    [
      'CREATE TABLE t (a integer PRIMARY KEY)',
      'INSERT INTO t VALUES (1)',
      'CREATE SCHEMA @_far',
      'CREATE TABLE @_far.u (a integer REFERENCES t)',
    ],
    'TRUNCATE t CASCADE',
    /would empty another table along with t, by its foreign key u_a_fkey/,
  ],
  [
    'a function of which there are several',
    [
      `CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'`,
      `CREATE FUNCTION f(a text) RETURNS integer LANGUAGE sql AS 'SELECT 1'`,
    ],
    'DROP FUNCTION f',
    /of which there are several/,
  ],
];

test.each(REFUSED)('%s is refused', async (name, setup, down, why) => {
  const one = await caseWith(bench, `n${REFUSED.findIndex((other) => other[0] === name)}`, setup, down);
  const { procedure, refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure).toBeNull();
  expect(refused.join(' ')).toMatch(why);
});
