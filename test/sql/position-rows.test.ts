import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import type { Plan } from '../../src/sql/types.ts';
import { openDatabase, type TestDatabase } from './database.ts';

let db: TestDatabase;

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
});

afterAll(() => db.close());

const SEED = `
  CREATE TABLE t (id int PRIMARY KEY, a int, b text);
  CREATE TABLE u (id int PRIMARY KEY, a int);
  INSERT INTO t VALUES (1, 10, 'x'), (2, 20, NULL);
  INSERT INTO u VALUES (1, 11), (3, 33);
`;

async function judge(before: string, plan: Plan) {
  await db.empty();
  await db.pglite.exec(SEED + before);
  const { steps } = await positionOf(plan, await db.catalog(), db.session);
  return steps.flatMap((step) => step.statements.map((one) => [one.state, one.reason]));
}

/** What the database holds, the SQL of the plan, and the state and reason of each statement. */
test.each<[string, string, string, [string, RegExp][]]>([
  ['rows that match', '', "UPDATE t SET b = 'y' WHERE b IS NULL", [['pending', /^1 row of t still match/]]],
  [
    'no row matches',
    "UPDATE t SET b = 'z'",
    "UPDATE t SET b = 'y' WHERE b IS NULL",
    [['applied', /No row of t matches/]],
  ],
  [
    'an alias and FROM',
    '',
    'UPDATE t AS k SET a = u.a FROM u WHERE k.id = u.id AND k.a <> u.a',
    [['pending', /^1 row of t still/]],
  ],
  [
    'the same, done',
    'UPDATE t SET a = 11 WHERE id = 1',
    'UPDATE t AS k SET a = u.a FROM u WHERE k.id = u.id AND k.a <> u.a',
    [['applied', /No row/]],
  ],
  [
    'a value of another column, open',
    '',
    'UPDATE t SET a = id',
    [['pending', /^2 rows of t do not hold yet/]],
  ],
  [
    'a value of another column, done',
    'UPDATE t SET a = id',
    'UPDATE t SET a = id',
    [['applied', /Every row of t holds/]],
  ],
  [
    'a WHERE that never clears',
    'UPDATE t SET a = 5 WHERE id = 1',
    'UPDATE t SET a = 5 WHERE id = 1',
    [['applied', /Every row/]],
  ],
  ['a WHERE that finds nobody', '', 'UPDATE t SET a = 5 WHERE id = 99', [['applied', /No row/]]],
  [
    'counting up is not shown by rows',
    '',
    'UPDATE t SET a = a + 1',
    [['conflict', /running it twice may change them twice/]],
  ],
  [
    'counting up, passed',
    'ALTER TABLE t DROP b',
    'UPDATE t SET a = a + 1; ALTER TABLE t DROP b',
    [
      ['applied', /later statement/],
      ['applied', /t\.b does not exist/],
    ],
  ],
  [
    'counting up, not reached',
    '',
    'ALTER TABLE t ADD c int; UPDATE t SET a = a + 1',
    [
      ['pending', /t\.c does not exist/],
      ['pending', /not been reached/],
    ],
  ],
  [
    'a probe that fails',
    '',
    'UPDATE t SET a = 1 WHERE b::int > 1 AND a IS NULL OR b::int > 0 AND a = 10',
    [['conflict', /could not be found out: invalid input syntax/]],
  ],
  ['rows to delete', '', 'DELETE FROM t WHERE a > 10', [['pending', /^1 row that it deletes is still/]]],
  ['deleted', 'DELETE FROM t', 'DELETE FROM t', [['applied', /gone/]]],
  ['delete with USING', '', 'DELETE FROM t USING u WHERE t.id = u.id', [['pending', /^1 row /]]],
  [
    'a guarded INSERT, open',
    '',
    'INSERT INTO t (id) SELECT id FROM u WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = u.id)',
    [['pending', /^1 row that it adds is not in t yet/]],
  ],
  [
    'a guarded INSERT, done',
    'INSERT INTO t VALUES (3)',
    'INSERT INTO t (id) SELECT u.id FROM u LEFT JOIN t ON t.id = u.id WHERE t.id IS NULL',
    [['applied', /no row left/]],
  ],
  [
    'an unguarded INSERT into a table with rows',
    '',
    'INSERT INTO t (id) SELECT id + 10 FROM u',
    [['conflict', /nothing shows whether this INSERT/]],
  ],
  [
    'an unguarded INSERT into an empty table',
    'DELETE FROM t',
    'INSERT INTO t (id) SELECT id FROM u',
    [['pending', /empty, and there are 2 rows to add/]],
  ],
  [
    'an unguarded INSERT into the table of its own step',
    'CREATE TABLE n (id int NOT NULL); INSERT INTO n VALUES (1)',
    'CREATE TABLE n (id int NOT NULL); INSERT INTO n SELECT id FROM u',
    [
      ['applied', /table n exists/i],
      ['applied', /n holds 1 row/],
    ],
  ],
  [
    'aggregates give a row of nothing',
    'DELETE FROM t; DELETE FROM u',
    'INSERT INTO t (id) SELECT count(*) FROM u',
    [['pending', /1 row to add|1 rows to add|there are 1 row/]],
  ],
  [
    'VALUES that are there',
    '',
    "INSERT INTO t (id, a, b) VALUES (1, 10, 'x'), (2, 20, NULL)",
    [['applied', /are in t/]],
  ],
  [
    'VALUES of which one is there',
    '',
    "INSERT INTO t (id, a, b) VALUES (1, 10, 'x'), (4, 1, NULL)",
    [['pending', /^1 row that it adds is not in t/]],
  ],
  [
    'a source that a later statement removed',
    'DROP TABLE u; CREATE INDEX i ON t (a)',
    'INSERT INTO t (id) SELECT id FROM u; DROP TABLE u; CREATE INDEX i ON t (a)',
    [
      ['applied', /can no longer run: statement 2 of step-1 has removed table u/],
      ['applied', /./],
      ['applied', /./],
    ],
  ],
  [
    'a source that nothing explains',
    '',
    'UPDATE t SET a = w.a FROM w WHERE w.id = t.id',
    [['conflict', /needs table w, which does not exist, and no statement/]],
  ],
  [
    'a column that nothing explains',
    '',
    'UPDATE t SET a = zz WHERE a IS NULL',
    [['conflict', /needs column t\.zz/]],
  ],
  [
    'after a statement that still has to run',
    '',
    "UPDATE t SET b = 'p' WHERE b IS NULL; DELETE FROM t WHERE b = 'p'",
    [
      ['pending', /1 row/],
      ['pending', /comes after statement 1 of step-1/],
    ],
  ],
  ['reading changes nothing', '', 'SELECT count(*) FROM t', [['applied', /only reads/]]],
  ['not understood', '', 'DO $$ BEGIN PERFORM f(); END $$', [['pending', /not understood/]]],
  [
    'not understood, passed',
    'ALTER TABLE t DROP b',
    'DO $$ BEGIN PERFORM f(); END $$; ALTER TABLE t DROP b',
    [
      ['applied', /later statement/],
      ['applied', /./],
    ],
  ],
  [
    'a comment that is there',
    "COMMENT ON COLUMN t.a IS 'q'",
    "COMMENT ON COLUMN t.a IS 'q'",
    [['applied', /comment is there/]],
  ],
  [
    'a comment that is not',
    "COMMENT ON TABLE t IS 'p'",
    "COMMENT ON TABLE t IS 'q'",
    [['pending', /comment is not there/]],
  ],
  [
    'a column of another type than was to be added',
    'ALTER TABLE t ADD c text',
    'ALTER TABLE t ADD c int',
    [['conflict', /t\.c is text/]],
  ],
  [
    'half of a statement',
    'ALTER TABLE t DROP a',
    'ALTER TABLE t DROP a, DROP b',
    [['conflict', /Neither as before nor as after/]],
  ],
  [
    'an index that was not finished',
    "CREATE INDEX i ON t (b); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass",
    'CREATE INDEX i ON t (b)',
    [['conflict', /invalid/]],
  ],
  [
    'an index on other columns',
    'CREATE INDEX i ON t (b)',
    'CREATE INDEX i ON t (a)',
    [['conflict', /is over \(b\)/]],
  ],
  ['the schema written out', '', 'ALTER TABLE town.t DROP COLUMN b', [['pending', /t\.b exists/]]],
  ['another schema', '', 'ALTER TABLE elsewhere.t DROP COLUMN b', [['pending', /does not show/]]],
  [
    'nothing is destroyed beside a conflict',
    '',
    'ALTER TABLE t RENAME TO u; DROP TABLE IF EXISTS t',
    [
      ['conflict', /u already exists beside t/],
      ['conflict', /./],
    ],
  ],
])('%s', async (_name, before, sql, expected) => {
  const judged = await judge(before, planFromSql(sql));
  expect(judged).toEqual(expected.map(([state, reason]) => [state, expect.stringMatching(reason)]));
});

