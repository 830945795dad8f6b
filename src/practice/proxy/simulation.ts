/**
 * What the embedded database cannot show, because it has one session: somebody who holds a lock, and another operator
 * who is at work. The questions of src/postgres/blockers.ts and src/postgres/store/lock.ts are answered in its place.
 */
import { LOCK_LEVELS } from '../../sql/lock-levels.ts';
import type { LockLevel } from '../../sql/types.ts';
import { bound, errorResponse, rowsResponse, sqlOf, type Message } from './messages.ts';

/** A session that is not there: everything that is asked about one. */
export interface Ghost {
  pid: number;
  user: string;
  application: string;
  /** Of its session and its transaction. */
  since: Date;
  query: string;
}

export interface Hold extends Ghost {
  /** Names of tables, without a schema. */
  tables: string[];
  level: LockLevel;
}

export interface Simulation {
  hold(hold: Hold): void;
  release(pid: number): void;
  /** A session that holds the lock of all runs. */
  work(ghost: Ghost): void;
  /** What the wizard's own session is answered instead of the server. */
  instead(sql: string, status: 'I' | 'T' | 'E'): Promise<Buffer | null>;
  /** What a second session is answered; null: nothing is simulated for that. */
  second(batch: readonly Message[]): Buffer | null;
}

/** Which lock levels stand in each other's way (manual, explicit-locking, table 13.2), from the weakest to the strongest. */
const CONFLICTS: Readonly<Record<LockLevel, number>> = {
  'ACCESS SHARE': 0b10000000,
  'ROW SHARE': 0b11000000,
  'ROW EXCLUSIVE': 0b11110000,
  'SHARE UPDATE EXCLUSIVE': 0b11111000,
  SHARE: 0b11101100,
  'SHARE ROW EXCLUSIVE': 0b11111100,
  EXCLUSIVE: 0b11111110,
  'ACCESS EXCLUSIVE': 0b11111111,
};

export function conflict(one: LockLevel, other: LockLevel): boolean {
  return ((CONFLICTS[one] >> LOCK_LEVELS.indexOf(other)) & 1) === 1;
}

/** What a statement of a drill holds until its transaction ends: its tables are those of the plan that it names. */
export function heldBy(sql: string, tables: readonly string[]): Pick<Hold, 'tables' | 'level'> {
  const named = tables.filter((table) => new RegExp(`(?<![\\w])${table}(?![\\w])`, 'i').test(sql));
  const [, mode] = /\bLOCK\b[^;]*?\bIN\s+([A-Z ]+?)\s+MODE/i.exec(sql) ?? [];
  const level = LOCK_LEVELS.find((one) => one === mode?.toUpperCase().replace(/\s+/g, ' '));
  if (level) return { tables: named, level };
  if (/\b(LOCK|ALTER|DROP|TRUNCATE)\b/i.test(sql)) return { tables: named, level: 'ACCESS EXCLUSIVE' };
  if (/\b(UPDATE|INSERT|DELETE)\b/i.test(sql)) return { tables: named, level: 'ROW EXCLUSIVE' };
  return { tables: named, level: 'ACCESS SHARE' };
}

