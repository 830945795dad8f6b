/** The embedded practice database: a PostgreSQL of our own, made anew at every start and gone at the end. */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { EXIT, UserError } from '../exit.ts';
import { folderPrefix } from './left-over.ts';
import { PRACTICE_DATABASE } from './prepared-name.ts';
import type { FromWorker, WorkerOrder } from './worker-messages.ts';

export interface EmbeddedOptions {
  /** How long ago the migration shall have run. Default 3. */
  hoursAgo?: number;
  /** The folder with `worker.js` and the prepared database. */
  assets?: URL;
}

export interface Embedded {
  /** A connection URI as libpq reads it: a Unix socket in a folder of mode 0700, or on Windows a port of 127.0.0.1. */
  url: string;
  /** The same, for whoever stands in between. */
  server: { path: string; folder: string } | { host: string; port: number };
  /** From the call to the first client that could connect. */
  readyMs: number;
  /**
   * Ends it, also in the middle of a statement, and removes its folder. Everything done in it is gone. This is also
   * the only way to end a statement early: PGlite knows no cancel, and hears no one while it works.
   */
  stop(): Promise<void>;
}

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux (unix(4), unix(7)). */
const LONGEST_SOCKET_PATH = 103;

/**
 * Starts the embedded database in a worker thread, so that keys and Ctrl-C always work.
 * @throws {UserError} exit 69 when it is not there (not built) or does not start
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const started = performance.now();
  const { hoursAgo = 3, assets = defaultAssets() } = options;
  const worker = new URL('worker.js', assets);
  const dump = fileURLToPath(new URL('database.tar.gz', assets));
  for (const file of [fileURLToPath(worker), dump]) {
    if (!existsSync(file)) throw notBuilt(file);
  }
  const place = await makePlace();
  const stop = await runWorker(worker, { dump, hoursAgo, listen: place.listen }, place.remove);
  const { connection, end } = stop;
  return {
    url: place.url(connection),
    server: place.server(connection),
    readyMs: performance.now() - started,
    stop: end,
  };
}

/** The prepared files: beside the bundle in `dist`; from source, where the test set-up and `npm run build` keep them. */
export function defaultAssets(): URL {
  const fromSource = import.meta.url.endsWith('/src/practice/embedded.ts');
  return new URL(fromSource ? '../../node_modules/.cache/backout/practice/' : './practice/', import.meta.url);
}

interface Place {
  listen: WorkerOrder['listen'];
  url(connection: string): string;
  server(connection: string): Embedded['server'];
  remove(): void;
}

async function makePlace(): Promise<Place> {
  if (process.platform === 'win32') {
    return {
      listen: { host: '127.0.0.1', port: 0 },
      url: (connection) => `postgresql://postgres@${connection}/${PRACTICE_DATABASE}`,
      server: (connection) => ({ host: '127.0.0.1', port: Number(connection.split(':').at(-1)) }),
      remove: () => undefined,
    };
  }
  const folder = await makeFolder();
  const query = new URLSearchParams({ host: folder, port: '5432', user: 'postgres' });
  return {
    listen: { path: socketIn(folder) },
    url: () => `postgresql:///${PRACTICE_DATABASE}?${query.toString()}`,
    server: () => ({ path: socketIn(folder), folder }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** mkdtemp makes it with mode 0700: nobody else can reach the sockets inside. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(folderPrefix('practice'));
  // A drill's own socket is one folder further down.
  if (Buffer.byteLength(socketIn(join(folder, 'w'))) <= LONGEST_SOCKET_PATH) return folder;
  await rm(folder, { recursive: true });
  return mkdtemp(folderPrefix('practice', '/tmp'));
}

/** The name that every client of PostgreSQL looks for in the folder given as host. */
function socketIn(folder: string): string {
  return join(folder, '.s.PGSQL.5432');
}

async function runWorker(
  file: URL,
  order: WorkerOrder,
  removePlace: () => void,
): Promise<{ connection: string; end(): Promise<void> }> {
  const worker = new Worker(file, { workerData: order, name: 'practice', execArgv: [] });
  process.once('exit', removePlace);
  const end = async (): Promise<void> => {
    await worker.terminate();
    process.removeListener('exit', removePlace);
    removePlace();
  };
  try {
    const connection = await firstMessage(worker);
    // From here on its end is seen by its clients as a lost connection; it must not take the program down.
    worker.on('error', () => undefined);
    // Whoever forgets to stop it is not kept alive by it; a connected client is.
    worker.unref();
    return { connection, end };
  } catch (error) {
    await end();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The practice database did not start: ${reason}`,
      'Run `npm run build` once more and try again.',
      EXIT.cannotConnect,
      { cause: error },
    );
  }
}

function firstMessage(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`its thread ended with status ${code}`)));
    worker.once('message', (message: FromWorker) =>
      message.type === 'ready' ? resolve(message.connection) : reject(new Error(message.reason)),
    );
  });
}

function notBuilt(file: string): UserError {
  return new UserError(
    `The practice database is not there: ${file} is missing.`,
    'Run `npm run build` first.',
    EXIT.cannotConnect,
  );
}
