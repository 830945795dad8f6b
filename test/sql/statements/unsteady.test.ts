/** Deletions that choose other rows each time they are asked: what goes is in the archive all the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, dump, look, offerOf, rollBack, runName, states, undo } from '../objects/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const rowsOf = (table: string): string[] => [
  `CREATE TABLE ${table} (a integer, b text)`,
  `INSERT INTO ${table} SELECT i, 'row ' || i % 7 FROM generate_series(1, 300) AS i`,
];
const KEYED = [...rowsOf('t'), 'ALTER TABLE t ADD PRIMARY KEY (a)'];

/** Name, what is there before, the way down. */
const CASES: [string, string[], string][] = [
  ['by chance', KEYED, 'DELETE FROM t WHERE random() < 0.5'],
  [
    'by chance, under other names',
    KEYED,
    'ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t RENAME TO u; DELETE FROM u AS t WHERE random() < 0.5',
  ],
  ['by chance, from a table without a key', rowsOf('t'), 'DELETE FROM t WHERE random() < 0.5'],
  [
    'by chance, what another part of the statement hands on',
    [...KEYED, 'CREATE TABLE moved (a integer, b text)'],
    'WITH gone AS (DELETE FROM t WHERE random() < 0.5 RETURNING a, b) INSERT INTO moved SELECT a, b FROM gone',
  ],
  [
    'the first of an order that says nothing',
    KEYED,
    'DELETE FROM t WHERE a IN (SELECT a FROM t ORDER BY b LIMIT 10)',
  ],
  [
    'all but one of each, by a window',
    KEYED,
    'DELETE FROM t USING (SELECT a, row_number() OVER (PARTITION BY b) AS n FROM t) AS x WHERE x.a = t.a AND n > 1',
  ],
  [
    'by what a view shows',
    [...KEYED, 'CREATE VIEW v AS SELECT a FROM t WHERE a % 3 = 0'],
    'DELETE FROM t WHERE a IN (SELECT a FROM v)',
  ],
];

test.each(CASES)('%s', async (name, setup, down) => {
  const one = await caseWith(bench, `un${CASES.findIndex((other) => other[0] === name)}`, setup, down);
  const before = await dump(one.session, one.schema);
  const run = await rollBack(one);
  expect(await dump(one.session, one.schema)).not.toEqual(before);
  expect(new Set(states(await look(one, run)))).toEqual(new Set(['applied']));
  await undo(one, run);
  expect(await dump(one.session, one.schema)).toEqual(before);
});

test('in a table of another schema', async () => {
  const setup = [
    'CREATE SCHEMA "@_far"',
    ...rowsOf('"@_far".t'),
    'ALTER TABLE "@_far".t ADD PRIMARY KEY (a)',
  ];
  const one = await caseWith(bench, 'far', setup, 'DELETE FROM "@_far".t AS x WHERE random() < 0.5');
  const before = await dump(one.session, `${one.schema}_far`);
  const run = await rollBack(one);
  expect(await dump(one.session, `${one.schema}_far`)).not.toEqual(before);
  await undo(one, run);
  expect(await dump(one.session, `${one.schema}_far`)).toEqual(before);
});

test('is refused where the key by which its rows could be told has gone before', async () => {
  const down = 'ALTER TABLE t DROP COLUMN a; DELETE FROM t WHERE random() < 0.5';
  const one = await caseWith(bench, 'keyless', KEYED, down);
  const { procedure, refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure).toBeNull();
  expect(refused.join(' ')).toContain('has no key to tell which');
});

test('what a deletion hangs on is closed to writers while the step runs', async () => {
  const one = await caseWith(
    bench,
    'closed',
    [...KEYED, 'CREATE TABLE why (a integer)', 'INSERT INTO why VALUES (3)'],
    'DELETE FROM t WHERE a IN (SELECT a FROM why)',
  );
  const { procedure } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure?.locks).toEqual([
    { table: 't', level: 'SHARE ROW EXCLUSIVE' },
    { table: 'why', level: 'SHARE' },
  ]);
  expect(procedure?.actions.filter(({ sql }) => sql.includes('EXISTS'))).toEqual([]);
});
