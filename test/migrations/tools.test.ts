/** Down migrations of node-pg-migrate, Rails, Flyway and Prisma: each with the table and the lock as its source makes them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, keepsWaiting, openBench, prerequisite, type Bench } from './bench.ts';

interface Tool {
  name: string;
  /** The files of its folder; the first is the way down. */
  files: [name: string, text: string][];
  table: string;
  /** The table and its rows: an earlier version, and ours. */
  record: string;
  /** The names of the two, as the table orders them. */
  versions: { column: string; before: string; mine: string; later: string };
  /** Its advisory lock's key in this database. */
  key(database: string): string;
  /** Adds a later version. */
  later: string;
}

const DOWN = 'ALTER TABLE parts DROP COLUMN weight;\nDROP TABLE crates;\n';

/** CRC-32 (IEEE), from its definition. */
function crc32(text: string): bigint {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return BigInt(~crc >>> 0);
}

/** Java's String.hashCode: s[0] * 31^(n-1) + … in 32 bits with a sign. */
const hashCode = (text: string): bigint =>
  BigInt.asIntN(
    32,
    [...text].reduce((sum, char) => sum * 31n + BigInt(char.charCodeAt(0)), 0n),
  );

const TOOLS: Tool[] = [
  {
    name: 'node-pg-migrate',
    files: [
      [
        'migrations/1700000000001_crates.sql',
        `-- Up Migration\nCREATE TABLE crates ();\n\n-- Down Migration\n${DOWN}`,
      ],
    ],
    table: 'pgmigrations',
    record: `CREATE TABLE "public"."pgmigrations" ( id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
      INSERT INTO "public"."pgmigrations" (name, run_on) VALUES ('1700000000000_parts', NOW()), ('1700000000001_crates', NOW())`,
    versions: {
      column: 'name',
      before: '1700000000000_parts',
      mine: '1700000000001_crates',
      later: '1700000000002_more',
    },
    key: () => '7241865325823964',
    later: `INSERT INTO pgmigrations (name, run_on) VALUES ('1700000000002_more', NOW())`,
  },
  {
    name: 'Rails',
    files: [
      ['db/migrate/20240202000000_add_crates.down.sql', DOWN],
      ['db/migrate/20240202000000_add_crates.rb', 'class AddCrates < ActiveRecord::Migration[7.1]; end\n'],
    ],
    table: 'schema_migrations',
    record: `CREATE TABLE "schema_migrations" ("version" character varying NOT NULL PRIMARY KEY);
      INSERT INTO "schema_migrations" ("version") VALUES ('20240101000000'), ('20240202000000')`,
    versions: {
      column: 'version',
      before: '20240101000000',
      mine: '20240202000000',
      later: '20240303000000',
    },
    key: (database) => (crc32(database) * 2053462845n).toString(),
    later: `INSERT INTO schema_migrations VALUES ('20240303000000')`,
  },
  {
    name: 'Flyway',
    files: [
      ['sql/U1_9__crates.sql', DOWN],
      ['sql/V1_9__crates.sql', 'CREATE TABLE crates ();'],
    ],
    table: 'flyway_schema_history',
    record: `CREATE TABLE "public"."flyway_schema_history" (
        "installed_rank" INT NOT NULL, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL,
        "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INTEGER,
        "installed_by" VARCHAR(100) NOT NULL, "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
        "execution_time" INTEGER NOT NULL, "success" BOOLEAN NOT NULL);
      ALTER TABLE "public"."flyway_schema_history" ADD CONSTRAINT "flyway_schema_history_pk" PRIMARY KEY ("installed_rank");
      CREATE INDEX "flyway_schema_history_s_idx" ON "public"."flyway_schema_history" ("success");
      INSERT INTO flyway_schema_history VALUES
        (1, '1.8', 'parts', 'SQL', 'V1_8__parts.sql', 77, 'app', now(), 5, true),
        (2, '1.9', 'crates', 'SQL', 'V1_9__crates.sql', -88, 'app', now(), 7, true),
        (3, NULL, 'views', 'SQL', 'R__views.sql', 99, 'app', now(), 2, true)`,
    versions: { column: 'version', before: '1.8', mine: '1.9', later: '1.10' },
    key: () => (77431708279161n + hashCode('"public"."flyway_schema_history"')).toString(),
    later: `INSERT INTO flyway_schema_history VALUES (4, '1.10', 'more', 'SQL', 'V1_10__more.sql', 1, 'app', now(), 1, true)`,
  },
  {
    name: 'Prisma',
    files: [
      ['prisma/migrations/20240202000000_crates/down.sql', DOWN],
      ['prisma/migrations/20240202000000_crates/migration.sql', 'CREATE TABLE "crates" ();'],
    ],
    table: '_prisma_migrations',
    record: `CREATE TABLE _prisma_migrations (
        id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);
      INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at, applied_steps_count) VALUES
        ('a', 'c1', now(), '20240101000000_parts', NULL, 1),
        ('b', 'c2', NULL, '20240202000000_crates', now(), 0),
        ('c', 'c2', now(), '20240202000000_crates', NULL, 1)`,
    versions: {
      column: 'migration_name',
      before: '20240101000000_parts',
      mine: '20240202000000_crates',
      later: '20240303000000_more',
    },
    key: () => '72707369',
    later: `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('d', 'c3', now(), '20240303000000_more')`,
  },
];

/** After the way up: nothing of it is known to the tests but what the way down takes away. */
const UP = `
  CREATE TABLE parts (id bigint PRIMARY KEY, weight numeric);
  INSERT INTO parts VALUES (1, 2.5), (2, NULL);
  CREATE TABLE crates (id bigint PRIMARY KEY, label text);
  INSERT INTO crates VALUES (1, 'one')`;

describe.each(TOOLS)('a migration of $name', ({ files, table, record, versions, key, later }) => {
  let bench: Bench;
  let file: string;

  beforeEach(async () => {
    bench = await openBench();
    const paths = await Promise.all(files.map(([name, text]) => bench.write(name, text)));
    file = paths[0] ?? '';
    await bench.exec(`${UP}; ${record}`);
  });
  afterEach(() => bench.clear());

  const rows = (): Promise<unknown[]> => bench.rows(`SELECT * FROM ${table} ORDER BY 1`);
  const count = async (version: string): Promise<number> =>
    (await bench.rows(`SELECT FROM ${table} WHERE ${versions.column} = '${version}'`)).length;

  it('is planned, run and verified, its row gone with it; an undo brings both back', async () => {
    const [before, recorded] = [await bench.state(), await rows()];
    expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({
      status: 'pass',
      detail: `Version ${versions.mine} is recorded in ${table}.`,
    });
    expect(await bench.run(file)).toMatchObject({ status: 0, err: '' });
    expect(await count(versions.mine)).toBe(0);
    expect(await count(versions.before)).toBe(1);
    const again = await bench.run(file);
    expect(again.status).toBe(10);
    expect(again.out).toContain('There is nothing to roll back');
    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect(await bench.state()).toEqual(before);
    expect(await rows()).toEqual(recorded);
  });

  it('names what was applied after it, and waits for the tool at work', async () => {
    await bench.exec(later);
    expect(await prerequisite(bench, file, 'latest-version')).toMatchObject({
      status: 'warn',
      detail: `1 later version recorded: ${versions.later}.`,
    });
    await bench.exec(`DELETE FROM ${table} WHERE ${versions.column} = '${versions.later}'`);
    await bench.database.use((tool) => keepsWaiting(bench, file, tool, advisory(key(bench.database.name))));
    expect(await count(versions.mine)).toBe(0);
  });
});
