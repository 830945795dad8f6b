/** sqitch, Drizzle, diesel and sqlx: each with its tables and its lock as its source makes them, in one database. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { advisory, keepsWaiting, openBench, prerequisite, said, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
afterAll(() => bench.clear());

/** What every way down takes away. */
const DOWN = 'ALTER TABLE parts DROP COLUMN weight;\nDROP TABLE crates;\n';
const UP = `DROP TABLE IF EXISTS parts, crates; CREATE TABLE parts (id bigint PRIMARY KEY, weight numeric);
  INSERT INTO parts VALUES (1, 2.5), (2, NULL); CREATE TABLE crates (id bigint PRIMARY KEY, label text);
  INSERT INTO crates VALUES (1, 'one')`;

beforeEach(() => bench.exec(`DROP SCHEMA IF EXISTS backout, backout_archive CASCADE; ${UP}`));

const rows = (table: string): Promise<unknown[]> =>
  bench.rows(`SELECT to_jsonb(t)::text FROM ${table} t ORDER BY 1`);

const NAMES = `committer_name text NOT NULL, committer_email text NOT NULL, planned_at timestamptz NOT NULL,
  planner_name text NOT NULL, planner_email text NOT NULL`;
const WHO = "'marge', 'm@x', now(), 'marge', 'm@x'";

/** lib/App/Sqitch/Engine/pg.sql, as far as a revert touches it. */
const REGISTRY = `CREATE SCHEMA meta;
  CREATE TABLE meta.projects (project text PRIMARY KEY);
  CREATE TABLE meta.changes (change_id text PRIMARY KEY, script_hash text, change text NOT NULL,
    project text NOT NULL REFERENCES meta.projects (project) ON UPDATE CASCADE, note text NOT NULL DEFAULT '',
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(), ${NAMES}, UNIQUE (project, script_hash));
  CREATE TABLE meta.tags (tag_id text PRIMARY KEY, tag text NOT NULL, project text NOT NULL REFERENCES meta.projects (project),
    change_id text NOT NULL REFERENCES meta.changes (change_id) ON UPDATE CASCADE, UNIQUE (project, tag));
  CREATE TABLE meta.dependencies (change_id text NOT NULL REFERENCES meta.changes (change_id) ON UPDATE CASCADE ON DELETE CASCADE,
    type text NOT NULL, dependency text NOT NULL, dependency_id text REFERENCES meta.changes (change_id) ON UPDATE CASCADE,
    PRIMARY KEY (change_id, dependency));
  CREATE TABLE meta.events (event text NOT NULL, change_id text NOT NULL, change text NOT NULL, project text NOT NULL,
    note text NOT NULL DEFAULT '', requires text[] NOT NULL DEFAULT '{}', conflicts text[] NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}', committed_at timestamptz NOT NULL DEFAULT clock_timestamp(), ${NAMES},
    PRIMARY KEY (change_id, committed_at));
  INSERT INTO meta.projects VALUES ('shop'), ('other');
  INSERT INTO meta.changes (change_id, change, project, committed_at, ${'committer_name, committer_email, planned_at, planner_name, planner_email'}) VALUES
    ('aa', 'parts', 'shop', now() - interval '3 days', ${WHO}), ('bb', 'stock/crates', 'shop', now() - interval '2 days', ${WHO}),
    ('cc', 'stock/crates', 'other', now() - interval '1 day', ${WHO});
  INSERT INTO meta.tags VALUES ('t1', '@v2', 'shop', 'bb'), ('t2', '@v1', 'shop', 'aa');
  INSERT INTO meta.dependencies VALUES ('bb', 'require', 'parts', 'aa'), ('cc', 'require', 'shop:parts', 'aa');
  INSERT INTO meta.events (event, change_id, change, project, tags, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email)
    SELECT 'deploy', change_id, change, project, '{@v2}', committed_at, ${WHO} FROM meta.changes`;

