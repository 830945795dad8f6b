/**
 * A throw-away PostgreSQL server: a new cluster in a folder of mode 0700, reached by a Unix socket in it and by nothing
 * else. It is gone when its folder's owner is: also when that was killed.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Cluster {
  /** Of its socket; the port is 5432. */
  folder: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** The folder of its programs. */
  bin: string;
  /** PostgreSQL refuses to run as root: whom it runs as then. */
  owner?: { uid: number; gid: number };
}

/** Everything in it is thrown away, so nothing waits for the disk. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: '5432',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  jit: 'off',
  shared_buffers: '32MB',
  max_connections: '20',
};

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux (unix(4), unix(7)). */
const LONGEST_SOCKET_PATH = 103;

const run = promisify(execFile);

/** Nothing of the operator's own settings reaches the server or its programs. */
const ENV = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };

/** Takes about a second: initdb most of it. @throws {Error} with what the programs said */
export async function startCluster({ bin, owner }: ClusterOptions): Promise<Cluster> {
  const long =
    Buffer.byteLength(join(tmpdir(), 'backout-server-XXXXXX', 'w', '.s.PGSQL.5432')) > LONGEST_SOCKET_PATH;
  const folder = await mkdtemp(join(long ? '/tmp' : tmpdir(), 'backout-server-'));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const watchdog = watch({ bin, data, folder, owner });
  const program = (name: string, ...parameters: string[]) =>
    run(join(bin, name), parameters, { ...owner, cwd: '/', env: ENV });
  try {
    await program('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N');
    const settings = Object.entries({ ...SETTINGS, unix_socket_directories: folder });
    const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
    const conf = join(data, 'postgresql.auto.conf');
    await writeFile(conf, lines.join(''));
    await program('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-t', '30', '-s', 'start');
    return { folder, stop: () => endOf(watchdog) };
  } catch (error) {
    await endOf(watchdog);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * A process of its own that waits for the end of its input, which comes when we close it or die of whatever cause,
 * then stops the server and removes the folder.
 */
const WATCHDOG = `
const [pgCtl, data, folder, uid, gid] = process.argv.slice(1);
const owner = uid === '' ? {} : { uid: Number(uid), gid: Number(gid) };
process.stdin.resume();
process.stdin.on('close', () => {
  require('node:child_process').spawnSync(pgCtl, ['-D', data, '-m', 'immediate', '-w', '-s', 'stop'], { ...owner, cwd: '/' });
  require('node:fs').rmSync(folder, { recursive: true, force: true });
});
`;

interface Watched extends ClusterOptions {
  data: string;
  folder: string;
}

function watch({ bin, data, folder, owner }: Watched): ChildProcess {
  const ids = [String(owner?.uid ?? ''), String(owner?.gid ?? '')];
  const watchdog = spawn(
    process.execPath,
    ['-e', WATCHDOG, join(bin, 'pg_ctl'), data, folder, ...ids],
    // Its own process group: Ctrl-C in the terminal reaches us and not it.
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', env: ENV },
  );
  watchdog.unref();
  return watchdog;
}

function endOf(watchdog: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (watchdog.exitCode !== null || watchdog.signalCode !== null) return resolve();
    watchdog.ref();
    watchdog.once('exit', () => resolve());
    watchdog.stdin?.end();
  });
}
