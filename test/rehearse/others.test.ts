/** Rehearsals of plans about more than tables of one schema: each way does what it can, and says why where it cannot. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from '../../src/postgres/connect.ts';
import { inSavepoints } from '../../src/rehearse/within.ts';
import type { Rehearsal } from '../../src/rehearse/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { openDesk, type Desk } from '../cli/support/io.ts';
import { connectionTo } from '../postgres/support.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';

let desk: Desk;
let database: TestDatabase;

const APPLICATION = `
  CREATE SCHEMA auth;
  CREATE TABLE auth.users (id int PRIMARY KEY, name text, note text);
  INSERT INTO auth.users SELECT n, 'u' || n, 'n' FROM generate_series(1, 20) n;
  CREATE TABLE orders (id int PRIMARY KEY, total numeric, extra text DEFAULT 'e', at timestamptz DEFAULT '2020-01-01');
  INSERT INTO orders (id, total) SELECT n, n FROM generate_series(1, 50) n;
  CREATE VIEW dear AS SELECT id, total FROM orders WHERE total > 10;
  CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
  CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touched();
  CREATE TABLE pairs (id int PRIMARY KEY, note text);
  INSERT INTO pairs VALUES (1, 'a');
  CREATE OPERATOR CLASS backward FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 bttextcmp(text, text);
  CREATE INDEX pairs_note ON pairs (note backward)`;

beforeAll(async () => {
  [desk, database] = await Promise.all([
    openDesk(),
    freshDatabase({ state: async (db) => void (await db.exec(APPLICATION)) }),
    loadParser(),
  ]);
});
afterAll(async () => {
  await database.drop();
  await desk.clear();
});

async function rehearse(sql: string, ...words: string[]) {
  const path = join(desk.folder, 'back.sql');
  await writeFile(path, sql);
  const ended = await desk.run(['rehearse', path, '--json', '--database', database.url, ...words]);
  return { status: ended.status, found: JSON.parse(ended.out) as Rehearsal };
}

it('in a scratch schema: SET and LOCK, which end with their step', async () => {
  const { found } = await rehearse(
    "SET work_mem = '8MB'; SET TIME ZONE 'UTC'; LOCK TABLE orders; ALTER TABLE orders DROP COLUMN extra",
    '--way',
    'schema',
  );
  expect(found).toMatchObject({ outcome: 'ok', way: 'schema', undo: { outcome: 'same' } });
});

it('a setting is what it was once the step is over, or has failed', async () => {
  const session = await openSession(await connectionTo(database.url), { applicationName: 'backout/test' });
  const stand = inSavepoints({ session, schema: 'public', renamed: {} });
  const now = async (): Promise<unknown[]> =>
    (await session.query(`SELECT current_setting('work_mem') AS m, current_setting('timezone') AS z`)).rows;
  await session.query('BEGIN');
  const before = await now();
  for (const end of ['COMMIT', 'ROLLBACK']) {
    for (const sql of ['BEGIN', "SET LOCAL work_mem = '7MB'", "SET LOCAL work_mem = '9MB'"])
      await stand.query(sql);
    await stand.query("SET LOCAL TIME ZONE 'Asia/Tokyo'");
    expect(await now()).toEqual([{ m: '9MB', z: 'Asia/Tokyo' }]);
    await stand.query(end);
    expect(await now(), end).toEqual(before);
  }
  await session.close();
});

it('in a scratch database: tables of other schemas with their rows, and the undo of what is done to them', async () => {
  const sql =
    "UPDATE auth.users SET note = 'x' WHERE id < 5; ALTER TABLE auth.users DROP COLUMN name; DROP VIEW dear";
  const { status, found } = await rehearse(sql);
  expect(found).toMatchObject({
    outcome: 'ok',
    way: 'database',
    refused: [
      {
        way: 'schema',
        reasons: expect.arrayContaining(['Statement 1 of step-1 names the schema auth.']) as unknown,
      },
    ],
    undo: { outcome: 'same' },
  });
  expect(status).toBe(0);
  expect(found.tables).toContainEqual(expect.objectContaining({ table: 'auth.users', rows: 20 }));
  expect(found.steps[0]?.archivedRows).toBe(20);
});

it.each([
  ['ALTER TABLE auth.users DROP COLUMN note', 'names the schema auth: only tables are copied there'],
  [
    'DROP TRIGGER touched ON orders',
    'is about more than tables and their rows: only tables are copied there',
  ],
  ["UPDATE pairs SET note = 'b'", 'The embedded PostgreSQL cannot make the copy: operator class "backward"'],
])('embedded: what is not there is no fault of the plan: %s', async (sql, why) => {
  const { status, found } = await rehearse(sql, '--way', 'embedded');
  expect(status).toBe(10);
  expect(found).toMatchObject({ outcome: 'refused', steps: [] });
  expect(found.refused[0]?.reasons.join(' ')).toContain(why);
});
