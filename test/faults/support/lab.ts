/** A PostgreSQL server that may be killed: a cluster of our own whose commits survive it, with databases to try faults on. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster, type Cluster } from '../../support/cluster.ts';
import { makeTemplates } from '../../support/databases.ts';

export interface Lab {
  cluster: Cluster;
  /** A new database, copied from a template. */
  create(template: string): Promise<string>;
  /** Ends its sessions and removes it. */
  drop(database: string): Promise<void>;
  /** Takes it away and puts a fresh copy of the template in its place, as restoring a backup does. */
  restore(database: string, template: string): Promise<void>;
  /** Runs something on a superuser's connection of its own. */
  use<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** A superuser's connection that stays open; the caller ends it. Its loss is nobody's error. */
  open(database: string, user?: { name: string; password: string }): Promise<pg.Client>;
  url(database: string, user?: { name: string; password: string }): string;
  /** Resolves when no session but our own is left in it. @throws after half a minute, naming who is still there */
  quiet(database: string): Promise<void>;
  /** What `pg_ctl stop -m immediate` does (SIGQUIT, no checkpoint), then starts it again. */
  stopImmediately(): void;
  /** SIGKILL to the postmaster and all its children, as a power cut looks to them, then starts it again. */
  killServer(): void;
  /** SIGKILL to one server process: the postmaster ends all others and recovers. Resolves when it takes connections. */
  killBackend(pid: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Commits wait for the disk, and a little longer: with commit_delay a COMMIT takes some milliseconds in which it has
 * been written and not been flushed, which is where the faults are aimed.
 */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  wal_sync_method: 'fdatasync',
  commit_delay: '2000',
  commit_siblings: '0',
  // Shorter than any try for a lock: whoever finds a deadlock finds it before giving up.
  deadlock_timeout: '50ms',
  // Nothing is flushed but by COMMIT: what a crash forgets is forgotten whole, transaction ids too.
  wal_writer_delay: '10s',
  bgwriter_lru_maxpages: '0',
  restart_after_crash: 'on',
};

export async function startLab(): Promise<Lab> {
  const cluster = await startCluster(SETTINGS);
  try {
    await makeTemplates(cluster);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  const url: Lab['url'] = (database, user) =>
    user === undefined
      ? cluster.url(database)
      : `postgresql://${user.name}:${user.password}@${cluster.host}:${cluster.port}/${database}`;
  const open: Lab['open'] = async (database, user) => {
    const client = new pg.Client({
      connectionString: url(database, user),
      application_name: 'fault harness',
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const use: Lab['use'] = async (database, work) => {
    const client = await openWhenUp(() => open(database));
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const copy = (database: string, template: string): Promise<unknown> =>
    use('postgres', (client) =>
      client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} TEMPLATE ${template} STRATEGY wal_log`),
    );
  const drop: Lab['drop'] = async (database) => {
    await use('postgres', (client) =>
      client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`),
    );
  };
  return {
    cluster,
    url,
    open,
    use,
    drop,
    create: async (template) => {
      const database = `fault_${randomBytes(4).toString('hex')}`;
      await copy(database, template);
      return database;
    },
    restore: async (database, template) => {
      await drop(database);
      await copy(database, template);
    },
    quiet: (database) => use('postgres', (client) => untilQuiet(client, database)),
    stopImmediately: () => {
      // It ends only after its children have: there is no time to lose in counting them.
      const postmaster = postmasterOf(cluster);
      process.kill(postmaster, 'SIGQUIT');
      startAgain(cluster, [postmaster]);
    },
    killServer: () => {
      const family = familyOf(cluster);
      for (const pid of family) tryKill(pid);
      startAgain(cluster, family);
    },
    killBackend: async (pid) => {
      tryKill(pid);
      // A connection that was let in before the postmaster noticed goes with all the others.
      const asked = (): Promise<unknown> => use('postgres', (client) => client.query('SELECT 1'));
      await asked().catch(asked);
    },
    close: () => cluster.stop(),
  };
}

const STARTING = new Set(['57P03', '57P02', '57P01', 'ECONNREFUSED', 'ECONNRESET']);
const GIVE_UP_MS = 30_000;

/** While a server recovers it refuses connections: they are tried again until one stands. */
async function openWhenUp(open: () => Promise<pg.Client>): Promise<pg.Client> {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    try {
      const client = await open();
      await client.query('SELECT 1');
      return client;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const lost = error instanceof Error && /terminated unexpectedly/.test(error.message);
      if ((!STARTING.has(code) && !lost) || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const OTHERS = `SELECT pid, application_name AS who, state, query FROM pg_stat_activity
  WHERE datname = $1 AND application_name <> 'fault harness' AND backend_type = 'client backend'`;

async function untilQuiet(client: pg.Client, database: string): Promise<void> {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    const { rows } = await client.query(OTHERS, [database]);
    if (rows.length === 0) return;
    if (Date.now() > until) throw new Error(`still there: ${JSON.stringify(rows)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const postmasterOf = ({ data }: Cluster): number =>
  Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** The postmaster first. */
function familyOf(cluster: Cluster): number[] {
  const postmaster = postmasterOf(cluster);
  const listed = spawnSync('pgrep', ['-P', String(postmaster)], { encoding: 'utf8' });
  const children = listed.stdout.split('\n').map(Number);
  return [postmaster, ...children.filter((child) => child > 0)];
}

/** Once the whole family is dead. */
function startAgain({ bin, data, folder, port, owner }: Cluster, family: number[]): void {
  while (family.some(alive)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  // In a container nobody may be there to bury the dead, and a server that finds its predecessor's locks will not start.
  for (const left of [join(data, 'postmaster.pid'), join(folder, `.s.PGSQL.${port}.lock`)])
    rmSync(left, { force: true });
  const args = ['start', '-D', data, '-l', join(folder, 'log'), '-w', '-t', '60', '-s'];
  const { status } = spawnSync(join(bin, 'pg_ctl'), args, { ...owner, cwd: '/', stdio: 'ignore' });
  if (status !== 0) throw new Error(`the server did not start again: see ${join(folder, 'log')}`);
}

/** @throws for 0, which would be our own process group */
function tryKill(pid: number): void {
  if (!(pid > 0)) throw new Error('it is not known which process to kill');
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone already.
  }
}

/** A zombie counts as gone. */
function alive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
