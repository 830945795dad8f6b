/** What random plans found (test/property/undo.test.ts), each at its smallest. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stepRows } from '../../src/postgres/store.ts';
import { loadParser } from '../../src/sql/parse.ts';
import type { Bench } from '../postgres/support.ts';
import {
  benchWith,
  changes,
  inOrder,
  planOfTexts,
  rollBack,
  rollBackAtOnce,
  stateOf,
  undo,
} from './support.ts';

beforeAll(loadParser);

const RUN = '20260101-0000-aaaa';
const UNDO = '20260101-0001-bbbb';

let bench: Bench;
afterEach(() => bench.close());

interface Case {
  name: string;
  tables: string[];
  /** One text a step. */
  plan: string[];
  /** What is said not to be undone. */
  said?: string[];
}

const T = [
  'CREATE TABLE t (id int PRIMARY KEY, v text, w text)',
  "INSERT INTO t SELECT n, 'v' || n, 'w' || n FROM generate_series(1, 4) AS n",
];
const U = [
  'CREATE TABLE u (id int PRIMARY KEY, t int, x text)',
  "INSERT INTO u VALUES (1, 1, 'a'), (2, 9, 'b'), (3, NULL, NULL)",
];

const CASES: Case[] = [
  {
    name: 'two tables exchange their names',
    tables: [...T, ...U],
    plan: [
      'ALTER TABLE t RENAME TO s; ALTER TABLE u RENAME TO t; ALTER TABLE s RENAME TO u; ALTER TABLE u ADD COLUMN z int',
    ],
  },
  {
    name: 'a table takes the name of one that is dropped',
    tables: [...T, ...U],
    plan: ['DROP TABLE t; ALTER TABLE u RENAME TO t'],
  },
  {
    name: 'two columns and two indexes exchange their names',
    tables: [...T, 'CREATE INDEX i ON t (v)', 'CREATE INDEX j ON t (w)'],
    plan: [
      'ALTER TABLE t RENAME COLUMN v TO s; ALTER TABLE t RENAME COLUMN w TO v; ALTER TABLE t RENAME COLUMN s TO w; ALTER INDEX i RENAME TO s; ALTER INDEX j RENAME TO i; ALTER INDEX s RENAME TO j',
    ],
  },
  {
    name: 'an index takes the name of one that goes with its table',
    tables: [...T, ...U, 'CREATE INDEX i ON t (v)'],
    plan: ['DROP TABLE t; CREATE INDEX i ON u (x)'],
  },
  {
    name: 'an index alone is renamed, commented on and dropped',
    tables: [...T, 'CREATE INDEX i ON t (v)', 'CREATE INDEX j ON t (w)'],
    plan: ["ALTER INDEX i RENAME TO k; COMMENT ON INDEX k IS 'k'", 'DROP INDEX j', 'DROP INDEX k'],
  },
  {
    name: 'comments alone',
    tables: [...T, "COMMENT ON COLUMN t.w IS 'of w'"],
    plan: [
      `COMMENT ON TABLE t IS 'n'; COMMENT ON COLUMN t.w IS NULL; COMMENT ON INDEX t_pkey IS 'key'; COMMENT ON CONSTRAINT t_pkey ON t IS 'c'`,
    ],
  },
  {
    name: 'rows that a constraint that is not validated would not take',
    tables: [
      ...T,
      ...U,
      'ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (t) REFERENCES t (id) NOT VALID',
      "ALTER TABLE u ADD CONSTRAINT c CHECK (x <> 'b') NOT VALID",
      "COMMENT ON CONSTRAINT f ON u IS 'kept'",
    ],
    plan: ['DELETE FROM u', 'ALTER TABLE u DROP COLUMN t'],
  },
  {
    name: 'rows that point at what the step puts in',
    tables: [
      ...T,
      'CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t (id))',
      'INSERT INTO u VALUES (1, 1)',
    ],
    plan: ["INSERT INTO t VALUES (9, 'in', 'in'); UPDATE u SET t = 9"],
    said: [
      'Foreign keys point at t; what they tie to the rows that the step puts in may keep these from going again, or go with them.',
    ],
  },
  {
    name: 'a table that is altered, emptied in parts and dropped',
    tables: ['CREATE TABLE t (a int, b text)', "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')"],
    plan: [
      'DELETE FROM t WHERE a = 1; ALTER TABLE t RENAME COLUMN a TO c; DELETE FROM t WHERE c = 2; DROP TABLE t',
    ],
  },
  {
    name: 'a deleted row whose column has another type by then',
    tables: ['CREATE TABLE t (id int PRIMARY KEY, a text[])', "INSERT INTO t VALUES (1, '{x}'), (2, NULL)"],
    plan: ['ALTER TABLE t ALTER COLUMN a TYPE text; DELETE FROM t'],
  },
  {
    name: 'a deleted row, and another one put in with its key',
    tables: T,
    plan: ["UPDATE t SET v = 'x'; DELETE FROM t WHERE id < 3; INSERT INTO t VALUES (1, 'in', 'in')"],
  },
  {
    name: 'rows put into a table that is dropped then',
    tables: [...T, ...U],
    plan: [
      "INSERT INTO t VALUES (9, 'in', 'in'); DELETE FROM u; INSERT INTO u VALUES (1); DROP TABLE t; DROP TABLE u",
    ],
  },
  {
    name: 'rows put in, and a column that makes the server write all of them anew',
    tables: T,
    plan: ["INSERT INTO t VALUES (9, 'in', 'in'); ALTER TABLE t ADD COLUMN n serial"],
  },
  {
    name: 'statistics, and an index over rows of a kind, of a column with another type',
    tables: [
      ...T,
      'ALTER TABLE t ADD COLUMN n int DEFAULT 5',
      'CREATE STATISTICS s ON v, n FROM t',
      'CREATE INDEX i ON t (v) WHERE n IS NOT NULL',
    ],
    plan: [
      'ALTER TABLE t ALTER COLUMN n DROP DEFAULT, ALTER COLUMN n TYPE numeric',
      'ALTER TABLE t DROP COLUMN v',
    ],
  },
  {
    name: 'a column that is dropped and made anew under its name',
    tables: [
      ...T,
      'ALTER TABLE t ADD COLUMN n serial',
      'GRANT SELECT (v, n) ON t TO PUBLIC',
      'ALTER TABLE t ALTER COLUMN v SET STORAGE EXTERNAL, ALTER COLUMN v SET STATISTICS 7',
    ],
    plan: [
      'ALTER TABLE t DROP COLUMN v, DROP COLUMN n; ALTER TABLE t ADD COLUMN v text; ALTER TABLE t ADD COLUMN n int',
    ],
    said: ['A sequence of t goes with its column: an undo continues after the highest value.'],
  },
  {
    name: 'a row that is deleted when a column of its key has gone',
    tables: [
      'CREATE TABLE t (a int, b int, c text, PRIMARY KEY (a, b))',
      "INSERT INTO t VALUES (1, 1, 'x'), (1, 2, NULL)",
    ],
    plan: ['ALTER TABLE t DROP COLUMN a; DELETE FROM t WHERE c IS NULL'],
  },
  {
    name: 'rows put in by one step and overwritten by the next',
    tables: T,
    plan: ["INSERT INTO t VALUES (9, 'in', 'in')", "UPDATE t SET w = 'x'", 'DELETE FROM t WHERE id > 3'],
  },
];

