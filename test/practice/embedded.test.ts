import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/exit.ts';
import { startEmbedded, type Embedded } from '../../src/practice/embedded.ts';

let running: Embedded | undefined;
const clients: pg.Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  await running?.stop();
  running = undefined;
});

async function start(hoursAgo?: number): Promise<Embedded> {
  running = await startEmbedded({ hoursAgo });
  return running;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

const folderOf = (embedded: Embedded): string => new URL(embedded.url).searchParams.get('host') ?? '';

describe('the embedded database', () => {
  it('holds a migrated database with rows written since, three hours after the migration', async () => {
    const client = await connect((await start()).url);
    const { rows } = await client.query(
      `SELECT current_database() AS database,
              (SELECT count(*)::int FROM codebase_snapshots) AS snapshots,
              (SELECT count(*)::int FROM git_agent_sessions) AS sessions,
              (SELECT count(*)::int FROM technology_patterns) AS patterns,
              (SELECT count(*)::int FROM codebase_snapshots WHERE inserted_at > m.inserted_at
                 AND inserted_at <= now() AT TIME ZONE 'UTC') AS since,
              (SELECT count(*)::int FROM codebase_snapshots WHERE inserted_at > now() AT TIME ZONE 'UTC') AS future,
              round(extract(epoch FROM now() AT TIME ZONE 'UTC' - m.inserted_at) / 3600) AS hours,
              (SELECT extname FROM pg_extension WHERE extname = 'vector') AS extension
       FROM schema_migrations AS m WHERE m.version = 20250101000014`,
    );
    expect(rows).toEqual([
      {
        database: 'singularity_practice',
        snapshots: 258,
        sessions: 130,
        patterns: 63,
        since: 18,
        future: 0,
        hours: '3',
        extension: 'vector',
      },
    ]);
  });

  it('leaves the main thread free while a statement runs', async () => {
    const client = await connect((await start()).url);
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    await client.query('SELECT pg_sleep(1)');
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
  });

  it('takes one statement a message, and tells errors and notices as a server does', async () => {
    const client = await connect((await start()).url);
    const notices: string[] = [];
    client.on('notice', (notice) => notices.push(notice.message ?? ''));
    await client.query("DO $$ BEGIN RAISE NOTICE 'hear me'; END $$");
    expect(notices).toEqual(['hear me']);
    const two: pg.QueryConfig & { queryMode: string } = { text: 'SELECT 1; SELECT 2', queryMode: 'extended' };
    await expect(client.query(two)).rejects.toMatchObject({ code: '42601' });
    await expect(client.query('SELECT nothing')).rejects.toMatchObject({ code: '42703', position: '8' });
  });

  it('stops in the middle of a statement, and leaves no folder', async () => {
    const embedded = await start();
    const folder = folderOf(embedded);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const client = await connect(embedded.url);
    await client.query('SELECT 1');
    const endless = client.query('SELECT count(*) FROM generate_series(1, 100000000000)');
    const lost = expect(endless).rejects.toThrow(/terminated/);
    await embedded.stop();
    await lost;
    expect(existsSync(folder)).toBe(false);
  });

  it('begins anew at every start', async () => {
    const first = await start();
    const writer = await connect(first.url);
    await writer.query('DELETE FROM codebase_snapshots');
    await first.stop();
    const reader = await connect((await start(48)).url);
    const { rows } = await reader.query('SELECT count(*)::int AS n FROM codebase_snapshots');
    expect(rows).toEqual([{ n: 258 }]);
  });

  it('lets a client follow another one', async () => {
    const { url } = await start();
    for (const n of [1, 2, 3]) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      expect((await client.query(`SELECT ${n} AS n`)).rows).toEqual([{ n }]);
      await client.end();
    }
  });

  it('says what to do when it was not built', async () => {
    const missing = startEmbedded({ assets: new URL('file:///nowhere/practice/') });
    await expect(missing).rejects.toBeInstanceOf(UserError);
    await expect(missing).rejects.toMatchObject({ exitStatus: 69, advice: 'Run `npm run build` first.' });
  });

  it('does not keep a process alive, and takes its folder along when that ends', async () => {
    const assets = new URL('../../node_modules/.cache/backout/practice/', import.meta.url);
    const built = await build({
      stdin: {
        contents: `import { startEmbedded } from './src/practice/embedded.ts';
          const { url } = await startEmbedded({ assets: new URL('${assets.href}') });
          console.log(url);`,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const child = spawn(process.execPath, ['--input-type=module', '-e', built.outputFiles[0]?.text ?? '']);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status).toBe(0);
    const folder = new URL(output.trim()).searchParams.get('host') ?? '';
    expect(folder).toContain('backout-practice-');
    expect(existsSync(folder)).toBe(false);
  });
});
