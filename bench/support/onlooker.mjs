// Somebody else's session, in a thread of its own: it looks at a lock, or reads and writes the table, until it is told
// to stop. In this thread nothing of the program's own work can be taken for waiting.
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const POLL_MS = 3;
const CALL_MS = 2;
const TABLES = ['codebase_snapshots', 'detection_events'];

/** A gap counts whole when the lock was held on both of its sides, half on one. */
async function lookAtLock(client, stopped) {
  const { rows } = await client.query(`SELECT '${TABLES[0]}'::regclass::oid AS oid`);
  const query = {
    name: 'held',
    text: `SELECT count(*) AS held FROM pg_locks
            WHERE locktype = 'relation' AND relation = $1 AND mode = 'AccessExclusiveLock' AND granted`,
    values: [rows[0].oid],
  };
  let [last, before, seconds] = [performance.now(), 0, 0];
  parentPort.postMessage('ready');
  for (let ended = false; !ended;) {
    ended = stopped();
    const found = await client.query(query);
    const [now, held] = [performance.now(), Number(found.rows[0].held)];
    seconds += ((now - last) * (held + before)) / 2000;
    [last, before] = [now, held];
    await pause(POLL_MS);
  }
  return { seconds };
}

const READ = (table) => `SELECT * FROM ${table} WHERE id = $1`;
const WRITE = (table) => `UPDATE ${table} SET updated_at = updated_at WHERE id = $1`;

/** One row after the other, by whichever name the table has. */
async function call(client, statement, stopped) {
  const { rows } = await client.query(`SELECT id FROM ${TABLES[0]} LIMIT 100`);
  let [table, other] = TABLES;
  let [longest, calls] = [0, 0];
  parentPort.postMessage('ready');
  while (!stopped()) {
    const values = [rows[calls % rows.length].id];
    const began = performance.now();
    for (let done = false; !done;) {
      try {
        await client.query(statement(table), values);
        done = true;
      } catch (error) {
        if (error.code !== '42P01') throw error;
        [table, other] = [other, table];
      }
    }
    longest = Math.max(longest, performance.now() - began);
    calls += 1;
    await pause(CALL_MS);
  }
  return { seconds: longest / 1000, calls };
}

const KINDS = {
  lock: lookAtLock,
  reader: (client, stopped) => call(client, READ, stopped),
  writer: (client, stopped) => call(client, WRITE, stopped),
};

async function look({ kind, url }) {
  let ended = false;
  parentPort.once('message', () => (ended = true));
  const client = new pg.Client({ connectionString: url, application_name: `bench ${kind}` });
  await client.connect();
  const result = await KINDS[kind](client, () => ended).finally(() => client.end());
  parentPort.postMessage(result);
}

/**
 * Starts one and returns, once it has begun, what ends it and says what it saw: `lock`, for how many seconds somebody
 * held ACCESS EXCLUSIVE on the table; `reader` and `writer`, the seconds of their longest call, and how many they made.
 * @param {'lock' | 'reader' | 'writer'} kind
 * @param {string} url
 */
export function onlooker(kind, url) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind, url } });
  const messages = [];
  const waiting = [];
  const failed = new Promise((_resolve, reject) => worker.once('error', reject));
  failed.catch(() => undefined);
  worker.on('message', (message) => (waiting.shift() ?? ((one) => messages.push(one)))(message));
  const next = () =>
    Promise.race([
      failed,
      messages.length > 0 ? messages.shift() : new Promise((resolve) => waiting.push(resolve)),
    ]);
  return next().then(() => async () => {
    worker.postMessage('stop');
    return next();
  });
}

if (!isMainThread && workerData?.kind) await look(workerData);
