/** One run at a time on a database: an advisory lock of the working session. It is only ever tried for, never waited for. */
import type { Session } from '../../sql/session.ts';
import { asBoolean, asNumber, asText, asTextOrNull } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { pinned } from '../scope.ts';
import { instant } from './runs.ts';

/** `back` and `out ` as numbers; advisory locks count per database (manual, explicit-locking). */
const KEY = [0x6261636b, 0x6f757420] as const;

const HELD = `l.locktype = 'advisory' AND l.classid = ${KEY[0]} AND l.objid = ${KEY[1]} AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())`;

const TAKE = `
  SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks l WHERE ${HELD} AND l.pid = pg_backend_pid()) THEN true
              ELSE pg_try_advisory_lock(${KEY.join(', ')}) END AS taken`;

/** For the transaction only. */
export const TRY_IN_TRANSACTION = `SELECT pg_try_advisory_xact_lock(${KEY.join(', ')}) AS taken`;

/** Whether this session has it now; taking it twice is taking it once. @throws {DatabaseError} */
export async function takeRunLock(session: Session): Promise<boolean> {
  const { rows } = await pinned(session, () => session.query(TAKE));
  return asBoolean(rows[0]?.['taken']);
}

/** Nothing happens when this session does not have it. @throws {DatabaseError} */
export async function releaseRunLock(session: Session): Promise<void> {
  await pinned(session, () =>
    session.query(
      `SELECT pg_advisory_unlock(${KEY.join(', ')}) AS freed FROM pg_locks l WHERE ${HELD} AND l.pid = pg_backend_pid()`,
    ),
  );
}

/** The session that works on a run. Texts are sanitised. */
export interface LockHolder {
  pid: number;
  /** As ISO 8601 in UTC; null where this role may not see it. */
  backendStart: string | null;
  user: string;
  application: string;
  address: string;
  /** pg_stat_activity.state; '' where this role may not see it. */
  state: string;
  /** Seconds in that state. */
  stateSeconds: number | null;
  /** e.g. `Lock: relation`; '' when it waits for nothing. */
  waits: string;
  query: string;
  /** It is this very session. */
  own: boolean;
}

const HOLDER = `
  SELECT l.pid, ${instant('a.backend_start')} AS backend_start, a.usename AS user_name, a.application_name, a.state, a.query,
         COALESCE(host(a.client_addr), 'socket') AS address, l.pid = pg_backend_pid() AS own,
         extract(epoch FROM clock_timestamp() - a.state_change) AS seconds,
         CASE WHEN a.state = 'active' AND a.wait_event_type IS NOT NULL THEN a.wait_event_type || ': ' || a.wait_event END AS waits
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE ${HELD}`;

const QUERY_SHOWN = 200;

/** Who has the lock, this session included; null when nobody has. @throws {DatabaseError} */
export async function runLockHolder(session: Session): Promise<LockHolder | null> {
  const [row] = (await pinned(session, () => session.query(HOLDER))).rows;
  if (!row) return null;
  const seconds = asTextOrNull(row['seconds']);
  return {
    pid: asNumber(row['pid']),
    backendStart: asTextOrNull(row['backend_start']),
    user: toLine(asText(row['user_name'])),
    application: toLine(asText(row['application_name'])),
    address: toLine(asText(row['address'])),
    state: toLine(asText(row['state'])),
    stateSeconds: seconds === null ? null : Math.max(0, Number(seconds)),
    waits: toLine(asText(row['waits'])),
    query: toLine(asText(row['query']), QUERY_SHOWN),
    own: asBoolean(row['own']),
  };
}
