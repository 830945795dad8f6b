/** Statements of real down migrations that are more than DDL on a table, by the program as it is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBench, prerequisite, said, type Bench } from './bench.ts';

let bench: Bench;
let file: string;

const DOWN = `BEGIN;
SET lock_timeout = '5s';
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM orders WHERE total > 100) THEN RAISE EXCEPTION 'too large to go back'; END IF;
END $$;
TRUNCATE orders RESTART IDENTITY CASCADE;
ALTER TABLE IF EXISTS nowhere DROP COLUMN a;
ALTER TABLE IF EXISTS orders DROP COLUMN note;
ALTER TABLE orders SET (fillfactor = 80);
COMMIT;
`;

beforeAll(async () => {
  bench = await openBench();
  file = await bench.write('take-back.sql', DOWN);
  await bench.exec(`CREATE TABLE orders (id serial PRIMARY KEY, total int, note text DEFAULT 'x');
    CREATE TABLE lines (id serial PRIMARY KEY, "order" int REFERENCES orders);
    INSERT INTO orders (total) VALUES (1), (200); INSERT INTO lines ("order") VALUES (1), (2)`);
});
afterAll(() => bench.clear());

it('says what they do; a check that refuses leaves everything as it was', async () => {
  const before = await bench.state();
  const { out } = await bench.backout('plan', file, '--json');
  const { dataAtRisk, locks } = JSON.parse(out) as {
    dataAtRisk: { table: string; rows: number }[];
    locks: { table: string; level: string }[];
  };
  expect(dataAtRisk.map(({ table, rows }) => [table, rows])).toEqual([
    ['orders', 2],
    ['lines', 2],
  ]);
  expect(locks).toContainEqual(expect.objectContaining({ table: 'lines', level: 'ACCESS EXCLUSIVE' }));
  const ran = await bench.run(file);
  expect(ran.status).toBe(12);
  expect(said(ran)).toContain('too large to go back');
  expect(await bench.state()).toEqual(before);
});

it("a trigger of other people's that TRUNCATE would fire is told of", async () => {
  const role = `other_${bench.database.name}`;
  await bench.exec(`CREATE ROLE ${role}; CREATE FUNCTION on_empty() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    ALTER FUNCTION on_empty OWNER TO ${role}; CREATE TRIGGER emptied BEFORE TRUNCATE ON lines EXECUTE FUNCTION on_empty()`);
  try {
    expect(await prerequisite(bench, file, 'hostile-code')).toMatchObject({ status: 'fail' });
  } finally {
    await bench.exec(`DROP TRIGGER emptied ON lines; DROP FUNCTION on_empty; DROP ROLE ${role}`);
  }
});

it('runs, is verified, and comes back', async () => {
  await bench.exec('UPDATE orders SET total = 2 WHERE total = 200');
  const before = await bench.state();
  const ran = await bench.run(file);
  expect(ran).toMatchObject({ status: 0, err: '' });
  expect(await bench.rows('SELECT 1 FROM orders UNION ALL SELECT 1 FROM lines')).toEqual([]);
  expect((await bench.backout('verify', file)).status).toBe(0);
  expect(await bench.undo('--accept', 'undo')).toMatchObject({ status: 0, err: '' });
  expect(await bench.state()).toEqual(before);
});
