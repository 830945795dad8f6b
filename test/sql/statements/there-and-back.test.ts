/** Statements about tables and rows, there and back again on a real server: each case in a schema of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, roundTrip } from '../objects/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const TABLE = 'CREATE TABLE t (a integer PRIMARY KEY, b text, n integer)';
const ROWS = `INSERT INTO t VALUES (1, 'one', 10), (2, 'two', 20), (3, NULL, 30)`;

/** Name, what is there before, the way down. */
const CASES: [string, string[], string][] = [
  ['SET STORAGE', [TABLE, ROWS], 'ALTER TABLE t ALTER b SET STORAGE EXTERNAL'],
  [
    'SET STORAGE, back to what it was before',
    [TABLE, ROWS, 'ALTER TABLE t ALTER b SET STORAGE MAIN'],
    'ALTER TABLE t ALTER COLUMN b SET STORAGE extended',
  ],
  [
    'EXCLUDE',
    ['CREATE TABLE t (r int4range, k int)', `INSERT INTO t VALUES ('[1,3)', 1)`],
    'ALTER TABLE t ADD CONSTRAINT apart EXCLUDE USING gist (r WITH &&) WHERE (k > 0) DEFERRABLE',
  ],
  [
    'EXCLUDE without a name, dropped by another step’s statement',
    ['CREATE TABLE t (r int4range, CONSTRAINT old EXCLUDE USING gist (r WITH &&))'],
    'ALTER TABLE t DROP CONSTRAINT old; ALTER TABLE t ADD EXCLUDE USING gist (r WITH =)',
  ],
  [
    'a primary key that takes over an index',
    ['CREATE TABLE t (a integer, b text)', `INSERT INTO t VALUES (1, 'x')`, 'CREATE UNIQUE INDEX i ON t (a)'],
    'ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX i',
  ],
  [
    'a unique constraint that takes over an index made for it',
    [TABLE, ROWS],
    'CREATE UNIQUE INDEX i ON t (b, n); ALTER TABLE t ADD UNIQUE USING INDEX i',
  ],
  [
    'DEFAULT NULL of a domain',
    [`CREATE DOMAIN d AS text DEFAULT 'x'`, 'CREATE TABLE t (a d)', 'INSERT INTO t VALUES (NULL)'],
    'ALTER TABLE t ALTER a SET DEFAULT NULL; ALTER TABLE t ADD COLUMN b d DEFAULT NULL',
  ],
  [
    'CREATE TABLE AS, and the table it was made of goes',
    [TABLE, ROWS],
    'CREATE TABLE kept AS SELECT a, b AS word, count(*) OVER () AS c, n::bigint FROM t WHERE a > 1; DROP TABLE t; ALTER TABLE kept ADD PRIMARY KEY (a); ALTER TABLE kept RENAME TO t;',
  ],
  ['SELECT INTO', [TABLE, ROWS], 'SELECT x.*, upper(b) INTO "@".other FROM t AS x'],
  [
    'CREATE TABLE AS VALUES, TABLE, WITH NO DATA and UNION',
    [TABLE, ROWS],
    'CREATE TABLE v (x, y) AS VALUES (1, true), (2, false); CREATE TABLE w AS TABLE t WITH NO DATA; CREATE TABLE IF NOT EXISTS u AS SELECT a FROM t UNION SELECT x FROM v; ALTER TABLE u ALTER a SET NOT NULL;',
  ],
];

describe('there and back', () => {
  test.each(CASES)('%s', async (name, setup, down) => {
    const { notUndoable } = await roundTrip(await caseWith(bench, schemaOf(name), setup, down));
    expect(notUndoable).toEqual([]);
  });
});

function schemaOf(name: string): string {
  return `s${CASES.findIndex(([one]) => one === name)}`;
}
