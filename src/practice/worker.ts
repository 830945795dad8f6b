/**
 * The embedded Postgres, in a worker thread: PGlite blocks the thread it runs on, for as long as a statement takes.
 * It has one session. Clients that connect share it, one message at a time.
 */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzip } from 'node:zlib';
import { freshenStatements } from './freshen.ts';
import { PRACTICE_DATABASE } from './prepared-name.ts';
import type { FromWorker, WorkerOrder } from './worker-messages.ts';

/**
 * The embedded server is compiled once, quickly, and not again for speed: in the minutes that practice lasts the second
 * compiler takes more of the processor than its code gives back (a quarter of all, `bench/README.md`).
 */
const COMPILED_ONCE = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/** One client works; a second may come while the first one's socket is still closing. */
const MAX_CONNECTIONS = 4;

async function serve(order: WorkerOrder): Promise<FromWorker> {
  for (const flag of COMPILED_ONCE) setFlagsFromString(flag);
  // Node's own gunzip takes a tenth of the time of the stream that PGlite would use.
  const dump = await promisify(gunzip)(await readFile(order.dump));
  const db = await PGlite.create({
    loadDataDir: new Blob([dump]),
    database: PRACTICE_DATABASE,
    extensions: { vector },
  });
  await db.exec(freshenStatements(order.hoursAgo).join(';\n'));
  const server = new PGLiteSocketServer({ db, maxConnections: MAX_CONNECTIONS, ...order.listen });
  await server.start();
  return { type: 'ready', connection: server.getServerConn() };
}

serve(workerData as WorkerOrder).then(
  (message) => parentPort?.postMessage(message),
  (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ type: 'failed', reason } satisfies FromWorker);
  },
);
