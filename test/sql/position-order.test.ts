/** Positions that random plans showed to be wrong: each was called applied and would have been skipped, or run twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import { openDatabase, type TestDatabase } from './database.ts';

let db: TestDatabase;

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
});

afterAll(() => db.close());

const SEED = `
  CREATE TABLE a (id int PRIMARY KEY, x text, y int);
  CREATE TABLE b (id int PRIMARY KEY, x text);
  INSERT INTO a VALUES (1, 'p', 1);
  INSERT INTO b VALUES (1, 'q')`;

/** The first `ran` statements are run, then all are judged. */
async function judge(statements: readonly string[], ran: number): Promise<string[]> {
  await db.empty();
  await db.pglite.exec(SEED);
  for (const sql of statements.slice(0, ran)) await db.pglite.query(sql);
  const { steps } = await positionOf(planFromSql(statements.join(';\n')), await db.catalog(), db.session);
  return steps.flatMap((step) => step.statements.map((one) => one.state));
}

const TWO_SOURCES = [
  'CREATE TABLE c (id int, x text)',
  'INSERT INTO c SELECT id, x FROM a',
  "INSERT INTO c SELECT id, 'second' FROM b",
  'DROP TABLE a',
  'DROP TABLE b',
];

test('a second INSERT is not done because the first one filled the table: its source would be dropped', async () => {
  expect(await judge(TWO_SOURCES, 2)).toEqual(['applied', 'applied', 'pending', 'pending', 'pending']);
  expect(await judge(TWO_SOURCES, 3)).toEqual(['applied', 'applied', 'applied', 'pending', 'pending']);
});

test('a guard that does not look for what is added is no guard', async () => {
  const sql =
    'INSERT INTO b (id) SELECT o.id + 100 FROM a AS o WHERE NOT EXISTS (SELECT 1 FROM b AS n WHERE n.id = o.id + 5)';
  expect(await judge([sql], 1)).toEqual(['conflict']);
});

test('a type that was there before: the values that USING gives decide', async () => {
  const plan = ['ALTER TABLE a ALTER COLUMN x TYPE text USING NULL'];
  expect(await judge(plan, 0)).toEqual(['conflict']);
  expect(await judge(plan, 1)).toEqual(['applied']);
});

test('an index is not there because an idle DROP COLUMN after it might have taken it along', async () => {
  const plan = ['CREATE INDEX i ON b (id)', 'ALTER TABLE b DROP COLUMN IF EXISTS z'];
  expect((await judge(plan, 0))[0]).toBe('pending');
});

test('one claim made twice by one statement is a claim', async () => {
  const sql = 'ALTER TABLE a ALTER COLUMN y SET NOT NULL, ALTER COLUMN y SET NOT NULL';
  expect(await judge([sql], 0)).toEqual(['pending']);
  expect(await judge([sql], 1)).toEqual(['applied']);
});

test('a CHECK without a name is named by its only column, and goes with it', async () => {
  const plan = ['ALTER TABLE a ADD CHECK (y > 0)', 'ALTER TABLE a DROP CONSTRAINT a_y_check'];
  expect(await judge(plan, 1)).toEqual(['applied', 'pending']);
});

test('rows that a later INSERT brought do not make an UPDATE before it pending', async () => {
  const plan = ["UPDATE a SET x = 'k' WHERE x IS NULL", 'INSERT INTO a (id) VALUES (20)'];
  expect((await judge(plan, 2))[0]).toBe('conflict');
});

test('a comment on a column that was renamed since has been made', async () => {
  const plan = ["COMMENT ON COLUMN b.x IS 'n'", 'ALTER TABLE b RENAME COLUMN x TO z'];
  expect(await judge(plan, 2)).toEqual(['applied', 'applied']);
});
