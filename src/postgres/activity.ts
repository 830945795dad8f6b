/** What else is going on in the database. */
import type { Session } from '../sql/session.ts';
import { asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { arrayLiteral } from './catalog.ts';

export interface OtherSession {
  pid: number;
  user: string;
  application: string;
  /** `idle`, `active`, `idle in transaction` …; empty where this role may not see it. */
  state: string;
  /** Seconds the open transaction has lasted, or null. */
  transactionSeconds: number | null;
  address: string;
}

/** Sessions with our own application_name are this run's. Expects our own search_path. */
const OTHERS = `
  SELECT a.pid, a.usename AS user_name, a.application_name, COALESCE(a.state, '') AS state,
         extract(epoch FROM clock_timestamp() - a.xact_start) AS xact_seconds,
         COALESCE(host(a.client_addr), 'socket') AS address
    FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
     AND a.backend_type = 'client backend'
     AND (a.application_name = '' OR a.application_name <> current_setting('application_name'))
   ORDER BY a.xact_start NULLS LAST, a.pid`;

/** Client sessions in this database that are not ours; those with the oldest transaction first. */
export async function otherSessions(session: Session): Promise<OtherSession[]> {
  const { rows } = await session.query(OTHERS);
  return rows.map((row) => {
    const seconds = asTextOrNull(row['xact_seconds']);
    return {
      pid: asNumber(row['pid']),
      user: toLine(asText(row['user_name'])),
      application: toLine(asText(row['application_name'])),
      state: toLine(asText(row['state'])),
      transactionSeconds: seconds === null ? null : Math.max(0, Math.round(Number(seconds))),
      address: toLine(asText(row['address'])),
    };
  });
}

/** One session in a line. */
export function sessionLine(other: OtherSession): string {
  const open =
    other.transactionSeconds === null ? '' : `, transaction open for ${duration(other.transactionSeconds)}`;
  const name = other.application ? ` "${other.application}"` : '';
  return `pid ${other.pid}${name}, user ${other.user}, ${other.state || 'state not visible'}${open}, from ${other.address}`;
}

const WRITTEN = `
  SELECT s.relid::text AS oid, s.n_tup_ins + s.n_tup_upd + s.n_tup_del AS written
    FROM pg_stat_all_tables s WHERE s.relid = ANY ($1::oid[])`;

/** A backend reports its counts at most once a second (manual, monitoring-stats). */
const SAMPLE_MS = 1200;

export interface WriteRate {
  oid: number;
  /** Rows inserted, updated and deleted between the two samples. */
  rows: number;
  seconds: number;
}

/**
 * Rows written to each table between two samples; tables without writes are left out.
 * @param sampleMs milliseconds between them, by default a little over a second
 */
export async function writeRates(
  session: Session,
  oids: readonly number[],
  sampleMs = SAMPLE_MS,
): Promise<WriteRate[]> {
  const before = await written(session, oids);
  const began = Date.now();
  await new Promise((resolve) => setTimeout(resolve, sampleMs));
  const after = await written(session, oids);
  const seconds = (Date.now() - began) / 1000;
  return [...after].flatMap(([oid, total]) => {
    const rows = total - (before.get(oid) ?? total);
    return rows > 0 ? [{ oid, rows, seconds }] : [];
  });
}

async function written(session: Session, oids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await session.query(WRITTEN, [arrayLiteral(oids)]);
  return new Map(rows.map((row) => [asNumber(row['oid']), asNumber(row['written'])]));
}

/** e.g. `45 seconds`, `3 hours`, `12 days`: one unit, rounded down. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, size] of units) if (seconds >= 2 * size) return count(Math.floor(seconds / size), unit);
  return count(Math.floor(seconds), 'second');
}

/** `1 row`, `2 rows`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Bytes for people, in units of 1024. */
export function bytes(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = size;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[at] ?? ''}`;
}