describe('sqitch', () => {
  const TABLES = ['changes', 'tags', 'dependencies', 'events'].map((table) => `meta.${table}`);
  const all = (): Promise<unknown[][]> => Promise.all(TABLES.map(rows));
  let file: string;

  beforeAll(async () => {
    await bench.exec(REGISTRY);
    await bench.write('shop/sqitch.conf', '[core]\n\tengine = pg\n[engine "pg"]\n\tregistry = meta\n');
    await bench.write(
      'shop/sqitch.plan',
      '%syntax-version=1.0.0\n%project=shop\n\nparts 2024-01-01T00:00:00Z M <m@x> # a\nstock/crates [parts] 2024-01-02T00:00:00Z M <m@x> # b\n@v2 2024-01-02T00:00:00Z M <m@x> # c\n',
    );
    file = await bench.write(
      'shop/revert/stock/crates.sql',
      `-- Revert shop:stock/crates from pg\n\nBEGIN;\n\n${DOWN}\nCOMMIT;\n`,
    );
  });

  it('leaves its tables as a revert does, waits for it, and an undo brings them back', async () => {
    const before = [await all(), await rows('parts'), await rows('crates')];
    expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({
      status: 'pass',
      detail: 'Version stock/crates is recorded in meta.changes.',
    });
    await bench.database.use((tool) => keepsWaiting(bench, file, tool, advisory('75474063')));
    expect(await bench.rows('SELECT change_id FROM meta.changes ORDER BY 1')).toEqual([
      { change_id: 'aa' },
      { change_id: 'cc' },
    ]);
    expect(await bench.rows('SELECT tag FROM meta.tags')).toEqual([{ tag: '@v1' }]);
    expect(await bench.rows('SELECT change_id FROM meta.dependencies')).toEqual([{ change_id: 'cc' }]);
    expect(
      await bench.rows(
        "SELECT change_id, change, project, requires, conflicts, tags, planner_name FROM meta.events WHERE event = 'revert'",
      ),
    ).toEqual([
      {
        change_id: 'bb',
        change: 'stock/crates',
        project: 'shop',
        requires: ['parts'],
        conflicts: [],
        tags: ['@v2'],
        planner_name: 'marge',
      },
    ]);
    const again = await bench.run(file);
    expect(said(again)).toContain('There is nothing to roll back');
    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect([await all(), await rows('parts'), await rows('crates')]).toEqual(before);
  });

  it('is told of changes deployed after it, whatever they are called; its folder means the last of the project', async () => {
    await bench.exec(`INSERT INTO meta.changes (change_id, change, project, committer_name, committer_email, planned_at, planner_name, planner_email)
      VALUES ('dd', 'a-later', 'shop', ${WHO})`);
    expect(await prerequisite(bench, file, 'latest-version')).toMatchObject({
      status: 'warn',
      detail: '1 later version recorded: a-later.',
    });
    const none = await bench.backout('plan', dirname(dirname(file)));
    expect(none.err).toContain('The latest migration that sqitch has applied is a-later, and');
    await bench.exec("DELETE FROM meta.changes WHERE change_id = 'dd'");
    const found = await bench.backout('status', dirname(dirname(dirname(file))), '--json');
    expect(found.err).toContain('is stock/crates: crates.sql');
  });

  it('is refused where the change was reworked, or is not in the plan', async () => {
    const other = await bench.write('shop/revert/none.sql', 'DROP TABLE crates;');
    expect((await bench.offline('lint', other)).err).toContain('sqitch.plan knows no change named none.');
    const form = await bench.write('shop/revert/parts@v1.sql', 'DROP TABLE parts;');
    expect((await bench.offline('lint', form)).err).toContain('was reworked');
  });
});

