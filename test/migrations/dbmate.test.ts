/** Down migrations of dbmate: sections of one file, a row for each version. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, prerequisite, said, type Bench } from './bench.ts';

let bench: Bench;
let file: string;

const FILE = `-- migrate:up
CREATE TABLE labels (id bigint PRIMARY KEY, name text NOT NULL);
ALTER TABLE items ADD COLUMN label_id bigint;

-- migrate:down transaction:false
-- first what points at it
ALTER TABLE items DROP COLUMN label_id;
DROP TABLE labels;
`;

/** As pkg/driver/postgres/postgres.go makes it, after \dbmate up. */
const APPLIED = `
  CREATE TABLE items (id bigint PRIMARY KEY, label_id bigint);
  CREATE TABLE labels (id bigint PRIMARY KEY, name text NOT NULL);
  INSERT INTO labels VALUES (1, 'red'), (2, 'blue');
  INSERT INTO items VALUES (1, 1), (2, 2), (3, NULL);
  CREATE TABLE IF NOT EXISTS public.schema_migrations (version varchar(255) primary key);
  INSERT INTO public.schema_migrations (version) VALUES ('20240101000000'), ('20240202000000')`;

beforeEach(async () => {
  bench = await openBench();
  file = await bench.write('db/migrations/20240202000000_labels.sql', FILE);
  await bench.exec(APPLIED);
});
afterEach(() => bench.clear());

const versions = async (): Promise<string[]> =>
  (await bench.rows<{ version: string }>('SELECT version FROM schema_migrations ORDER BY 1')).map(
    (row) => row.version,
  );

describe('a migration of dbmate', () => {
  it('is taken back with its row, verified by what its statements do, and undone with both', async () => {
    const before = await bench.state();
    const ran = await bench.run(file);
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(said(ran)).toContain('The file asks for no transaction (transaction:false).');
    expect(await versions()).toEqual(['20240101000000']);

    const verified = JSON.parse((await bench.backout('verify', file, '--json')).out) as {
      ok: boolean;
      checks: { id: string; ok: boolean }[];
    };
    expect(verified.ok).toBe(true);
    expect(verified.checks).toContainEqual(expect.objectContaining({ id: 'table:labels', ok: true }));

    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect(await bench.state()).toEqual(before);
    expect(await versions()).toEqual(['20240101000000', '20240202000000']);
    expect((await bench.backout('verify', file)).status).toBe(14);
  });

  it('names the later migrations that it would be taken from under', async () => {
    await bench.exec("INSERT INTO schema_migrations VALUES ('20240303000000')");
    const later = await prerequisite(bench, file, 'latest-version');
    expect(later).toMatchObject({ status: 'warn', detail: '1 later version recorded: 20240303000000.' });
    expect(later?.advice).toContain('dbmate would take back the latest');
    expect((await bench.run(file)).status).not.toBe(0);
    expect(await versions()).toHaveLength(3);
    expect((await bench.run(file, '--accept', 'latest-version')).status).toBe(0);
    expect(await versions()).toEqual(['20240101000000', '20240303000000']);
  });

  it('asks for consent where the version is not recorded', async () => {
    await bench.exec("DELETE FROM schema_migrations WHERE version = '20240202000000'");
    expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({
      status: 'warn',
      detail:
        'Version 20240202000000 is not recorded in schema_migrations, but not everything of it is taken back.',
    });
  });

  it('shows its place in status, by the lines of the file', async () => {
    const { steps } = JSON.parse((await bench.backout('status', file, '--json')).out) as {
      steps: { statements: { line: number; state: string }[] }[];
    };
    expect(steps[0]?.statements.map(({ line, state }) => [line, state])).toEqual([
      [7, 'pending'],
      [8, 'pending'],
      [11, 'pending'],
    ]);
  });
});
