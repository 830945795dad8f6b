import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
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

  it('brings psql', async () => {
    const db = await freshDatabase();
    const psql = spawn(pgBin('psql'), ['-XAtc', 'SELECT count(*) FROM git_agent_sessions', db.url]);
    const output = await new Response(psql.stdout as never).text();
    expect(output).toBe('20\n');
    await db.drop();
  });
});

describe('a cluster', () => {
  it('is gone with all its processes after stop', async () => {
    const cluster = await startCluster();
    const { pid } = await one(cluster.url('postgres'), 'SELECT pg_backend_pid() AS pid');
    expect(alive(Number(pid)) || existsSync(cluster.data)).toBe(true);
    await cluster.stop();
    expect(existsSync(cluster.folder)).toBe(false);
    await expect(one(cluster.url('postgres'), 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
