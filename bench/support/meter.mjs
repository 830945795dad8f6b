// What a piece of work costs the server: time, log, processor, and for how long the table is closed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlooker } from './onlooker.mjs';

/** Clock ticks a second, as /proc counts them (sysconf(_SC_CLK_TCK) of every Linux in use). */
const TICKS = 100;

/** utime, stime, cutime, cstime (manual page proc(5)), in seconds. */
function processor(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) / TICKS);
}

/**
 * Seconds of processor that a session has used so far, null where it cannot be told. Workers of a parallel index build
 * are children of the postmaster, which counts them when they are gone.
 * @param {string} data the server's data directory @param {number} backend its pid
 */
export function spent(data, backend) {
  if (process.platform !== 'linux') return null;
  const postmaster = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0];
  const [user, system] = processor(backend);
  const [, , children, childrenSystem] = processor(postmaster);
  return user + system + children + childrenSystem;
}

/**
 * @param {{ connected: (database: string) => Promise<import('pg').Client>, cluster: { data: string, url: (database: string) => string } }} server
 * @param {string} database
 * @param {number} backend the pid of the session that works
 * @param {() => Promise<number>} work resolves to its own seconds
 */
export async function metered({ connected, cluster }, database, backend, work) {
  const client = await connected('postgres');
  const position = async () => {
    const { rows } = await client.query(`SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes`);
    return Number(rows[0].bytes);
  };
  try {
    const look = await onlooker('lock', cluster.url(database));
    const [before, processorBefore] = [await position(), spent(cluster.data, backend)];
    const seconds = await work();
    const [after, processorAfter] = [await position(), spent(cluster.data, backend)];
    const closed = (await look()).seconds;
    const wal = (after - before) / 2 ** 20;
    return {
      seconds,
      wal,
      closed,
      processor: processorAfter === null ? NaN : processorAfter - processorBefore,
    };
  } finally {
    await client.end();
  }
}

/**
 * The longest that one who reads and one who writes had to wait while the work was done, in seconds.
 * @param {string} url
 * @param {() => Promise<unknown>} work
 */
export async function withTraffic(url, work) {
  const [reader, writer] = [await onlooker('reader', url), await onlooker('writer', url)];
  await work();
  const [read, written] = await Promise.all([reader(), writer()]);
  return { read, written };
}