describe('comes back', () => {
  it.each(CASES)('$name', async ({ tables, plan: texts, said = [] }) => {
    bench = await benchWith(...tables);
    const before = await stateOf(bench.session);
    const plan = planOfTexts(...texts);
    await rollBack(bench.session, { run: RUN, plan, position: inOrder(plan) });
    expect((await stepRows(bench.session, RUN)).flatMap(({ detail }) => detail.notUndoable)).toEqual(said);
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('rows that two steps of one transaction put into the same table', async () => {
    bench = await benchWith(...T);
    const before = await stateOf(bench.session);
    const plan = planOfTexts(
      "INSERT INTO t VALUES (8, 'in', 'in')",
      "INSERT INTO t VALUES (9, 'in', 'in')",
      "UPDATE t SET v = 'x' WHERE id < 3",
    );
    await rollBackAtOnce(bench.session, { run: RUN, plan });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('a foreign key of a table that a step of the same transaction points elsewhere by another name', async () => {
    bench = await benchWith(...T, 'CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t (id))');
    const before = await stateOf(bench.session);
    const plan = planOfTexts(
      'ALTER TABLE t RENAME TO s',
      'ALTER TABLE s ADD COLUMN z int; ALTER TABLE u ADD COLUMN z int',
    );
    await rollBackAtOnce(bench.session, { run: RUN, plan });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('a table that one step of a transaction makes and another one alters and drops', async () => {
    bench = await benchWith(...T);
    const before = await stateOf(bench.session);
    const plan = planOfTexts(
      "CREATE TABLE n (id int PRIMARY KEY, x text); INSERT INTO n VALUES (1, 'x')",
      'ALTER TABLE n ADD COLUMN y int; DROP TABLE n',
    );
    await rollBackAtOnce(bench.session, { run: RUN, plan });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('what one step of a transaction leaves, taken on by the next: names, sequences, indexes, computed columns', async () => {
    bench = await benchWith(
      ...T,
      'ALTER TABLE t ADD COLUMN y int, ADD COLUMN g int GENERATED ALWAYS AS (y * 2) STORED, ADD COLUMN c varchar(9) COLLATE "C"',
      ...U,
    );
    const before = await stateOf(bench.session);
    const plan = planOfTexts(
      'ALTER TABLE t RENAME COLUMN g TO h; ALTER TABLE t RENAME COLUMN c TO o; ALTER TABLE t RENAME COLUMN y TO c; CREATE INDEX i ON t (lower(v)) WHERE w IS NOT NULL; ALTER TABLE u ADD COLUMN n serial',
      'DELETE FROM t WHERE id > 2; ALTER TABLE t RENAME COLUMN o TO y; ALTER TABLE u ALTER COLUMN x TYPE varchar(9); DROP TABLE u',
    );
    await rollBackAtOnce(bench.session, { run: RUN, plan });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('rights of columns of a table that has no key', async () => {
    bench = await benchWith(
      'CREATE TABLE t (a int, b text)',
      "INSERT INTO t VALUES (1, 'x')",
      'CREATE POLICY p ON t USING (a > 0)',
      'GRANT SELECT (a), UPDATE (b) ON t TO PUBLIC',
    );
    const before = await stateOf(bench.session);
    const plan = planOfTexts("UPDATE t SET b = 'y'");
    await rollBack(bench.session, { run: RUN, plan, position: inOrder(plan) });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('rows whose key the step changes, of a table that was copied', async () => {
    bench = await benchWith(...T);
    const before = await stateOf(bench.session);
    const plan = planOfTexts("UPDATE t SET id = id + 10, v = 'x'");
    const forms = await rollBack(bench.session, {
      run: RUN,
      plan,
      form: 'copy-and-swap',
      position: inOrder(plan),
    });
    expect(forms).toEqual(['copy-and-swap']);
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });

  it('a table whose foreign key went with CASCADE before it was dropped itself', async () => {
    bench = await benchWith(
      ...T,
      'CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t (id))',
      'INSERT INTO u VALUES (1, 1)',
    );
    const before = await stateOf(bench.session);
    const plan = planOfTexts('DROP TABLE t CASCADE; DROP TABLE u');
    await rollBack(bench.session, { run: RUN, plan });
    await undo(bench.session, RUN, UNDO);
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
  });
});

describe('written since', () => {
  const rows = async (): Promise<string[]> =>
    (await bench.session.query('SELECT t::text AS row FROM t ORDER BY id')).rows.map(({ row }) =>
      String(row),
    );

  it('is known to the undo of an earlier step, although that of a later one has written to the row', async () => {
    bench = await benchWith(...T);
    const plan = planOfTexts("UPDATE t SET v = 'x'", 'ALTER TABLE t DROP COLUMN w');
    await rollBack(bench.session, { run: RUN, plan, position: inOrder(plan) });
    await bench.session.query("UPDATE t SET v = 'theirs' WHERE id = 2");
    await bench.session.query("INSERT INTO t VALUES (9, 'new')");
    await undo(bench.session, RUN, UNDO);
    expect(await rows()).toEqual(['(1,v1,w1)', '(2,theirs,w2)', '(3,v3,w3)', '(4,v4,w4)', '(9,new,)']);
  });

  it('is not taken for what a step put in', async () => {
    bench = await benchWith(...T);
    const plan = planOfTexts("INSERT INTO t VALUES (8, 'in', 'in')", "UPDATE t SET w = 'x'");
    await rollBack(bench.session, { run: RUN, plan, position: inOrder(plan) });
    await bench.session.query("INSERT INTO t VALUES (9, 'new', 'new')");
    await bench.session.query("UPDATE t SET v = 'theirs' WHERE id = 1");
    await undo(bench.session, RUN, UNDO);
    expect(await rows()).toEqual(['(1,theirs,x)', '(2,v2,w2)', '(3,v3,w3)', '(4,v4,w4)', '(9,new,new)']);
  });
});

describe('a row written since into a table that was copied', () => {
  it('leaves what it takes the place of in the archive', async () => {
    bench = await benchWith(...T);
    const plan = planOfTexts("UPDATE t SET v = 'x'");
    await rollBack(bench.session, { run: RUN, plan, form: 'copy-and-swap', position: inOrder(plan) });
    await bench.session.query("UPDATE t SET w = 'theirs' WHERE id = 2");
    await undo(bench.session, RUN, UNDO);
    const kept = await bench.session.query(
      "SELECT archived FROM backout.archived WHERE run = $1 AND detail->>'words' LIKE 'Rows of t as they were %'",
      [UNDO],
    );
    const { rows } = await bench.session.query(
      `SELECT t::text AS row FROM backout_archive."${String(kept.rows[0]?.['archived'])}" AS t`,
    );
    expect(rows).toEqual([{ row: '(2,v2,w2)' }]);
  });

  it('is said to stay in the archive only where no key tells which it was', async () => {
    bench = await benchWith(...T);
    const plan = planOfTexts('UPDATE t SET id = id + 10');
    await rollBack(bench.session, { run: RUN, plan, form: 'copy-and-swap', position: inOrder(plan) });
    await bench.session.query("UPDATE t SET w = 'theirs' WHERE id = 12");
    const [offer] = await undo(bench.session, RUN, UNDO);
    expect(offer?.words.join(' ')).toContain(
      '1 row of t was written after the rollback and stays in the archive only: nothing says what becomes of them.',
    );
  });
});

describe('is refused', () => {
  it('where a row written since holds nothing in a column that may not be empty then', async () => {
    bench = await benchWith(...T, 'ALTER TABLE t ALTER COLUMN v SET NOT NULL');
    await rollBack(bench.session, {
      run: RUN,
      plan: planOfTexts('ALTER TABLE t ALTER COLUMN v DROP NOT NULL'),
    });
    await bench.session.query('UPDATE t SET v = NULL WHERE id = 3');
    await expect(undo(bench.session, RUN, UNDO)).rejects.toThrow(
      'v of t may not be empty, and 1 row written since has no value for it',
    );
  });
});

describe('is said not to be undone', () => {
  it('what goes from elsewhere with CASCADE', async () => {
    bench = await benchWith(
      ...T,
      'CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t (id))',
      'CREATE VIEW s AS SELECT v FROM t',
    );
    const plan = planOfTexts(
      'ALTER TABLE t DROP COLUMN w CASCADE',
      'ALTER TABLE t DROP COLUMN v CASCADE',
      'ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE',
    );
    await rollBack(bench.session, { run: RUN, plan });
    const rows = await stepRows(bench.session, RUN);
    expect(rows.map(({ detail }) => detail.notUndoable.length)).toEqual([1, 1, 1]);
    expect(rows[2]?.detail.notUndoable).toEqual([
      'A column or a constraint of t is dropped with CASCADE: views and foreign keys of other tables that go with it are not brought back.',
    ]);
  });

  it('what a statement does to a view', async () => {
    bench = await benchWith(...T, 'CREATE VIEW s AS SELECT id, v FROM t');
    const plan = planOfTexts("ALTER TABLE s RENAME TO r; INSERT INTO r VALUES (9, 'in')");
    await rollBack(bench.session, { run: RUN, plan, position: inOrder(plan) });
    const [row] = await stepRows(bench.session, RUN);
    expect(row?.detail.notUndoable).toEqual([
      'Statement 1 changes s, which is no table: that is neither archived nor undone.',
      'Statement 2 changes r, which is no table: that is neither archived nor undone.',
    ]);
  });
});
