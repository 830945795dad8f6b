/** A migration tool's own way down, walked by hand in a terminal of 80 columns and 24 rows. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  DECIDE,
  PLAN,
  PREREQUISITES,
  TARGET,
  acceptWarnings,
  confirmStep,
  done,
  typing,
} from './support/questions.ts';
import { oneWalk } from './support/walk.ts';

let database: TestDatabase;
let operator: Operator;
let folder: string;

const rows = (sql: string): Promise<unknown[]> => database.use(async (db) => (await db.query(sql)).rows);

oneWalk();
beforeAll(async () => {
  await built();
  database = await freshDatabase({ state: 'empty' });
  await database.use((db) =>
    db.exec(`CREATE SCHEMA shop; CREATE TABLE shop.crates (id bigint PRIMARY KEY, label text);
      INSERT INTO shop.crates VALUES (1, 'one'), (2, 'two');
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (2, false)`),
  );
  folder = await mkdtemp(join(tmpdir(), 'backout-down-'));
  await mkdir(join(folder, 'migrations'));
  const file = (name: string, text: string) => writeFile(join(folder, 'migrations', name), text);
  await file('000001_shop.up.sql', 'CREATE SCHEMA shop;\n');
  await file('000002_crates.down.sql', 'DROP TABLE shop.crates;\n');
  operator = await atTerminal([
    join(folder, 'migrations', '000002_crates.down.sql'),
    '--database',
    database.url,
  ]);
});
afterAll(async () => {
  await operator.dispose();
  await database.drop();
  await rm(folder, { recursive: true });
});

it('recommends nothing, and says what there is to choose by', async () => {
  await operator.answer(TARGET, 'enter');
  await acceptWarnings(operator);
  await operator.answer(PREREQUISITES, 'enter');
  await operator.untilAsked(DECIDE);
  const said = await operator.read();
  expect(said).toContain('Nothing is recommended');
  expect(said).toMatch(/No criteria say when this is to be rolled back .* the choice is yours\./);
  expect(said).toContain('the archive keeps it: shop.crates (2 rows)');
  expect(operator.asked()).not.toMatch(/recommend/i);
});

it('asks for no reason, runs the file and takes the record back, and ends verified', async () => {
  await operator.answer(DECIDE, 'r');
  await operator.answer(PLAN, 'enter');
  await operator.untilAsked(typing(1));
  const shown = await operator.read();
  expect(shown).toContain('DROP TABLE shop.crates');
  expect(shown).toContain("UPDATE schema_migrations SET version = '1', dirty = false WHERE version = '2'");
  await confirmStep(operator, 1, database.name);
  await operator.answer(done(1), 'enter');
  await operator.untilAsked(/Enter goes on to the report/);
  const verified = await operator.read();
  expect(verified).toContain('Verified: all 5 checks hold.');
  expect(verified).toContain('Table shop.crates');
  expect(await rows("SELECT to_regclass('shop.crates') AS t")).toEqual([{ t: null }]);
  expect(await rows('SELECT * FROM schema_migrations')).toEqual([{ version: '1', dirty: false }]);
  expect((await operator.journalOf('decision')).map(({ choice, reason }) => [choice, reason])).toEqual([
    ['rollback', null],
  ]);
});
