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
    'a constraint in the place of an index of its name',
    [TABLE, ROWS, 'CREATE UNIQUE INDEX x ON t (b)'],
    'DROP INDEX x; ALTER TABLE t ADD CONSTRAINT x UNIQUE (b, n)',
  ],
  [
    'an index in the place of a constraint of its name',
    [TABLE, ROWS, 'ALTER TABLE t ADD CONSTRAINT x UNIQUE (b)'],
    'ALTER TABLE t DROP CONSTRAINT x; CREATE INDEX x ON t (n)',
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
  [
    'WITH: rows are moved',
    [
      TABLE,
      ROWS,
      'CREATE TABLE old (a integer PRIMARY KEY, b text, n integer)',
      `INSERT INTO old VALUES (9, 'nine', 90)`,
    ],
    'WITH gone AS (DELETE FROM t WHERE a > 1 RETURNING *) INSERT INTO old SELECT * FROM gone',
  ],
  [
    'WITH: an UPDATE and a DELETE by what it returns',
    [
      TABLE,
      ROWS,
      'CREATE TABLE o (a integer PRIMARY KEY, t integer)',
      'INSERT INTO o VALUES (1, 2), (2, 3)',
      'CREATE TABLE other (id integer PRIMARY KEY, k integer)',
      'INSERT INTO other VALUES (1, 1), (2, 0)',
    ],
    `WITH few AS (SELECT a FROM t WHERE n < 25), done AS (UPDATE t SET b = 'x' FROM few WHERE few.a = t.a AND t.b <> 'x'), q AS (UPDATE "@".other SET k = 0 WHERE k > 0 RETURNING id)
       DELETE FROM o WHERE a IN (SELECT id FROM q)`,
  ],
  [
    'WITH: an INSERT whose key is put elsewhere',
    ['CREATE TABLE p (id integer PRIMARY KEY, name text)', `INSERT INTO p VALUES (1, 'old')`, TABLE, ROWS],
    `WITH made AS (INSERT INTO p VALUES (2, 'new') RETURNING id) UPDATE t SET n = made.id FROM made WHERE t.b = 'one'`,
  ],
  [
    'MERGE',
    [
      TABLE,
      ROWS,
      'CREATE TABLE s (a integer PRIMARY KEY, b text, gone boolean)',
      `INSERT INTO s VALUES (1, 'uno', false), (2, 'due', true), (3, 'tre', NULL), (4, 'new', false), (5, 'never', NULL)`,
    ],
    `MERGE INTO t AS x USING s ON x.a = s.a WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED AND s.a = 3 THEN DELETE
       WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED AND s.a > 4 THEN DO NOTHING WHEN NOT MATCHED AND s.gone THEN INSERT VALUES (0, 'no', 0) WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)`,
  ],
  [
    'INSERT ON CONFLICT DO UPDATE, UPDATE FROM, DELETE USING',
    [
      TABLE,
      ROWS,
      'CREATE TABLE s (a integer PRIMARY KEY, b text)',
      `INSERT INTO s VALUES (1, 'uno'), (2, 'due')`,
    ],
    `INSERT INTO t (a, b) VALUES (1, 'eins'), (7, 'sieben') ON CONFLICT (a) DO UPDATE SET b = excluded.b; UPDATE t SET n = 0 FROM s WHERE s.a = t.a AND s.b = 'due'; DELETE FROM s USING t WHERE t.a = s.a;`,
  ],
  [
    'setval and nextval',
    [
      'CREATE TABLE t (id serial PRIMARY KEY, x text)',
      `INSERT INTO t (x) VALUES ('a'), ('b')`,
      'CREATE SEQUENCE "Odd s" START 5',
      'CREATE SEQUENCE other',
    ],
    `SELECT pg_catalog.setval('"@"."Odd s"', 42, true); SELECT setval(pg_get_serial_sequence('t', 'id'), coalesce(max(id), 0) + 10, false), nextval('other'::regclass) FROM t`,
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
