import { afterAll, beforeAll, expect, test } from 'vitest';
import { endRun, purge, purgePlan } from '../../../src/postgres/store.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, look, offerOf, rollBack, runName, undo } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

test('a value that was added to an enum stays, and that is said before', async () => {
  const one = await caseWith(
    bench,
    'added',
    [`CREATE TYPE mood AS ENUM ('a')`],
    `ALTER TYPE mood ADD VALUE 'b' BEFORE 'a'`,
  );
  const run = await rollBack(one);
  const words = await undo(one, run);
  expect(words).toEqual([
    'Statement 1 adds a value to type mood: PostgreSQL has no way to take it away again.',
  ]);
});

test('where a sequence was set to begin anew it goes on where it stood', async () => {
  const one = await caseWith(
    bench,
    'restarted',
    ['CREATE SEQUENCE s', `SELECT setval('s', 41)`],
    'ALTER SEQUENCE s RESTART WITH 7',
  );
  const run = await rollBack(one);
  const next = async (): Promise<unknown> =>
    (await bench.session.query('SELECT nextval($1::regclass) AS n', ['restarted.s'])).rows[0]?.['n'];
  expect(await next()).toBe('7');
  await undo(one, run);
  expect(await next()).toBe('42');
});

test('values written since into a column whose enum comes back are taken along', async () => {
  const setup = [
    `CREATE TYPE mood AS ENUM ('sad', 'ok')`,
    'CREATE TABLE t (a integer PRIMARY KEY, m mood)',
    `INSERT INTO t VALUES (1, 'ok'), (2, 'ok')`,
  ];
  const one = await caseWith(
    bench,
    'since',
    setup,
    'ALTER TABLE t ALTER COLUMN m TYPE text; DROP TYPE mood;',
  );
  const run = await rollBack(one);
  await bench.session.query(`UPDATE since.t SET m = 'sad' WHERE a = 2`);
  await undo(one, run);
  const { rows } = await bench.session.query(
    'SELECT a, m::text AS m, pg_typeof(m)::text AS type FROM since.t ORDER BY a',
  );
  expect(rows.map(({ m }) => m)).toEqual(['ok', 'sad']);
  expect(rows[0]?.['type']).toMatch(/mood$/);
});

/** Name, what is there before, the way down, why it is refused. */
const REFUSED: [string, string[], string, RegExp][] = [
  [
    'a type with CASCADE that would take a column',
    [`CREATE TYPE mood AS ENUM ('a')`, 'CREATE TABLE t (m mood)'],
    'DROP TYPE mood CASCADE',
    /would take table column .*t\.m along.*Drop that by a statement of its own first/,
  ],
  [
    'a schema with CASCADE that would take a table',
    ['CREATE SCHEMA @_in', 'CREATE TABLE @_in.t (a integer)'],
    'DROP SCHEMA @_in CASCADE',
    /would take table .*_in\.t along/,
  ],
  [
    'an extension on which the archive would rest',
    ['CREATE EXTENSION citext', 'CREATE TABLE t (m citext)'],
    'ALTER TABLE t DROP COLUMN m; DROP EXTENSION citext;',
    /extension citext, on which what is kept rests/,
  ],
];

test.each(REFUSED)('%s is refused', async (name, setup, down, why) => {
  const one = await caseWith(bench, `n${REFUSED.findIndex((other) => other[0] === name)}`, setup, down);
  const { procedure, refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure).toBeNull();
  expect(refused.join(' ')).toMatch(why);
});

test('what still depends on it is left to the server, which refuses', async () => {
  const one = await caseWith(
    bench,
    'held',
    ['CREATE TABLE t (a integer)', 'CREATE VIEW v AS SELECT a FROM t', 'CREATE VIEW w AS SELECT a FROM v'],
    'DROP VIEW v',
  );
  await expect(rollBack(one)).rejects.toThrow(/cannot drop view v because other objects depend on it/);
});

test('what was moved into the archive is purged after the tables that rest on it', async () => {
  const setup = [
    `CREATE TYPE mood AS ENUM ('a')`,
    'CREATE TABLE t (m mood)',
    'CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS $$ SELECT m $$',
  ];
  const one = await caseWith(bench, 'purged', setup, 'DROP TABLE t; DROP FUNCTION f(mood); DROP TYPE mood;');
  const run = await rollBack(one);
  await endRun(bench.session, run, 'done');
  await purge(bench.session, await purgePlan(bench.session, run));
  const { rows } = await bench.session.query(
    "SELECT typname AS name FROM pg_type WHERE typnamespace = 'backout_archive'::regnamespace AND typname LIKE '%purged%'",
  );
  expect(rows).toEqual([]);
});
