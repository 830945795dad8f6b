/** The harness itself: a loss is seen, a false word is caught, statements are numbered as they come. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { difference, fingerprint } from './support/fingerprint.ts';
import { saidWrong, statusWrong } from './support/judge.ts';
import { matrixText } from './support/matrix.ts';
import type { Ended } from './support/program.ts';
import { startProxy, type Statement } from './support/proxy.ts';
import type { Reference } from './support/reference.ts';
import { PARCELS } from './support/scenario.ts';
import { truthOf } from './support/truth.ts';

const sql = readFileSync(new URL('./fixtures/parcels.sql', import.meta.url), 'utf8');
const steps = ['step-1', 'step-2'];
const ended = (status: number, said: [string, string]): Ended => ({
  status,
  out: '',
  err: '',
  events: [],
  result: {
    type: 'result',
    outcome: '',
    exitStatus: status,
    run: 'r',
    steps: steps.map((id, at) => ({ id, outcome: said[at] as 'done' })),
  },
});

describe('what is found in the database', () => {
  let database: TestDatabase;
  let reference: Reference;
  beforeAll(async () => {
    database = await freshDatabase({ state: async (db) => void (await db.exec(sql)) });
    const first = await database.use(({ client }) => fingerprint(client));
    const states = [first, null, [...first, 'something else']];
    reference = {
      scenario: PARCELS,
      states,
      trace: [],
      accepted: [],
      backAccepted: [],
      undone: [],
      store: false,
      seconds: 0,
      journalBytes: 0,
    };
  });
  afterAll(() => database.drop());

  it.each([
    ['one value', "UPDATE shipments SET label = 'x' WHERE id = 7"],
    ['one row', 'DELETE FROM shipments WHERE id = 7'],
    [
      'two values that changed places',
      "UPDATE shipments SET label = CASE id WHEN 7 THEN 'parcel 8' ELSE 'parcel 7' END WHERE id IN (7, 8)",
    ],
    ['a default', 'ALTER TABLE carriers ALTER COLUMN since DROP DEFAULT'],
    ['a comment', 'COMMENT ON COLUMN shipments.detail IS NULL'],
    ['a grant', 'GRANT SELECT (label) ON shipments TO PUBLIC'],
    ['where a sequence stands', 'ALTER SEQUENCE carriers_id_seq RESTART WITH 9'],
    ['an index', 'DROP INDEX shipments_carrier_index'],
    ['half a step', 'ALTER TABLE shipments RENAME TO parcels'],
  ])('%s makes it no whole state', async (_, change) => {
    await database.use(async ({ client }) => {
      expect(await truthOf(client, reference)).toEqual({ whole: 0, wrong: [] });
      await client.query('BEGIN');
      await client.query(change);
      expect((await truthOf(client, reference)).whole).toBeNull();
      await client.query('ROLLBACK');
    });
  });

  it('a journal that says more than the tables, and an archive without a journal, are wrong', async () => {
    await database.use(async ({ client }) => {
      await client.query(`BEGIN; CREATE SCHEMA backout; CREATE SCHEMA backout_archive;
        CREATE TABLE backout.run (run text, kind text);
        CREATE TABLE backout.step (run text, step text, undone_by text);
        CREATE TABLE backout.archived (run text, step text, archived text, purged_at timestamptz);
        CREATE TABLE backout_archive.stray (); INSERT INTO backout.run VALUES ('r', 'rollback');
        INSERT INTO backout.step VALUES ('r', 'step-1', NULL);
        INSERT INTO backout.archived VALUES ('r', 'step-2', 'gone', NULL)`);
      const { wrong } = await truthOf(client, reference);
      expect(wrong.join('\n')).toMatch(
        /says done: step-1[^]*no journal row[^]*not in it[^]*stray lies in the archive/,
      );
      await client.query('ROLLBACK');
    });
  });
});

describe('what the program says', () => {
  it.each([
    [ended(12, ['done', 'rolled-back']), 1, 0],
    [ended(15, ['unknown', 'not-run']), 1, 0],
    [ended(15, ['unknown', 'not-run']), 0, 0],
    [ended(12, ['done', 'not-run']), 0, 1],
    [ended(12, ['rolled-back', 'not-run']), 1, 1],
    [ended(0, ['done', 'done']), 1, 2],
    [ended(70, ['done', 'done']), 2, 1],
  ])('%# is held against what is so', (said, whole, wrong) => {
    expect(saidWrong(said, whole, steps)).toHaveLength(wrong);
  });

  it('a status that is not so is wrong', () => {
    const out = JSON.stringify({ steps: steps.map((id) => ({ id, state: 'applied' })) });
    expect(statusWrong({ ...ended(0, ['done', 'done']), out }, 1, steps)).toHaveLength(1);
    expect(statusWrong({ ...ended(0, ['done', 'done']), out }, 2, steps)).toEqual([]);
  });

  it('a loss is in the matrix', () => {
    const outcome = {
      kind: 'k',
      label: '',
      then: null,
      reached: true,
      before: 0,
      whole: null,
      unknown: false,
      wrong: ['x'],
      seconds: 1,
    };
    expect(matrixText([outcome]).split('\n').at(-1)).toMatch(/^all +1 +0 +0 +0 +0 +0 +0 +1 +0 +1$/);
    expect(difference(['a', 'b'], ['b', 'c'])).toEqual(['- a', '+ c']);
  });
});

it('the proxy numbers the statements of transactions that write, and no others', async () => {
  const database = await freshDatabase({ state: 'empty' });
  const proxy = await startProxy(database.url);
  const seen: string[] = [];
  proxy.gate = {
    before: ({ transaction, index, sql: text }: Statement) => {
      seen.push(`${transaction}.${index} ${text}`);
      return 'pass';
    },
  };
  const client = new pg.Client({ connectionString: proxy.url });
  await client.connect();
  for (const text of [
    'SELECT 1',
    'BEGIN READ ONLY',
    'SELECT 2',
    'COMMIT',
    'BEGIN',
    'SELECT 3',
    'COMMIT',
    'CREATE TABLE t ()',
  ])
    await client.query(text);
  await client.end();
  await proxy.close();
  await database.drop();
  expect(seen).toEqual([
    '0.0 SELECT 1',
    '0.0 BEGIN READ ONLY',
    '0.0 SELECT 2',
    '0.0 COMMIT',
    '1.0 BEGIN',
    '1.1 SELECT 3',
    '1.2 COMMIT',
    '2.0 CREATE TABLE t ()',
  ]);
});
