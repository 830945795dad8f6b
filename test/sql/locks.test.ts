import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCK_LEVELS } from '../../src/sql/lock-levels.ts';
import { locksOf } from '../../src/sql/locks.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import type { LockLevel, Plan, Position } from '../../src/sql/types.ts';
import { migrated } from '../support/states.ts';
import { openDatabase, type TestDatabase } from './database.ts';
import { firstEdition } from './documents.ts';
import { SEED } from './generated.ts';

let db: TestDatabase;

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
});

afterAll(() => db.close());

function untouched(plan: Plan): Position {
  const steps = plan.steps.map((step) => ({
    id: step.id,
    state: 'pending' as const,
    statements: step.statements.map(({ index }) => ({ index, state: 'pending' as const, reason: '' })),
  }));
  return { steps };
}

/** `AccessExclusiveLock` is `ACCESS EXCLUSIVE`. */
function levelOf(mode: string): LockLevel | undefined {
  const words = mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
  return LOCK_LEVELS.find((level) => level === words);
}

async function held(sql: string): Promise<Record<string, string>> {
  await db.empty();
  await db.pglite.exec(SEED);
  await db.pglite.exec(`BEGIN; ${sql}`);
  const { rows } = await db.pglite.query<{ name: string; mode: string }>(
    `SELECT c.relname AS name, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      WHERE l.locktype = 'relation' AND c.relkind = 'r' AND c.relnamespace = 'town'::regnamespace`,
  );
  await db.pglite.exec('ROLLBACK');
  const strongest: Record<string, LockLevel> = {};
  for (const { name, mode } of rows) {
    const level = levelOf(mode);
    if (!level) continue;
    const known = strongest[name];
    if (!known || LOCK_LEVELS.indexOf(level) > LOCK_LEVELS.indexOf(known)) strongest[name] = level;
  }
  return strongest;
}

test.each([
  'ALTER TABLE a ADD COLUMN n text',
  'ALTER TABLE a ALTER x DROP NOT NULL',
  'ALTER TABLE a ALTER y SET NOT NULL',
  'ALTER TABLE a ALTER y TYPE text',
  "ALTER TABLE a ALTER x SET DEFAULT 'q'",
  'ALTER TABLE a DROP COLUMN y',
  'ALTER TABLE a RENAME COLUMN x TO n',
  'ALTER TABLE a ADD CHECK (y > 0)',
  'ALTER TABLE b ADD FOREIGN KEY (id) REFERENCES a(id)',
  'CREATE INDEX n ON a (y)',
  'DROP INDEX a_x',
  'DROP INDEX IF EXISTS nothing',
  'UPDATE a SET y = 1',
  'UPDATE a SET y = b.id FROM b WHERE a.id = b.id',
  "INSERT INTO a SELECT id, 'x', 1 FROM b",
  'DELETE FROM b',
  'SELECT * FROM a JOIN b USING (id)',
  'SELECT * FROM a FOR UPDATE',
  'DROP TABLE b',
  'ALTER TABLE b DROP CONSTRAINT b_fk',
])('the locks of "%s" are those the server takes', async (sql) => {
  const real = await held(sql);
  await db.empty();
  await db.pglite.exec(SEED);
  const plan = planFromSql(sql);
  const ours = locksOf(plan, untouched(plan), await db.catalog());
  // A dropped table is no longer listed by name.
  const gone = /^DROP TABLE (\w+)/.exec(sql)?.[1];
  const expected = gone ? { ...real, [gone]: 'ACCESS EXCLUSIVE' } : real;
  expect(Object.fromEntries(ours.map((lock) => [lock.table, lock.level]))).toEqual(expected);
});

test.each([
  ['ALTER TABLE a ADD n int DEFAULT 1', false, false],
  ['ALTER TABLE a ADD n uuid DEFAULT gen_random_uuid()', true, true],
  ['ALTER TABLE a ADD n timestamp DEFAULT now()', false, false],
  ['ALTER TABLE a ADD n bigserial', true, true],
  ['ALTER TABLE a ALTER y TYPE bigint', true, true],
  ['ALTER TABLE a ALTER y SET NOT NULL', true, false],
  ['ALTER TABLE a ADD CONSTRAINT c CHECK (y > 0) NOT VALID', false, false],
  ['CREATE INDEX n ON a (y)', true, false],
  ['ALTER TABLE a DROP COLUMN y', false, false],
  ['ALTER TABLE a RENAME TO n', false, false],
])('"%s": reads the whole table %s, writes it anew %s', (sql, scans, rewrites) => {
  const plan = planFromSql(sql);
  expect(locksOf(plan, untouched(plan))).toMatchObject([{ table: 'a', scans, rewrites }]);
});

test("the user's document: locks under the name each table has by then, and none for what is applied", async () => {
  await db.empty();
  await migrated(db.pglite);
  const plan = firstEdition();
  const catalog = await db.catalog();
  const locks = locksOf(plan, await positionOf(plan, catalog, db.session), catalog);
  expect(locks.slice(0, 5)).toEqual([
    ...[1, 2, 3, 4].map((index) => ({
      step: 'step-1',
      index,
      table: 'codebase_snapshots',
      level: 'ACCESS EXCLUSIVE',
      scans: false,
      rewrites: false,
    })),
    {
      step: 'step-1',
      index: 5,
      table: 'detection_events',
      level: 'ACCESS EXCLUSIVE',
      scans: false,
      rewrites: false,
    },
  ]);
  expect(locks.at(-1)).toMatchObject({ step: 'step-4', table: 'schema_migrations', level: 'ROW EXCLUSIVE' });
  for (const statement of plan.steps.flatMap((step) => step.statements)) await db.pglite.query(statement.sql);
  const after = await db.catalog();
  expect(locksOf(plan, await positionOf(plan, after, db.session), after)).toEqual([]);
});
