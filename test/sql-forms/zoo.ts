/** Tables of all sorts, and a step on each. */

export interface Animal {
  name: string;
  plant: string[];
  plan: string;
  /** Forms that are refused, with a word of the sentence that says why. */
  refused?: Partial<Record<'rewrite' | 'copy-and-swap', RegExp>>;
}

const TABLE = 'CREATE TABLE t (id int PRIMARY KEY, kept text, gone text, num int)';
const ROWS =
  "INSERT INTO t SELECT n, 'k' || n, CASE WHEN n % 3 > 0 THEN 'g' || n END, n % 7 FROM generate_series(1, 60) n";
export const BASE = [TABLE, ROWS];

/** Renames, adds and fills a column, writes two others, drops one. */
export const PLAN = `
  ALTER TABLE t RENAME TO u;
  ALTER TABLE u ADD COLUMN made varchar(20);
  UPDATE u SET made = COALESCE(gone, 'none'), num = num + 1;
  UPDATE u SET made = 'seven' WHERE num = 7;
  ALTER TABLE u ALTER COLUMN made SET NOT NULL;
  ALTER TABLE u DROP COLUMN gone;
  CREATE INDEX u_made ON u (made);`;

/** The same without a change to a column that is there. */
export const ADDING = PLAN.replace(', num = num + 1', '');

const role = (name: string): string =>
  `DO $$ BEGIN CREATE ROLE ${name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`;

