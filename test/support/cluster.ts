/** A PostgreSQL server of our own: a new cluster in a temporary folder, on a free port of 127.0.0.1. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  closeSync,
  readFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverBin } from './binaries.ts';

export interface Cluster {
  host: string;
  port: number;
  user: string;
  password: string;
  /** The folder that holds the data directory, the log, and the Unix socket. */
  folder: string;
  data: string;
  /** The folder of the server's programs. */
  bin: string;
  url(database: string): string;
  /** Whom the server runs as; undefined: ourselves. For restarting it by hand. */
  owner: Owner | undefined;
  /** Stops the server at once and removes the folder. Happens by itself when this process dies. */
  stop(): Promise<void>;
}

export interface Owner {
  uid: number;
  gid: number;
}

/** Everything in it is thrown away: no waiting for the disk. Autovacuum would take locks that tests do not expect. */
const SETTINGS = [
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['autovacuum', 'off'],
  ['jit', 'off'],
  ['shared_buffers', '64MB'],
  ['max_connections', '60'],
  ['max_prepared_transactions', '10'],
  ['wal_level', 'logical'],
  ['listen_addresses', '127.0.0.1'],
] as const;

const ATTEMPTS = 3;

/** Runs initdb and starts the server. Works as root too: the server then runs as postgres or nobody. */
export async function startCluster(settings: Record<string, string> = {}): Promise<Cluster> {
  const owner = ownerWhenRoot();
  const folder = mkdtempSync(join(tmpdir(), 'backout-pg-'));
  const own = (path: string): void => (owner ? chownSync(path, owner.uid, owner.gid) : undefined);
  own(folder);
  try {
    const bin = reachable(serverBin(), folder, owner);
    const password = randomBytes(8).toString('hex');
    const secret = join(folder, 'password');
    writeFileSync(secret, password, { mode: 0o600 });
    own(secret);
    const data = join(folder, 'data');
    run(
      join(bin, 'initdb'),
      [
        '-D',
        data,
        '-U',
        'postgres',
        '-A',
        'scram-sha-256',
        `--pwfile=${secret}`,
        '-E',
        'UTF8',
        '--locale=C',
        '-N',
      ],
      owner,
    );
    const port = await startServer(bin, data, folder, owner, settings);
    const watchdog = watch(bin, data, folder, owner);
    return {
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password,
      folder,
      data,
      bin,
      owner,
      url: (database) =>
        `postgresql://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
      stop: () => endOf(watchdog),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL refuses to run as root. */
function ownerWhenRoot(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', user], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', user], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('running as root, and there is neither a user postgres nor nobody to run the server as');
}

/** The programs' folder, or a copy when the server's user may not read it (a checkout in root's home). */
function reachable(bin: string, folder: string, owner: Owner | undefined): string {
  const works = spawnSync(join(bin, 'postgres'), ['--version'], { ...owner, cwd: '/' }).status === 0;
  if (works) return bin;
  const copy = join(folder, 'native');
  cpSync(dirname(bin), copy, { recursive: true });
  return join(copy, 'bin');
}

function run(program: string, parameters: string[], owner: Owner | undefined): void {
  const result = spawnSync(program, parameters, { ...owner, cwd: tmpdir(), encoding: 'utf8' });
  if (result.status !== 0) {
    throw new Error(`${program} failed: ${result.error?.message ?? result.stderr}${result.stdout ?? ''}`);
  }
}

async function startServer(
  bin: string,
  data: string,
  folder: string,
  owner: Owner | undefined,
  more: Record<string, string>,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const settings = { ...Object.fromEntries(SETTINGS), port: String(port), ...more };
    const lines = Object.entries({ ...settings, unix_socket_directories: folder }).map(
      ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
    );
    writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''));
    const log = join(folder, 'log');
    closeSync(openSync(log, 'w', 0o600));
    if (owner) chownSync(log, owner.uid, owner.gid);
    try {
      run(join(bin, 'pg_ctl'), ['-D', data, '-l', log, '-w', '-t', '60', '-s', 'start'], owner);
      return port;
    } catch (error) {
      // Another program may have taken the port in between.
      if (attempt < ATTEMPTS) continue;
      throw new Error(`the server did not start:\n${readFileSync(log, 'utf8')}`, { cause: error });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/**
 * A process of its own that waits for the end of its input, which comes when we close it or die of whatever cause,
 * and then stops the server and removes the folder.
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

function watch(bin: string, data: string, folder: string, owner: Owner | undefined): ChildProcess {
  const watchdog = spawn(
    process.execPath,
    ['-e', WATCHDOG, join(bin, 'pg_ctl'), data, folder, String(owner?.uid ?? ''), String(owner?.gid ?? '')],
    // Its own process group: Ctrl-C in the terminal reaches us and not it.
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' },
  );
  watchdog.unref();
  return watchdog;
}

function endOf(watchdog: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (watchdog.exitCode !== null) return resolve();
    watchdog.ref();
    watchdog.once('exit', () => resolve());
    watchdog.stdin?.end();
  });
}
