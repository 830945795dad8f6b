/** Small plans of every kind: rolled back and undone, everything is what it was. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import type { Form } from '../../src/sql/procedure/types.ts';
import { benchWith, changes, inOrder, planOfTexts, rollBack, stateOf, undo } from './support.ts';

beforeAll(loadParser);

const RUN = '20260101-0000-aaaa';
const UNDO = '20260101-0001-bbbb';

interface Case {
  name: string;
  tables: string[];
  /** One text a step. */
  plan: string[];
}

const VALUES = `INSERT INTO odd VALUES
  (1, NULL, NULL, NULL, NULL, NULL, NULL), (2, '', 'NaN', '{}', '{}', '', NULL),
  (3, 'it''s "quoted" \\ back', '-Infinity', ARRAY['a,b', NULL, 'ü'], '{"a": [1.0, null]}', '\\x00ff', 1.50),
  (4, E'line\\nbreak\\t\\u202e', 0.1, ARRAY['{}'], 'null', '\\x', -0.0), (5, 'ünï 漢字 😀', 1e300, NULL, '"x"', NULL, 'NaN')`;
const ODD = 'CREATE TABLE odd (id int PRIMARY KEY, t text, f float8, a text[], j jsonb, b bytea, n numeric)';

const CASES: Case[] = [
  {
    name: 'odd values in dropped columns',
    tables: [ODD, VALUES],
    plan: [
      'ALTER TABLE odd DROP COLUMN t, DROP COLUMN f, DROP COLUMN a, DROP COLUMN j, DROP COLUMN b, DROP COLUMN n',
    ],
  },
  {
    name: 'odd values overwritten',
    tables: [ODD, VALUES],
    plan: [
      "UPDATE odd SET t = 'x', f = 0, a = NULL, j = '{}', b = '\\x01', n = 7 WHERE id <> 4; ALTER TABLE odd RENAME TO even",
    ],
  },
  {
    name: 'odd values in a deleted and a dropped table',
    tables: [ODD, VALUES, 'CREATE TABLE copy (LIKE odd)', 'INSERT INTO copy SELECT * FROM odd'],
    plan: ['DELETE FROM odd WHERE id > 2', 'DROP TABLE copy'],
  },
  {
    name: 'a composite key, capitals and quotes in names',
    tables: [
      `CREATE TABLE "Odd ""T""" ("A b" int, "c'd" varchar(10), "select" text DEFAULT 'dflt', PRIMARY KEY ("A b", "c'd"))`,
      `INSERT INTO "Odd ""T""" VALUES (1, 'a', 'x'), (1, 'b', NULL), (2, 'a', 'z')`,
    ],
    plan: [
      `UPDATE "Odd ""T""" SET "select" = 'y'; ALTER TABLE "Odd ""T""" RENAME COLUMN "select" TO "Sel""ect"; ALTER TABLE "Odd ""T""" RENAME TO "Odd;T"`,
    ],
  },
  {
    name: 'no key: updates, dropped columns, equal rows',
    tables: [
      'CREATE TABLE bare (a int, b text, c text)',
      "INSERT INTO bare VALUES (1, 'x', 'p'), (1, 'x', 'p'), (NULL, NULL, NULL), (2, 'y', 'q')",
    ],
    plan: ["UPDATE bare SET b = 'z'; ALTER TABLE bare DROP COLUMN c"],
  },
  {
    name: 'no key: deletes and inserts',
    tables: ['CREATE TABLE bare (a int, b text)', "INSERT INTO bare VALUES (1, 'x'), (1, 'x'), (2, 'y')"],
    plan: ['DELETE FROM bare WHERE a = 1', "INSERT INTO bare VALUES (9, 'new'), (9, 'new')"],
  },
  {
    name: 'inserts, updates and deletes in one step',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      "INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 9) AS n",
    ],
    plan: [
      "INSERT INTO t VALUES (20, 'in'), (21, 'in'); UPDATE t SET v = 'up' WHERE id IN (2, 20); DELETE FROM t WHERE id IN (3, 21); UPDATE t SET v = 'again' WHERE id = 4",
    ],
  },
  {
    name: 'delete by a join, an alias and a WITH',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      "INSERT INTO t SELECT n, 'v' FROM generate_series(1, 9) AS n",
      'CREATE TABLE u (t int, w text)',
      "INSERT INTO u VALUES (1, 'a'), (1, 'b'), (5, 'a')",
    ],
    plan: [
      'DELETE FROM t AS x USING u AS y WHERE x.id = y.t; WITH k AS (SELECT 7 AS n) DELETE FROM t WHERE id IN (SELECT n FROM k)',
    ],
  },
  {
    name: 'renamed column, then deleted and overwritten under the new name',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text, w text)',
      "INSERT INTO t SELECT n, 'v' || n, 'w' FROM generate_series(1, 5) AS n",
    ],
    plan: [
      "ALTER TABLE t RENAME COLUMN v TO u; UPDATE t SET u = 'x' WHERE id < 4; DELETE FROM t WHERE u = 'v5'; ALTER TABLE t RENAME TO s",
    ],
  },
  {
    name: 'everything that hangs on dropped columns',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 5, b text COLLATE "C", c int CONSTRAINT c_positive CHECK (c > 0), d int, e text)',
      "INSERT INTO t SELECT n, n, 'b' || n, n, n, NULL FROM generate_series(1, 5) AS n",
      'CREATE INDEX t_a ON t (a) WHERE b IS NOT NULL',
      'CREATE UNIQUE INDEX t_ab ON t (a DESC, lower(b)) INCLUDE (c)',
      'ALTER TABLE t ADD CONSTRAINT t_d_key UNIQUE (d)',
      'CREATE STATISTICS t_stat ON a, d FROM t',
      "COMMENT ON COLUMN t.a IS 'it''s a'",
      "COMMENT ON INDEX t_a IS 'index'",
      "COMMENT ON CONSTRAINT c_positive ON t IS 'check'",
      "COMMENT ON STATISTICS t_stat IS 'st'",
      'ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL, ALTER COLUMN b SET STATISTICS 77, ALTER COLUMN d SET (n_distinct = 5)',
      'GRANT SELECT (a, b), UPDATE (a) ON t TO PUBLIC',
      'GRANT SELECT ON t TO pg_monitor',
    ],
    plan: ['ALTER TABLE t DROP COLUMN a, DROP COLUMN b, DROP COLUMN c, DROP COLUMN d'],
  },
  {
    name: 'indexes, constraints, defaults and NOT NULL dropped by name',
    tables: [
      "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 5, b text DEFAULT 'x', CONSTRAINT ab CHECK (a > 0 OR b = 'x'), UNIQUE (a, b))",
      "INSERT INTO t VALUES (1, 1, 'p'), (2, 2, NULL)",
      'CREATE INDEX t_b ON t (b)',
      "COMMENT ON COLUMN t.b IS 'b'",
    ],
    plan: [
      "DROP INDEX t_b; ALTER TABLE t DROP CONSTRAINT ab, DROP CONSTRAINT t_a_b_key, ALTER COLUMN a DROP NOT NULL, ALTER COLUMN a DROP DEFAULT, ALTER COLUMN b SET DEFAULT 'y'; ALTER TABLE t RENAME CONSTRAINT t_pkey TO the_key; COMMENT ON COLUMN t.b IS 'other'",
    ],
  },
  {
    name: 'types changed and changed back',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20) NOT NULL)',
      "INSERT INTO t VALUES (1, 10, '5'), (2, NULL, '7')",
      'CREATE INDEX t_a ON t (a)',
    ],
    plan: ['ALTER TABLE t ALTER COLUMN a TYPE text, ALTER COLUMN b TYPE int USING b::int'],
  },
  {
    name: 'generated, identity and serial columns dropped',
    tables: [
      'CREATE TABLE t (k int PRIMARY KEY, w int, g int GENERATED ALWAYS AS (w * 2) STORED, i int GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), s serial)',
      'INSERT INTO t (k, w) SELECT n, n FROM generate_series(1, 4) AS n',
    ],
    plan: ['ALTER TABLE t DROP COLUMN g, DROP COLUMN i, DROP COLUMN s'],
  },
  {
    name: 'generated column follows an overwritten one',
    tables: [
      'CREATE TABLE t (k int PRIMARY KEY, w int, g int GENERATED ALWAYS AS (w * 2) STORED)',
      'INSERT INTO t (k, w) SELECT n, n FROM generate_series(1, 4) AS n',
    ],
    plan: ['UPDATE t SET w = w + 1'],
  },
  {
    name: 'tables with keys, sequences and foreign keys dropped, a new one made',
    tables: [
      'CREATE TABLE p (id bigserial PRIMARY KEY, n text UNIQUE)',
      "INSERT INTO p (n) VALUES ('a'), ('b')",
      'CREATE TABLE c (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, p bigint REFERENCES p ON DELETE CASCADE, parent int REFERENCES c)',
      'INSERT INTO c (p, parent) VALUES (1, NULL), (2, 1)',
      'CREATE STATISTICS c_st ON p, parent FROM c',
      'GRANT SELECT ON c TO PUBLIC',
      "COMMENT ON TABLE c IS 'c'",
      'ALTER TABLE c ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY pol ON c USING (p > 0)',
    ],
    plan: [
      'DROP TABLE c; CREATE TABLE q (id int PRIMARY KEY, n text); INSERT INTO q SELECT id, n FROM p; CREATE INDEX q_n ON q (n)',
      'DROP TABLE IF EXISTS p, nowhere',
    ],
  },
  {
    name: 'a table dropped and another made under its name',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      "INSERT INTO t VALUES (1, 'x')",
      'CREATE INDEX t_v ON t (v)',
    ],
    plan: ['DROP TABLE t; CREATE TABLE t (id bigint PRIMARY KEY, other text); CREATE INDEX t_v ON t (other)'],
  },
  {
    name: 'a table altered and then dropped',
    tables: [
      'CREATE TABLE t (id serial PRIMARY KEY, v text, w int CHECK (w > 0))',
      "INSERT INTO t (v, w) VALUES ('x', 1), ('y', 2)",
      'CREATE INDEX t_v ON t (v)',
      'GRANT SELECT ON t TO PUBLIC',
    ],
    plan: ['DROP INDEX t_v; ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN w; DROP TABLE u'],
  },
  {
    name: 'a column dropped and added again as another',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
      "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
    ],
    plan: ['ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD COLUMN v int DEFAULT 3'],
  },
  {
    name: 'two names exchanged by a step',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, a text, b text)',
      "INSERT INTO t VALUES (1, 'a1', 'b1'), (2, NULL, 'b2')",
    ],
    plan: [
      'ALTER TABLE t ADD COLUMN c text; UPDATE t SET c = a || b; ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME COLUMN b TO a',
    ],
  },
  {
    name: 'rows deleted from two tables tied by a foreign key',
    tables: [
      'CREATE TABLE p (id int PRIMARY KEY)',
      'CREATE TABLE a (id int PRIMARY KEY, p int REFERENCES p)',
      'INSERT INTO p VALUES (1), (2)',
      'INSERT INTO a VALUES (1, 1), (2, 2)',
    ],
    plan: ['DELETE FROM a WHERE id = 1; DELETE FROM p WHERE id = 1'],
  },
  {
    name: 'a table dropped with CASCADE',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      "INSERT INTO t VALUES (1, 'x'), (2, NULL)",
      'CREATE VIEW seen AS SELECT * FROM t',
    ],
    plan: ['DROP TABLE t CASCADE'],
  },
  {
    name: 'several steps on one table',
    tables: [
      'CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text)',
      "INSERT INTO t SELECT n, 'a' || n, 'b' || n, NULLIF('c' || n, 'c2') FROM generate_series(1, 4) AS n",
    ],
    plan: [
      "UPDATE t SET a = 'x' WHERE id < 3; ALTER TABLE t DROP COLUMN b",
      "UPDATE t SET a = 'y', c = NULL; ALTER TABLE t RENAME TO u",
      'DELETE FROM u WHERE id = 1',
    ],
  },
];

const FORMS: Form[] = ['as-written', 'rewrite', 'copy-and-swap'];

describe('rolled back and undone in every form that is offered', () => {
  it.each(CASES)('$name', async ({ tables, plan }) => {
    const made = planOfTexts(...plan);
    for (const form of FORMS) {
      const bench = await benchWith(...tables);
      const { session } = bench;
      const before = await stateOf(session);
      const forms = await rollBack(session, { run: RUN, plan: made, form, position: inOrder(made) });
      if (forms.includes(form)) {
        expect(changes(before, await stateOf(session))).not.toEqual([]);
        await undo(session, RUN, UNDO);
        expect(changes(before, await stateOf(session)), form).toEqual([]);
        const open = `SELECT step FROM backout.step WHERE undone_by IS NULL AND run = '${RUN}'`;
        expect((await session.query(open)).rows).toEqual([]);
      }
      await bench.close();
    }
  });
});