describe('several steps', () => {
  function steps(...sqls: string[]): Plan {
    const parts = sqls.map((sql, at) => ({ ...planFromSql(sql).steps[0], id: `step-${at + 1}` }));
    return { steps: parts.map((part) => ({ title: '', words: '', statements: [], ...part })), hash: '' };
  }

  test('a step that needs what an earlier one will make is pending', async () => {
    const plan = steps(
      'ALTER TABLE t RENAME TO n',
      'ALTER TABLE n ADD c int; UPDATE n SET c = 1 WHERE c IS NULL',
    );
    expect((await judge('', plan)).map(([state]) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(
      (await judge('ALTER TABLE t RENAME TO n; ALTER TABLE n ADD c int', plan)).map(([state]) => state),
    ).toEqual(['applied', 'applied', 'pending']);
  });

  test('what holds only because an earlier step has not run is not applied', async () => {
    const plan = steps('CREATE TABLE w (id int)', 'DROP TABLE IF EXISTS w');
    expect((await judge('', plan)).map(([state]) => state)).toEqual(['pending', 'pending']);
  });

  test('rows that an earlier step will change are not evidence yet', async () => {
    const plan = steps('UPDATE t SET a = NULL WHERE a = 10', 'UPDATE t SET a = 0 WHERE a IS NULL');
    expect((await judge('', plan)).map(([state]) => state)).toEqual(['pending', 'pending']);
  });
});

test('an index dropped and built again: applied when it is there, whatever was before', async () => {
  const plan = planFromSql('DROP INDEX IF EXISTS i; CREATE INDEX i ON t (a)');
  expect((await judge('CREATE INDEX i ON t (a)', plan)).map(([state]) => state)).toEqual([
    'applied',
    'applied',
  ]);
  expect((await judge('CREATE INDEX i ON t (b)', plan)).map(([state]) => state)).toEqual([
    'pending',
    'pending',
  ]);
  expect((await judge('', plan)).map(([state]) => state)).toEqual(['applied', 'pending']);
});

test('a NOT NULL taken off and put back: the rows in between decide', async () => {
  const plan = planFromSql(
    'ALTER TABLE t ALTER a DROP NOT NULL; UPDATE t SET a = NULL WHERE a = 10; UPDATE t SET a = 0 WHERE a IS NULL; ALTER TABLE t ALTER a SET NOT NULL',
  );
  const fresh = await judge('ALTER TABLE t ALTER a SET NOT NULL', plan);
  expect(fresh.map(([state]) => state)).toEqual(['pending', 'pending', 'pending', 'pending']);
  const done = await judge('UPDATE t SET a = 0 WHERE a = 10; ALTER TABLE t ALTER a SET NOT NULL', plan);
  expect(done.map(([state]) => state)).toEqual(['applied', 'applied', 'applied', 'applied']);
});
