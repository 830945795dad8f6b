/** What is planted on a table, and what must be found of it. */
import type { Attachment } from '../../src/postgres/types.ts';

/** The table every case starts from. */
export const TABLE = [
  'CREATE TABLE t (id int PRIMARY KEY, kept text, gone text, num int)',
  "INSERT INTO t VALUES (1, 'k', 'g', 5)",
];
/** What happens to it: renamed, and one column dropped. */
export const PLAN = 'ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN gone;';

export interface Case {
  name: string;
  plant: string[];
  kind: string;
  outcome: Attachment['outcome'];
  plan?: string;
  /** Run after the plan, in its transaction: the single value must be true. For `breaks` the plan must fail. */
  proof?: string;
  /** Run after the plan: must fail with this SQLSTATE. */
  fails?: [sql: string, sqlstate: string];
}

const trigger = (body: string): string =>
  `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${body} END$$`;
const NOTHING = trigger('RETURN NEW;');

/** The 31 kinds of mechanics: what hangs on a table whose name changes and that loses a column. */
export const MEASURED: Case[] = [
  {
    name: 'view on a dropped column',
    plant: ['CREATE VIEW v AS SELECT gone FROM t'],
    kind: 'view',
    outcome: 'breaks',
  },
  {
    name: 'function with a parsed body on a dropped column',
    plant: ['CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT max(gone) FROM t; END'],
    kind: 'function with a parsed body',
    outcome: 'breaks',
  },
  {
    name: 'UPDATE OF trigger on a dropped column',
    plant: [NOTHING, 'CREATE TRIGGER g BEFORE UPDATE OF gone ON t FOR EACH ROW EXECUTE FUNCTION f()'],
    kind: 'trigger',
    outcome: 'breaks',
  },
  {
    name: 'policy on a dropped column',
    plant: ["CREATE POLICY p ON t USING (gone = 'x')"],
    kind: 'policy',
    outcome: 'breaks',
  },
  {
    name: 'publication column list with a dropped column',
    plant: ['CREATE PUBLICATION pub FOR TABLE t (id, gone)'],
    kind: 'publication column list',
    outcome: 'breaks',
  },
  {
    name: 'publication row filter on a dropped column',
    plant: ["CREATE PUBLICATION pub FOR TABLE t WHERE (gone = 'x')"],
    kind: 'publication row filter',
    outcome: 'breaks',
  },
  {
    name: 'generated column from a dropped column',
    plant: ["ALTER TABLE t ADD COLUMN made text GENERATED ALWAYS AS (gone || 'x') STORED"],
    kind: 'generated column',
    outcome: 'breaks',
  },
  {
    name: 'foreign key to a dropped column',
    plant: ['ALTER TABLE t ADD UNIQUE (gone)', 'CREATE TABLE r (x text REFERENCES t (gone))'],
    kind: 'foreign key to the table',
    outcome: 'breaks',
  },
  {
    name: 'view on kept columns',
    plant: ['CREATE VIEW v AS SELECT kept FROM t'],
    kind: 'view',
    outcome: 'follows',
    proof: "SELECT kept = 'k' FROM v",
  },
  {
    name: 'materialized view on kept columns',
    plant: ['CREATE MATERIALIZED VIEW m AS SELECT kept FROM t'],
    kind: 'materialized view',
    outcome: 'follows',
    proof: "SELECT pg_get_viewdef('m'::regclass) LIKE '%FROM u%'",
  },
  {
    name: 'rule on kept columns',
    plant: [
      'CREATE TABLE seen (kept text)',
      'CREATE RULE l AS ON DELETE TO t DO ALSO INSERT INTO seen VALUES (OLD.kept)',
    ],
    kind: 'rule',
    outcome: 'follows',
    plan: `${PLAN} DELETE FROM u;`,
    proof: 'SELECT count(*) = 1 FROM seen',
  },
  {
    name: 'foreign key to kept columns',
    plant: ['CREATE TABLE r (x int REFERENCES t (id))'],
    kind: 'foreign key to the table',
    outcome: 'follows',
    fails: ['INSERT INTO r VALUES (99)', '23503'],
  },
  {
    name: 'inheriting child',
    plant: ['CREATE TABLE c () INHERITS (t)'],
    kind: 'child table',
    outcome: 'follows',
    proof:
      "SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'c'::regclass AND attname = 'gone' AND NOT attisdropped",
  },
  {
    name: 'SQL function with a string body',
    plant: ["CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t'"],
    kind: 'function that names the table',
    outcome: 'lost',
    fails: ['SELECT f()', '42P01'],
  },
  {
    name: 'plpgsql function',
    plant: [
      "CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM t); END'",
    ],
    kind: 'function that names the table',
    outcome: 'lost',
    fails: ['SELECT f()', '42P01'],
  },
  {
    name: 'trigger body that names a dropped column',
    plant: [
      trigger('NEW.gone := upper(NEW.gone); RETURN NEW;'),
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    ],
    kind: 'trigger',
    outcome: 'lost',
    fails: ['INSERT INTO u (id) VALUES (2)', '42703'],
  },
  // dropped without a word
  {
    name: 'check on a dropped column',
    plant: ['ALTER TABLE t ADD CONSTRAINT c CHECK (gone <> kept)'],
    kind: 'check constraint',
    outcome: 'lost',
    proof: "SELECT count(*) = 0 FROM pg_constraint WHERE conrelid = 'u'::regclass AND contype = 'c'",
  },
  {
    name: 'statistics over a dropped column',
    plant: ['CREATE STATISTICS st ON kept, gone FROM t'],
    kind: 'statistics',
    outcome: 'lost',
    proof: "SELECT count(*) = 0 FROM pg_statistic_ext WHERE stxname = 'st' AND stxrelid = 'u'::regclass",
  },
  {
    name: 'index over a dropped column',
    plant: ['CREATE INDEX i ON t (kept) WHERE gone IS NOT NULL'],
    kind: 'index',
    outcome: 'lost',
    proof: "SELECT to_regclass('i') IS NULL",
  },
  // kept on the table
  {
    name: 'index on kept columns',
    plant: ['CREATE INDEX i ON t (lower(kept))'],
    kind: 'index',
    outcome: 'follows',
    proof: "SELECT indrelid = 'u'::regclass FROM pg_index WHERE indexrelid = 'i'::regclass",
  },
  {
    name: 'grant',
    plant: ['GRANT SELECT ON t TO PUBLIC'],
    kind: 'grant',
    outcome: 'follows',
    proof: "SELECT relacl::text LIKE '%=r/%' FROM pg_class WHERE oid = 'u'::regclass",
  },
  {
    name: 'column grant',
    plant: ['GRANT SELECT (kept) ON t TO PUBLIC'],
    kind: 'column grant',
    outcome: 'follows',
    proof: "SELECT attacl IS NOT NULL FROM pg_attribute WHERE attrelid = 'u'::regclass AND attname = 'kept'",
  },
  {
    name: 'comment',
    plant: ["COMMENT ON TABLE t IS 'words'"],
    kind: 'comment',
    outcome: 'follows',
    proof: "SELECT obj_description('u'::regclass, 'pg_class') = 'words'",
  },
  {
    name: 'fillfactor',
    plant: ['ALTER TABLE t SET (fillfactor = 70)'],
    kind: 'storage parameters',
    outcome: 'follows',
    proof: "SELECT reloptions = '{fillfactor=70}' FROM pg_class WHERE oid = 'u'::regclass",
  },
  {
    name: 'replica identity full',
    plant: ['ALTER TABLE t REPLICA IDENTITY FULL'],
    kind: 'replica identity',
    outcome: 'follows',
    proof: "SELECT relreplident = 'f' FROM pg_class WHERE oid = 'u'::regclass",
  },
  {
    name: 'row-level security',
    plant: ['ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
    kind: 'row-level security',
    outcome: 'follows',
    proof: "SELECT relrowsecurity FROM pg_class WHERE oid = 'u'::regclass",
  },
  {
    name: 'policy on kept columns',
    plant: ["CREATE POLICY p ON t USING (kept = 'x')"],
    kind: 'policy',
    outcome: 'follows',
    proof: "SELECT polrelid = 'u'::regclass FROM pg_policy WHERE polname = 'p' AND polrelid = 'u'::regclass",
  },
  {
    name: 'replica identity of an index over a dropped column',
    plant: [
      'ALTER TABLE t ALTER gone SET NOT NULL',
      'CREATE UNIQUE INDEX i ON t (gone)',
      'ALTER TABLE t REPLICA IDENTITY USING INDEX i',
      "CREATE PUBLICATION pub FOR ALL TABLES WITH (publish = 'update')",
    ],
    kind: 'replica identity',
    outcome: 'lost',
    fails: ["UPDATE u SET kept = 'z'", '55000'],
  },
  {
    name: 'row type as the type of a column',
    plant: ['CREATE TABLE w (x t)'],
    kind: 'row type',
    outcome: 'follows',
    proof:
      "SELECT format_type(atttypid, NULL) = 'u' FROM pg_attribute WHERE attrelid = 'w'::regclass AND attname = 'x'",
  },
  {
    name: 'publication of the table',
    plant: ['CREATE PUBLICATION pub FOR TABLE t'],
    kind: 'publication',
    outcome: 'lost',
    proof: "SELECT tablename = 'u' FROM pg_publication_tables WHERE pubname = 'pub'",
  },
  {
    name: 'publication of all tables',
    plant: ['CREATE PUBLICATION pub FOR ALL TABLES'],
    kind: 'publication',
    outcome: 'lost',
    proof:
      "SELECT bool_or(tablename = 'u') AND NOT bool_or(tablename = 't') FROM pg_publication_tables WHERE pubname = 'pub'",
  },
];

const DROP = 'DROP TABLE t;';

/** Beyond those: dropped tables, changed types, and rarer kinds. */
export const MORE: Case[] = [
  {
    name: 'view on a dropped table',
    plant: ['CREATE VIEW v AS SELECT id FROM t'],
    kind: 'view',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'view on a table dropped with CASCADE',
    plant: ['CREATE VIEW v AS SELECT id FROM t'],
    kind: 'view',
    outcome: 'lost',
    plan: 'DROP TABLE t CASCADE;',
    proof: "SELECT to_regclass('v') IS NULL",
  },
  {
    name: 'foreign key to a dropped table',
    plant: ['CREATE TABLE r (x int REFERENCES t (id))'],
    kind: 'foreign key to the table',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'child of a dropped table',
    plant: ['CREATE TABLE c () INHERITS (t)'],
    kind: 'child table',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'row type of a dropped table',
    plant: ['CREATE TABLE w (x t[])'],
    kind: 'row type',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'function that takes a row of a dropped table',
    plant: ["CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    kind: 'row type',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'grant on a dropped table',
    plant: ['GRANT SELECT ON t TO PUBLIC'],
    kind: 'grant',
    outcome: 'lost',
    plan: DROP,
    proof: "SELECT to_regclass('t') IS NULL",
  },
  {
    name: 'sequence that another table draws from',
    plant: ['CREATE SEQUENCE s OWNED BY t.num', "CREATE TABLE r (x int DEFAULT nextval('s'))"],
    kind: 'sequence used elsewhere',
    outcome: 'breaks',
    plan: DROP,
  },
  {
    name: 'view over a column that changes its type',
    plant: ['CREATE VIEW v AS SELECT num FROM t'],
    kind: 'view',
    outcome: 'breaks',
    plan: 'ALTER TABLE t ALTER COLUMN num TYPE bigint;',
  },
  {
    name: 'row type in use while a column changes its type',
    plant: ['CREATE TABLE w (x t)'],
    kind: 'row type',
    outcome: 'breaks',
    plan: 'ALTER TABLE t ALTER COLUMN num TYPE text;',
  },
  {
    name: 'inherited column',
    plant: ['CREATE TABLE p (gone text)', 'ALTER TABLE t INHERIT p'],
    kind: 'parent table',
    outcome: 'breaks',
  },
  {
    name: 'foreign key of a dropped column',
    plant: [
      'CREATE TABLE r (x text PRIMARY KEY)',
      "INSERT INTO r VALUES ('g')",
      'ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (gone) REFERENCES r',
    ],
    kind: 'foreign key of the table',
    outcome: 'lost',
    proof: "SELECT count(*) = 0 FROM pg_constraint WHERE conname = 'k' AND conrelid = 'u'::regclass",
  },
  {
    name: 'constraint dropped and put back',
    plant: [
      'CREATE TABLE r (x text PRIMARY KEY)',
      "INSERT INTO r VALUES ('k')",
      'ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (kept) REFERENCES r',
    ],
    kind: 'foreign key of the table',
    outcome: 'restored',
    plan: 'ALTER TABLE t DROP CONSTRAINT k; ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (kept) REFERENCES r;',
    proof: "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'k' AND conrelid = 't'::regclass",
  },
  {
    name: 'unique constraint over a dropped column',
    plant: ['ALTER TABLE t ADD CONSTRAINT k UNIQUE (kept, gone)'],
    kind: 'key or exclusion constraint',
    outcome: 'lost',
    proof: "SELECT count(*) = 0 FROM pg_constraint WHERE conname = 'k' AND conrelid = 'u'::regclass",
  },
  {
    name: 'comment on a dropped column',
    plant: ["COMMENT ON COLUMN t.gone IS 'words'"],
    kind: 'column comment',
    outcome: 'lost',
    proof: "SELECT count(*) = 0 FROM pg_description WHERE objoid = 'u'::regclass",
  },
  {
    name: 'trigger body that names the table',
    plant: [
      trigger('PERFORM count(*) FROM t; RETURN NEW;'),
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    ],
    kind: 'trigger',
    outcome: 'lost',
    fails: ['INSERT INTO u (id) VALUES (2)', '42P01'],
  },
  {
    name: 'event trigger',
    plant: [
      'CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$',
      'CREATE EVENT TRIGGER backout_test_event ON ddl_command_end EXECUTE FUNCTION f()',
    ],
    kind: 'event trigger',
    outcome: 'follows',
    proof: "SELECT evtenabled = 'O' FROM pg_event_trigger WHERE evtname = 'backout_test_event'",
  },
];
