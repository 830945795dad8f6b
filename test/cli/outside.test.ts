/** A runbook with statements outside of transactions, on the command line: killed in the middle, gone on with, undone. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { built, freshDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';
import { openDesk } from './support/io.ts';

const bin = fileURLToPath(new URL('../../bin/backout.js', import.meta.url));

const RUNBOOK = `# Items back

## Step 1: Indexes and a column

\`\`\`sql
ALTER TABLE items ADD COLUMN kind text;
CREATE UNIQUE INDEX CONCURRENTLY items_email ON items (email);
DROP INDEX CONCURRENTLY items_note;
ALTER TABLE items DROP COLUMN note;
\`\`\`
`;

const PARTS = [1, 2, 3, 4].map((number) => `step-1-part-${number}-of-4`);

it('is killed while it waits, is not undone before the tables are asked, goes on, and is undone', async () => {
  await built();
  const [desk, database] = await Promise.all([openDesk(), freshDatabase({ state: 'empty' })]);
  const rows = <T>(sql: string): Promise<T[]> =>
    database.use(async (db) => (await db.query(sql)).rows as T[]);
  const indexes = async (): Promise<string[]> =>
    (
      await rows<{ name: string }>(
        "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'items'::regclass AND indisvalid ORDER BY 1",
      )
    ).map(({ name }) => name);
  await database.use(async (db) => {
    await db.exec('CREATE TABLE items (id int PRIMARY KEY, email text, note text)');
    await db.exec("INSERT INTO items SELECT g, 'a' || g, 'n' FROM generate_series(1, 100) g");
    await db.exec('CREATE INDEX items_note ON items (note)');
  });
  const runbook = join(desk.folder, 'items.md');
  await writeFile(runbook, RUNBOOK);
  const of = ['--database', database.url];
  const sure = ['--confirm', database.name, '--accept', 'privileges', '--accept', 'backup'];
  const run = [
    'run',
    runbook,
    '--choose',
    'rollback',
    '--accept',
    'migration-recorded',
    '--accept',
    'activity',
    ...of,
    ...sure,
  ];

  const whole = await desk.run([...run, '--whole-plan']);
  expect(whole).toMatchObject({ status: 64 });
  expect(whole.err).toContain('CREATE INDEX CONCURRENTLY runs outside of transactions');

  const rehearsed = await desk.run(['rehearse', '--runbook', runbook, '--way', 'schema', ...of]);
  expect(rehearsed.out).toMatch(/it ran without\s+CONCURRENTLY there/);
  expect(rehearsed.status).toBe(0);

  const old = new pg.Client({ connectionString: database.url });
  await old.connect();
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await old.query('SELECT count(*) FROM pg_class');
  const env = { PATH: process.env['PATH'], HOME: desk.folder, XDG_STATE_HOME: desk.folder };
  const child = spawn(process.execPath, [bin, ...run], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (told += String(text)));
  const waits = `SELECT 1 AS one FROM pg_stat_activity
    WHERE query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%' AND wait_event = 'virtualxid' AND datname = current_database()`;
  await until(async () => (await rows(waits)).length > 0 || child.exitCode !== null);
  expect(child.exitCode, told).toBeNull();
  child.kill('SIGKILL');
  await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(null)));

  // The server notices within a second (client_connection_check_interval), and breaks it off.
  const sessions = `SELECT 1 AS one FROM pg_stat_activity
    WHERE application_name LIKE 'backout%' AND datname = current_database()`;
  await until(async () => (await rows(sessions)).length === 0);
  await old.query('COMMIT');
  await old.end();
  const refused = await desk.run(['undo', ...of, ...sure]);
  expect(refused.status).toBe(64);
  expect(refused.err).toContain('What became of Step 1, part 2 of 4');
  const status = await desk.run(['status', '--runbook', runbook, '--json', ...of]);
  expect((JSON.parse(status.out) as { steps: { id: string; state: string }[] }).steps).toMatchObject(
    PARTS.map((id, at) => ({ id, state: at === 0 ? 'applied' : 'pending' })),
  );

  const resumed = await desk.run([
    'resume',
    ...of,
    ...sure,
    '--accept',
    'migration-recorded',
    '--accept',
    'state',
  ]);
  expect(resumed.out).toContain('DROP INDEX CONCURRENTLY "public"."items_email"');
  expect(resumed.status).toBe(0);
  expect(await indexes()).toEqual(['items_email', 'items_pkey']);

  const undone = await desk.run(['undo', ...of, ...sure]);
  expect(undone.status).toBe(0);
  expect(await indexes()).toEqual(['items_note', 'items_pkey']);
  expect(await rows("SELECT count(*)::int AS notes FROM items WHERE note = 'n'")).toEqual([{ notes: 100 }]);
  await database.drop();
  await desk.clear();
});