describe('Drizzle', () => {
  it('forgets the migration by the time in its journal', async () => {
    await bench.exec(`CREATE SCHEMA drizzle;
      CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('a', 1700000000000), ('b', 1700000000001)`);
    const entries = ['0000_parts', '0001_crates'].map((tag, idx) => ({
      idx,
      when: 1700000000000 + idx,
      tag,
    }));
    await bench.write('drizzle/meta/_journal.json', JSON.stringify({ version: '7', entries }));
    const up = await bench.write('drizzle/0001_crates.sql', 'CREATE TABLE crates ();');
    const file = await bench.write('drizzle/0001_crates.down.sql', DOWN);
    const before = [await rows('drizzle.__drizzle_migrations'), await rows('crates')];
    expect((await bench.offline('lint', up)).err).toContain('is the way up');
    expect(await bench.run(dirname(file))).toMatchObject({
      status: 0,
      err: 'The latest migration that Drizzle has applied is 1700000000001: 0001_crates.down.sql.\n',
    });
    expect(await bench.rows('SELECT hash FROM drizzle.__drizzle_migrations')).toEqual([{ hash: 'a' }]);
    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect([await rows('drizzle.__drizzle_migrations'), await rows('crates')]).toEqual(before);
  });
});

it('diesel: the version without its dashes; in a table that it was told of', async () => {
  await bench.exec(`CREATE TABLE "Applied" (version varchar(50) PRIMARY KEY NOT NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO "Applied" (version) VALUES ('20240101000000'), ('20240202000000')`);
  const file = await bench.write('m/2024-02-02-000000_crates/down.sql', DOWN);
  await bench.write('m/2024-02-02-000000_crates/up.sql', 'CREATE TABLE crates ();');
  expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({ status: 'fail' });
  await bench.write(
    'm/2024-02-02-000000_crates/backout.toml',
    '[migrations]\nrecord_table = "public.\\"Applied\\""\n',
  );
  expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({
    status: 'pass',
    detail: 'Version 20240202000000 is recorded in Applied.',
  });
  const folder = dirname(dirname(file));
  expect(await bench.run(folder, '--record-table', '"Applied"')).toMatchObject({
    status: 0,
    err: 'The latest migration that diesel has applied is 20240202000000: down.sql.\n',
  });
  expect(await bench.rows('SELECT version FROM "Applied"')).toEqual([{ version: '20240101000000' }]);
  const wrong = await bench.backout('plan', file, '--record-table', 'a.b.c');
  expect(wrong).toMatchObject({ status: 64 });
});

it('Prisma: the folder that holds one for each migration', async () => {
  await bench.exec(`CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
      migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
      applied_steps_count int NOT NULL DEFAULT 0);
    INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('a', 'c', now(), '20240101000000_crates')`);
  await bench.write('p/20240101000000_crates/migration.sql', 'CREATE TABLE crates ();');
  const file = await bench.write('p/20240101000000_crates/down.sql', DOWN);
  const found = await bench.backout('status', dirname(dirname(file)));
  expect(found.err).toBe(
    'The latest migration that Prisma has applied is 20240101000000_crates: down.sql.\n',
  );
});

it('sqlx: below a Cargo.toml, under its own lock', async () => {
  await bench.exec(`CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
      installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL);
    INSERT INTO _sqlx_migrations VALUES (20240101000000, 'parts', now(), true, 'x', 1), (20240202000000, 'crates', now(), true, 'y', 1)`);
  await bench.write('rust/Cargo.toml', '[package]\n');
  const file = await bench.write('rust/migrations/20240202000000_crates.down.sql', DOWN);
  const before = await rows('_sqlx_migrations');
  await bench.database.use(async (tool) => {
    const key = (BigInt(crc32(bench.database.name)) * 0x3d32ad9en).toString();
    await keepsWaiting(bench, file, tool, advisory(key));
  });
  expect(await bench.rows('SELECT description FROM _sqlx_migrations')).toEqual([{ description: 'parts' }]);
  expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
  expect(await rows('_sqlx_migrations')).toEqual(before);
});

/** CRC-32 (IEEE), from its definition. */
function crc32(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (~crc >>> 0).toString();
}
