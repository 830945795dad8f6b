/** What a form is refused for, with a word of the sentence that says why. */
import { ADDING, PLAN, type Animal } from './zoo.ts';

/** What refuses both forms, or one of them; the step itself works as written. */
export const REFUSED: Animal[] = [
  {
    name: 'a column that is added with a sequence',
    plant: [],
    plan: 'UPDATE t SET num = 1 WHERE num > 5; ALTER TABLE t ADD COLUMN nr serial',
    refused: { rewrite: /adds a column that the server fills/, 'copy-and-swap': /that the server fills/ },
  },
  {
    name: 'a name that is free once another table has gone',
    plant: ['CREATE TABLE r (x int CONSTRAINT t_id_num_key UNIQUE)'],
    plan: 'UPDATE t SET num = 1 WHERE num > 5; DROP TABLE r; ALTER TABLE t ADD UNIQUE (id, num)',
    refused: { rewrite: /name depends on/, 'copy-and-swap': /name depends on/ },
  },
  {
    name: 'a name that another table gets once one has gone',
    plant: ['CREATE TABLE r (x int CONSTRAINT q_pkey UNIQUE)', 'CREATE TABLE q (x int)'],
    plan: 'UPDATE t SET num = 1 WHERE num > 5; DROP TABLE r; ALTER TABLE q ADD PRIMARY KEY (x)',
    refused: { 'copy-and-swap': /takes a name that goes with what statement 2 drops/ },
  },
  {
    name: 'no primary key',
    plant: ['ALTER TABLE t DROP CONSTRAINT t_pkey'],
    plan: PLAN,
    refused: { rewrite: /no primary key/, 'copy-and-swap': /no primary key/ },
  },
  {
    name: 'a serial column',
    plant: ['ALTER TABLE t ADD COLUMN nr serial'],
    plan: PLAN,
    refused: { 'copy-and-swap': /sequence t_nr_seq/ },
  },
  {
    name: 'an identity column',
    plant: ['ALTER TABLE t ADD COLUMN nr int GENERATED ALWAYS AS IDENTITY'],
    plan: PLAN,
    refused: { 'copy-and-swap': /identity column/ },
  },
  {
    name: 'a foreign key to another table',
    plant: [
      'CREATE TABLE r (x int PRIMARY KEY)',
      'INSERT INTO r SELECT generate_series(1, 60)',
      'ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES r',
    ],
    plan: PLAN,
    refused: { 'copy-and-swap': /foreign key t_id_fkey/ },
  },
  {
    name: 'a foreign key from another table',
    plant: ['CREATE TABLE r (x int REFERENCES t (id))', 'INSERT INTO r VALUES (1)'],
    plan: PLAN,
    refused: { 'copy-and-swap': /foreign key to the table/ },
  },
  {
    name: 'a foreign key from another table on a column that is written',
    plant: [
      'ALTER TABLE t ADD UNIQUE (id, num)',
      'CREATE TABLE r (x int, y int, FOREIGN KEY (x, y) REFERENCES t (id, num) ON UPDATE CASCADE)',
      'INSERT INTO r VALUES (1, 1)',
    ],
    plan: PLAN,
    refused: { rewrite: /may point at id and num/, 'copy-and-swap': /foreign key to the table/ },
  },
  {
    name: 'a view',
    plant: ['CREATE VIEW v AS SELECT id, num FROM t'],
    plan: PLAN,
    refused: { rewrite: /view public.v /, 'copy-and-swap': /view public.v / },
  },
  {
    name: 'a view when only a new column is written',
    plant: ['CREATE VIEW v AS SELECT id, num FROM t'],
    plan: ADDING,
    refused: { 'copy-and-swap': /view public.v / },
  },
  {
    name: 'a trigger that runs at an UPDATE',
    plant: [
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.kept := NEW.kept || NEW.num; RETURN NEW; END$$',
      'CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()',
    ],
    plan: PLAN,
    refused: { rewrite: /trigger g runs at every UPDATE/, 'copy-and-swap': /trigger g/ },
  },
  {
    name: 'a trigger that runs at an INSERT',
    plant: [
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    ],
    plan: PLAN,
    refused: { 'copy-and-swap': /trigger g/ },
  },
  {
    name: 'a policy',
    plant: ["CREATE POLICY p ON t USING (kept <> 'x')", 'ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
    plan: ADDING,
    refused: { 'copy-and-swap': /policy p/ },
  },
  {
    name: 'a rule',
    plant: [
      'CREATE TABLE seen (x int)',
      'CREATE RULE l AS ON DELETE TO t DO ALSO INSERT INTO seen VALUES (OLD.id)',
    ],
    plan: ADDING,
    refused: { rewrite: /rule l/, 'copy-and-swap': /rule l/ },
  },
  {
    name: 'a publication',
    plant: ['CREATE PUBLICATION pub FOR TABLE t'],
    plan: PLAN,
    refused: { rewrite: /publication pub/, 'copy-and-swap': /publication pub/ },
  },
  {
    name: 'a publication of all tables',
    plant: ['CREATE PUBLICATION pub FOR ALL TABLES'],
    plan: PLAN,
    refused: { rewrite: /publication pub/, 'copy-and-swap': /publication pub/ },
  },
  {
    name: 'a child table',
    plant: ['CREATE TABLE c () INHERITS (t)'],
    plan: PLAN,
    refused: { rewrite: /inherits/, 'copy-and-swap': /inherits/ },
  },
  {
    name: 'its row type in use',
    plant: ['CREATE TABLE w (x t)'],
    plan: PLAN,
    refused: { rewrite: /row type/, 'copy-and-swap': /row type/ },
  },
  {
    name: 'an unlogged table',
    plant: ['ALTER TABLE t SET UNLOGGED'],
    plan: PLAN,
    refused: { rewrite: /unlogged/, 'copy-and-swap': /unlogged/ },
  },
  {
    name: 'a constraint that has not been validated',
    plant: ['ALTER TABLE t ADD CONSTRAINT c CHECK (num > -5) NOT VALID'],
    plan: PLAN,
    refused: { rewrite: /constraint c has not been validated/, 'copy-and-swap': /validated/ },
  },
  {
    name: 'an exclusion constraint',
    plant: ['ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING btree (id WITH =)'],
    plan: PLAN,
    refused: { 'copy-and-swap': /constraint x/ },
  },
  {
    name: 'row security that is forced',
    plant: ['ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'],
    plan: PLAN,
    refused: { rewrite: /forced/, 'copy-and-swap': /forced/ },
  },
];

const both = (why: RegExp): Animal['refused'] => ({ rewrite: why, 'copy-and-swap': why });

/** Steps whose shape does not fit. */
export const SHAPES: Animal[] = [
  {
    name: 'a sub-select',
    plant: [],
    plan: 'UPDATE t SET num = (SELECT max(id) FROM t AS x)',
    refused: both(/another table|sub-select/),
  },
  {
    name: 'a join',
    plant: ['CREATE TABLE o (id int)'],
    plan: 'UPDATE t SET num = 1 FROM o WHERE o.id = t.id',
    refused: both(/another table/),
  },
  {
    name: 'rows deleted',
    plant: [],
    plan: 'DELETE FROM t WHERE id = 3; UPDATE t SET num = 1',
    refused: both(/Statement 1 deletes rows/),
  },
  {
    name: 'rows added',
    plant: [],
    plan: 'INSERT INTO t (id) VALUES (99); UPDATE t SET num = 1',
    refused: both(/Statement 1 adds rows/),
  },
  {
    name: 'random values',
    plant: [],
    plan: 'UPDATE t SET num = (random() * 0)::int',
    refused: both(/random\(\)/),
  },
  {
    name: 'another statement reads it',
    plant: ['CREATE TABLE o (n bigint)'],
    plan: 'UPDATE t SET num = 1; INSERT INTO o SELECT count(*) FROM t',
    refused: both(/Statement 2 uses t/),
  },
  {
    name: 'no rows written',
    plant: [],
    plan: 'ALTER TABLE t DROP COLUMN gone',
    refused: both(/rewrites no table/),
  },
  {
    name: 'not understood',
    plant: [`CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT'`],
    plan: "UPDATE t SET num = 1; DO 'BEGIN PERFORM f(); END'",
    refused: both(/Statement 2 is not understood/),
  },
  {
    name: 'a whole row',
    plant: [],
    plan: 'UPDATE t SET kept = t::text',
    refused: both(/no column of the table/),
  },
  {
    name: 'a system column',
    plant: [],
    plan: 'UPDATE t SET kept = xmin::text',
    refused: both(/no column of the table/),
  },
  {
    name: 'a part of a value',
    plant: ['ALTER TABLE t ADD COLUMN l int[]'],
    plan: 'UPDATE t SET l[1] = 3',
    refused: both(/part of a value/),
  },
  {
    name: 'a value padded in between',
    plant: ['ALTER TABLE t ADD COLUMN p char(5)'],
    plan: "UPDATE t SET p = 'x'; UPDATE t SET kept = p || '|'",
    refused: both(/may change values/),
  },
];
