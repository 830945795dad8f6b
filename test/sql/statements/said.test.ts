/** What is said beforehand, and where a step stands that was begun by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, dump, look, offerOf, rollBack, states, undo } from '../objects/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text, n integer)';
const ROWS = `INSERT INTO t VALUES (1, 'one', 10), (2, 'two', 20), (3, NULL, 30)`;

test('a function that may do more than compute is named, one that may not is not', async () => {
  const setup = [
    TABLE,
    'CREATE FUNCTION counts(integer) RETURNS integer LANGUAGE sql AS $$ SELECT $1 $$',
    'CREATE FUNCTION doubles(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 2 * $1 $$',
  ];
  const down = `ALTER TABLE t ALTER n TYPE bigint USING counts(n); ALTER TABLE t ADD m integer DEFAULT doubles(2);
    ALTER TABLE t ADD CONSTRAINT positive CHECK ("calls".counts(n) > 0)`;
  const one = await caseWith(bench, 'calls', setup, down);
  const { procedure } = offerOf(one, await look(one), 'r');
  expect(procedure?.notUndoable.filter((line) => line.includes('function'))).toEqual([
    expect.stringMatching(/^Statement 1 calls function counts\(\), which may do more than is seen/),
    expect.stringMatching(/^Statement 3 calls function calls\.counts\(\)/),
  ]);
});

/** Name, what is there before, the way down, how many of its statements somebody has run by hand, and what is found then. */
const HALVES: [string, string[], string[], number, string[]][] = [
  [
    'a new table and the drop of the old one',
    [TABLE, ROWS],
    ['CREATE TABLE kept AS SELECT a, b FROM t', 'DROP TABLE t', 'ALTER TABLE kept RENAME TO t'],
    1,
    ['applied', 'pending', 'pending'],
  ],
  [
    'a table of another query under the name',
    [TABLE, ROWS, 'CREATE TABLE kept (z text)'],
    ['CREATE TABLE kept AS SELECT a, b FROM t'],
    0,
    ['conflict'],
  ],
  [
    'an index and the key that takes it over',
    [TABLE, ROWS],
    [
      'CREATE UNIQUE INDEX i ON t (b)',
      'ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i',
      'ALTER TABLE t ALTER b SET STORAGE MAIN',
    ],
    2,
    ['applied', 'applied', 'pending'],
  ],
  [
    'a MERGE that adds what looks like what it has deleted',
    [TABLE, ROWS, 'CREATE TABLE other AS SELECT a, n FROM t'],
    [
      'MERGE INTO t USING other ON other.a = t.a WHEN MATCHED AND t.n > 20 THEN DELETE WHEN NOT MATCHED THEN INSERT (a, n) VALUES (other.a, other.n)',
    ],
    1,
    ['conflict'],
  ],
  [
    'rows that were moved, and more',
    [TABLE, ROWS, 'CREATE TABLE old AS SELECT * FROM t WHERE false'],
    [
      'WITH gone AS (DELETE FROM t WHERE a > 1 RETURNING *) INSERT INTO old SELECT * FROM gone',
      `MERGE INTO t USING old ON old.a - 1 = t.a WHEN MATCHED THEN UPDATE SET b = 'merged'`,
    ],
    1,
    ['applied', 'pending'],
  ],
  [
    'rows of a COPY, and more',
    [TABLE],
    ['COPY t (a, b) FROM stdin;\n1\tone\n2\t\\N\n\\.\n', `UPDATE t SET n = 1 WHERE n IS NULL`],
    0,
    ['pending', 'pending'],
  ],
];

describe('begun by hand', () => {
  test.each(HALVES)('%s', async (name, setup, down, done, expected) => {
    const schema = `h${HALVES.findIndex(([other]) => other === name)}`;
    const one = await caseWith(bench, schema, setup, down.join(';\n').replaceAll(';;', ';'));
    await bench.session.query("SELECT set_config('search_path', $1, false)", [schema]);
    for (const sql of down.slice(0, done)) await bench.session.query(sql);
    const before = await dump(bench.session, schema);
    expect(states(await look(one))).toEqual(expected);
    if (expected.includes('conflict')) return;
    const run = await rollBack(one);
    expect(new Set(states(await look(one, run)))).toEqual(new Set(['applied']));
    await undo(one, run);
    expect(await dump(bench.session, schema)).toEqual(before);
  });
});