const LOCK_TABLE = /^LOCK TABLE (.+) IN ([A-Z ]+) MODE$/;
/** Of `"schema"."table"` the second. */
const LAST_PART = /(?:"(?:[^"]|"")*"\s*\.\s*)?"((?:[^"]|"")*)"/g;
const LOCK_TIMEOUT = { sqlstate: '55P03', message: 'canceling statement due to lock timeout' };
/** As long as a try waits: the wizard looks meanwhile at who is in the way. */
const WAIT_MS = 200;

const BLOCKER_COLUMNS = [
  ...['pid', 'backend_start', 'user_name', 'application_name', 'state', 'query', 'address', 'backend_type'],
  ...['age', 'may_signal', 'waits_for_us', 'locks', 'prepared'],
];

const HOLDER_COLUMNS = [
  ...['pid', 'backend_start', 'user_name', 'application_name', 'state', 'query', 'address', 'own', 'seconds'],
  'waits',
];

/** As `instant` of src/postgres/store/runs.ts writes a time. */
export const instantOf = (date: Date): string => date.toISOString().replace('Z', '000Z');

const lockMode = (level: LockLevel): string =>
  `${level.toLowerCase().replace(/(^| )([a-z])/g, (_, _space, letter: string) => letter.toUpperCase())}Lock`;

const secondsSince = (date: Date): string => String((Date.now() - date.getTime()) / 1000);

export function createSimulation(): Simulation {
  const holds = new Map<number, Hold>();
  let waitedFor: { table: string; level: LockLevel } | null = null;
  let working: Ghost | null = null;

  const inTheWay = (table: string, level: LockLevel): Hold | undefined =>
    [...holds.values()].find((hold) => hold.tables.includes(table) && conflict(hold.level, level));

  async function lock(sql: string): Promise<Buffer | null> {
    const [, names = '', mode = ''] = LOCK_TABLE.exec(sql) ?? [];
    const level = LOCK_LEVELS.find((one) => one === mode);
    if (!level) return null;
    const tables = [...names.matchAll(LAST_PART)].map(([, name = '']) => name);
    const blocked = tables.find((table) => inTheWay(table, level));
    if (blocked === undefined) return null;
    waitedFor = { table: blocked, level };
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const free = !inTheWay(blocked, level);
    waitedFor = null;
    return free ? null : errorResponse(LOCK_TIMEOUT);
  }

  function blockers(): Buffer {
    const wanted = waitedFor;
    const hold = wanted && inTheWay(wanted.table, wanted.level);
    return rowsResponse(BLOCKER_COLUMNS, hold ? [blockerRow(hold)] : []);
  }

  function act(sql: string, batch: readonly Message[]): Buffer {
    const [, pid = ''] = bound(batch);
    const hold = holds.get(Number(pid));
    if (!hold) return rowsResponse(['state', 'sent'], []);
    const ends = sql.includes('pg_terminate_backend(');
    if (ends) holds.delete(hold.pid);
    return rowsResponse(['state', 'sent'], [['idle in transaction', ends ? 't' : null]]);
  }

  return {
    hold: (hold) => void holds.set(hold.pid, hold),
    release: (pid) => void holds.delete(pid),
    work: (ghost) => void (working = ghost),
    async instead(sql, status) {
      if (status === 'T') return lock(sql);
      if (!working || status !== 'I') return null;
      if (sql.includes('pg_try_advisory_lock(')) return rowsResponse(['taken'], [['f']]);
      if (sql.includes("l.locktype = 'advisory'") && sql.includes('a.application_name')) {
        return rowsResponse(HOLDER_COLUMNS, [holderRow(working)]);
      }
      return null;
    },
    second(batch) {
      const sql = batch.map(sqlOf).find((one) => one !== null) ?? '';
      if (sql.includes('pg_terminate_backend(') || sql.includes('pg_cancel_backend(')) return act(sql, batch);
      if (sql.includes('FROM pg_locks w WHERE NOT w.granted AND w.pid <>'))
        return rowsResponse(BLOCKER_COLUMNS, []);
      if (sql.includes('may_signal')) return blockers();
      if (sql.includes('FROM pg_locks l JOIN pg_class c')) {
        const rows = waitedFor ? [[lockMode(waitedFor.level), waitedFor.table]] : [];
        return rowsResponse(['mode', 'name'], rows);
      }
      // Settings: a session that is not there keeps none.
      return /^\s*(SET|SELECT)\b/i.test(sql) ? rowsResponse([], []) : null;
    },
  };
}

function blockerRow(hold: Hold): (string | null)[] {
  const { pid, since, user, application, query } = hold;
  const locks = hold.tables.map((table) => ({ mode: lockMode(hold.level), table, granted: true }));
  return [
    ...[String(pid), instantOf(since), user, application, 'idle in transaction', query, 'socket'],
    ...['client backend', secondsSince(since), 't', 'f', JSON.stringify(locks), null],
  ];
}

function holderRow({ pid, since, user, application, query }: Ghost): (string | null)[] {
  return [
    ...[String(pid), instantOf(since), user, application, 'active', query, 'socket', 'f'],
    ...[secondsSince(since), null],
  ];
}