/** All of these end the same in every form that is offered, and each form is unless `refused` says why not. */
export const ANIMALS: Animal[] = [
  { name: 'a plain table', plant: [], plan: PLAN },
  {
    name: 'grants, of columns too, with grant options',
    plant: [
      role('zoo_reader'),
      role('zoo_writer'),
      'GRANT SELECT ON t TO PUBLIC',
      'GRANT SELECT, UPDATE ON t TO zoo_reader WITH GRANT OPTION',
      'GRANT UPDATE (kept) ON t TO zoo_writer',
      'GRANT SELECT (num) ON t TO zoo_writer WITH GRANT OPTION',
      'REVOKE TRUNCATE ON t FROM postgres',
    ],
    plan: PLAN,
  },
  {
    name: 'another owner',
    plant: [
      role('zoo_owner'),
      'GRANT CREATE ON SCHEMA public TO zoo_owner',
      'ALTER TABLE t OWNER TO zoo_owner',
    ],
    plan: PLAN,
  },
  {
    name: 'default privileges that a new table would be given',
    plant: [role('zoo_reader'), 'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO zoo_reader'],
    plan: PLAN,
  },
  {
    name: 'comments on everything',
    plant: [
      'CREATE INDEX i ON t (kept)',
      'ALTER TABLE t ADD CONSTRAINT c CHECK (num >= 0)',
      "COMMENT ON TABLE t IS 'a ''table'''",
      "COMMENT ON COLUMN t.num IS E'a\\\\column'",
      "COMMENT ON INDEX i IS 'an index'",
      "COMMENT ON CONSTRAINT c ON t IS 'a check'",
      "COMMENT ON INDEX t_pkey IS 'a key'",
    ],
    plan: PLAN,
  },
  {
    name: 'storage, compression, targets and options',
    plant: [
      'ALTER TABLE t ALTER kept SET STORAGE EXTERNAL, ALTER kept SET STATISTICS 321',
      'ALTER TABLE t ALTER gone SET STORAGE MAIN',
      'ALTER TABLE t ALTER kept SET COMPRESSION pglz',
      'ALTER TABLE t ALTER num SET (n_distinct = -0.5)',
      'ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false)',
    ],
    plan: PLAN.replace('num = num + 1', 'num = num + 1, kept = upper(kept)'),
  },
  {
    name: 'a collation of its own on a column that is written',
    plant: ['ALTER TABLE t ALTER kept TYPE text COLLATE "C"', 'CREATE INDEX i ON t (kept)'],
    plan: PLAN.replace('num = num + 1', 'num = num + 1, kept = upper(kept)'),
  },
  {
    name: 'a new column made of one with a collation of its own, another compared with it',
    plant: ['ALTER TABLE t ALTER kept TYPE text COLLATE "C", ADD COLUMN other varchar(9) COLLATE "POSIX"'],
    plan: `ALTER TABLE t ADD COLUMN made varchar(30);
      UPDATE t SET made = COALESCE(kept, 'none'), other = lower(kept);
      UPDATE t SET made = upper(gone) WHERE made < 'k3' AND gone IS NOT NULL;
      CREATE INDEX t_made ON t (made);`,
  },
  {
    name: 'checks, unique and deferrable constraints, keys over several columns',
    plant: [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (num >= 0 AND kept <> gone)',
      'ALTER TABLE t ADD CONSTRAINT q UNIQUE (kept, num) DEFERRABLE INITIALLY DEFERRED',
      'ALTER TABLE t ADD CONSTRAINT w UNIQUE (kept) INCLUDE (id)',
      'ALTER TABLE t ADD CONSTRAINT d UNIQUE (id, gone)',
    ],
    plan: PLAN,
  },
  {
    name: 'indexes of all kinds',
    plant: [
      'CREATE INDEX i1 ON t (lower(kept) text_pattern_ops, num DESC NULLS LAST) WHERE num > 2',
      'CREATE INDEX i2 ON t USING hash (kept)',
      'CREATE UNIQUE INDEX i3 ON t (num, id) INCLUDE (kept) WITH (fillfactor = 60)',
      'CREATE INDEX i4 ON t (gone)',
      'CREATE INDEX i5 ON t (kept) WHERE gone IS NOT NULL',
      'ALTER TABLE t CLUSTER ON i3',
    ],
    plan: PLAN,
  },
  {
    name: 'columns renamed under indexes, checks and statistics',
    plant: [
      'CREATE INDEX i1 ON t (lower(kept), num) WHERE kept IS NOT NULL',
      'ALTER TABLE t ADD CONSTRAINT c CHECK (num >= 0 AND length(kept) > 0)',
      'ALTER TABLE t ADD CONSTRAINT q UNIQUE (kept, id)',
      'CREATE STATISTICS st ON kept, id FROM t',
      "COMMENT ON COLUMN t.kept IS 'words'",
    ],
    plan: `${ADDING} ALTER TABLE u RENAME COLUMN kept TO "Kept it";`,
  },
  {
    name: 'extended statistics',
    plant: [
      'CREATE STATISTICS st (ndistinct, dependencies) ON kept, id FROM t',
      'ALTER STATISTICS st SET STATISTICS 50',
      "COMMENT ON STATISTICS st IS 'words'",
      'CREATE STATISTICS lost ON kept, gone FROM t',
    ],
    plan: ADDING,
  },
  {
    name: 'extended statistics over a column that is written',
    plant: ['CREATE STATISTICS st ON kept, num FROM t'],
    plan: PLAN,
    refused: { rewrite: /statistics st/ },
  },
  {
    name: 'replica identity full',
    plant: ['ALTER TABLE t REPLICA IDENTITY FULL'],
    plan: PLAN,
  },
  {
    name: 'replica identity nothing, and row security without policies',
    plant: ['ALTER TABLE t REPLICA IDENTITY NOTHING', 'ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
    plan: PLAN,
  },
  {
    name: 'replica identity of an index',
    plant: [
      'ALTER TABLE t ALTER kept SET NOT NULL',
      'CREATE UNIQUE INDEX i ON t (kept)',
      'ALTER TABLE t REPLICA IDENTITY USING INDEX i',
    ],
    plan: PLAN,
    refused: { 'copy-and-swap': /replica identity/ },
  },
  {
    name: 'a generated column',
    plant: ['ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (num * 2) STORED'],
    plan: PLAN,
    refused: { rewrite: /twice is generated from num/ },
  },
  {
    name: 'a generated column that nothing touches',
    plant: [
      'ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED',
      'CREATE INDEX i ON t (twice)',
    ],
    plan: `${PLAN} ALTER TABLE u RENAME COLUMN id TO ident;`,
  },
  {
    name: 'defaults set, dropped and kept, types changed',
    plant: [
      "ALTER TABLE t ALTER num SET DEFAULT 3, ALTER kept SET DEFAULT 'k', ADD COLUMN at timestamptz DEFAULT now()",
      "ALTER TABLE t ADD COLUMN j text DEFAULT '{}'",
      'UPDATE t SET j = \'{"a": 1}\'',
    ],
    plan: `
      ALTER TABLE t ADD COLUMN made numeric(8,2) DEFAULT 1.256 NOT NULL;
      UPDATE t SET made = num / 3.0 WHERE num > 3;
      ALTER TABLE t ALTER COLUMN num DROP DEFAULT;
      ALTER TABLE t ALTER COLUMN num TYPE bigint;
      ALTER TABLE t ALTER COLUMN j DROP DEFAULT;
      ALTER TABLE t ALTER COLUMN j TYPE jsonb USING j::jsonb;
      ALTER TABLE t ALTER COLUMN j SET DEFAULT '[]';
      ALTER TABLE t ALTER COLUMN made SET DEFAULT 0, ALTER COLUMN kept SET NOT NULL;
      ALTER TABLE t DROP COLUMN gone, DROP COLUMN at;`,
  },
  {
    name: 'constraints dropped, added and renamed by the step',
    plant: [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (num < 7)',
      'ALTER TABLE t ADD CONSTRAINT q UNIQUE (kept)',
      'CREATE INDEX i ON t (num)',
    ],
    plan: `
      ALTER TABLE t DROP CONSTRAINT c;
      DROP INDEX i;
      ${PLAN}
      ALTER TABLE u RENAME CONSTRAINT q TO u_kept_key;
      ALTER TABLE u ADD CONSTRAINT c CHECK (num <= 7 AND made <> '');
      ALTER TABLE u ADD UNIQUE (id, made);
      CREATE UNIQUE INDEX i ON u (kept, made DESC);`,
  },
  {
    name: 'side tables written and dropped',
    plant: [
      'CREATE TABLE other (id int PRIMARY KEY, x text)',
      "INSERT INTO other VALUES (1, 'a'), (2, NULL)",
      'CREATE TABLE old (id serial PRIMARY KEY, y text UNIQUE)',
      "INSERT INTO old (y) VALUES ('a'), ('b')",
      'CREATE TABLE versions (version bigint PRIMARY KEY)',
      'INSERT INTO versions VALUES (1), (2)',
    ],
    plan: `
      ALTER TABLE other ADD COLUMN z text;
      ${PLAN}
      UPDATE other SET z = x, x = 'b' WHERE id = 1;
      DROP TABLE IF EXISTS old;
      DROP TABLE IF EXISTS never_there;
      DELETE FROM versions WHERE version = 2;
      CREATE TABLE brand_new (id int PRIMARY KEY, v text DEFAULT 'x');
      INSERT INTO brand_new (id) SELECT id FROM other;`,
  },
  {
    name: 'names that need quotes',
    plant: [
      'CREATE TABLE "T ""x""" (id int PRIMARY KEY, "Select" text, "ärger" text)',
      `INSERT INTO "T ""x""" VALUES (1, 'a''b', E'back\\\\slash'), (2, NULL, '')`,
      'CREATE INDEX "I ""x""" ON "T ""x""" ("Select")',
    ],
    plan: `
      ALTER TABLE "T ""x""" RENAME TO "U.u";
      UPDATE "U.u" SET "Select" = COALESCE("U.u"."ärger", 'it''s'), "ärger" = E'\\\\' || "Select";
      ALTER TABLE "U.u" RENAME COLUMN "Select" TO "Order";`,
  },
];
