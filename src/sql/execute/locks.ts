/** Taking locks: short tries with pauses, and nothing held in a pause that was not held before. */
import type { Action, StepLocks } from '../procedure/types.ts';
import { DatabaseError } from '../session.ts';
import { lockTimeout, patientTryMs, pauseAfter, worthRetrying, type LockPolicy } from './lock-policy.ts';
import { quoted, rollBack, Stopped } from './transaction.ts';
import type { LockTry, StepRequest } from './types.ts';

/** Could not be had within the bounds: `cause` is the server's last refusal. */
export class LockNotHad extends Error {
  constructor(
    readonly tried: LockTry,
    override readonly cause: unknown,
  ) {
    super('the lock could not be had');
  }
}

interface Wanted {
  step: string;
  table: string;
  level: LockTry['level'];
  sql: string;
}

/**
 * Begins the transaction and takes the first locks. A try that fails is rolled back whole before the pause.
 * @returns our backend's pid
 * @throws {LockNotHad} after the last try, with the transaction still open
 */
export async function beginWithLocks(request: StepRequest): Promise<number> {
  const { session, locks, schema } = request;
  const step = request.procedures[0]?.step ?? '';
  const wanted = locks.map((lock) => ({
    step,
    table: lock.table,
    level: lock.level,
    sql: lockSql(lock, schema),
  }));
  let pid = 0;
  await retried(request, request.policies.before, false, {
    wanted,
    async prepare() {
      await session.query('BEGIN');
      pid = await begun(request);
      return pid;
    },
    undo: () => rollBack(session),
  });
  return pid;
}

/** Held until the transaction ends; `lock_timeout` counts for an advisory lock as well (manual, runtime-config-client). */
function lockSql({ advisory, schema, table, level }: StepLocks, own: string): string {
  return advisory === undefined
    ? `LOCK TABLE ${quoted(schema ?? own)}.${quoted(table)} IN ${level} MODE`
    : `SELECT pg_catalog.pg_advisory_xact_lock(${BigInt(advisory)}::pg_catalog.int8)`;
}

/** `SET LOCAL` ends with the transaction. The server's idle timeout is far longer than any pause of ours. */
async function begun({ session, schema, lockTimeoutMs }: StepRequest): Promise<number> {
  await session.query('SET LOCAL statement_timeout = 0');
  await session.query(`SET LOCAL search_path = ${quoted(schema)}, pg_temp`);
  await setLockTimeout(session, lockTimeoutMs);
  const { rows } = await session.query('SELECT pg_catalog.pg_backend_pid() AS pid');
  return Number(rows[0]?.['pid']);
}

/**
 * A stronger lock in the middle of the work: taken at a savepoint, so that a try that fails gives back what it took and
 * nothing else. Locks that follow each other are one try: none is held while another is waited for again.
 * @throws {LockNotHad} after the last try
 */
export async function lockAmid(
  request: StepRequest,
  step: string,
  actions: readonly Action[],
  pid: number,
): Promise<void> {
  const { session, hooks } = request;
  const wanted = actions.map((action) => ({ step, sql: action.sql, ...lockOf(action) }));
  for (const action of actions) hooks.actionStarted(step, action);
  const began = request.now();
  await retried(request, request.policies.amid, true, {
    wanted,
    async prepare() {
      await session.query('SAVEPOINT backout_lock');
      return pid;
    },
    async undo() {
      if (!session.lost) await session.query('ROLLBACK TO SAVEPOINT backout_lock');
    },
  });
  await session.query('RELEASE SAVEPOINT backout_lock');
  const seconds = (request.now() - began) / 1000;
  for (const action of actions) hooks.actionDone(step, action, null, seconds);
}

/** What a LOCK TABLE of our own asks for, for the operator to read. */
export function lockOf(action: Action): { table: string; level: LockTry['level'] } {
  const found = /^LOCK TABLE (?:ONLY )?(.+) IN ([A-Z ]+) MODE$/.exec(action.sql);
  const names = [...(found?.[1] ?? '').matchAll(/(?:"(?:[^"]|"")*"\.)?"((?:[^"]|"")*)"/g)].map(
    ([, name]) => name ?? '',
  );
  return {
    table: names.map((name) => name.replaceAll('""', '"')).join(', ') || action.sql,
    level: (found?.[2] ?? 'ACCESS EXCLUSIVE') as LockTry['level'],
  };
}

interface Attempt {
  wanted: Wanted[];
  /** Opens what a failed try is undone to; returns our backend's pid. */
  prepare(): Promise<number>;
  undo(): Promise<void>;
}

async function retried(
  request: StepRequest,
  policy: LockPolicy,
  amid: boolean,
  { wanted, prepare, undo }: Attempt,
): Promise<void> {
  const { hooks, now, session } = request;
  const since = now();
  let missed: LockTry | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const pid = await prepare();
    const tryMs = (amid && (await patience(request, policy, attempt))) || policy.tryMs;
    const began = now();
    let tried: LockTry | null = null;
    try {
      for (const { sql, ...of } of wanted) {
        if (request.stopped()) throw new Stopped();
        tried = { ...of, attempt, attempts: policy.tries, since, amid };
        await setLockTimeout(session, lockTimeout({ ...policy, tryMs }, now() - began));
        hooks.lockTrying(tried, pid);
        await session.query(sql);
      }
      await setLockTimeout(session, request.lockTimeoutMs);
      return hooks.lockTaken(missed);
    } catch (error) {
      if (!tried || !(error instanceof DatabaseError) || !worthRetrying(error.sqlstate)) throw error;
      missed = tried;
      const pause = pauseAfter(policy, attempt, now() - since, request.random);
      hooks.lockMissed(tried, pause);
      if (pause === null) throw new LockNotHad(tried, error);
      await undo();
      await request.pause(pause);
      if (request.stopped()) throw new Stopped();
    }
  }
}

const DEADLOCK_TIMEOUT = `SELECT s.setting AS ms FROM pg_catalog.pg_settings s
  WHERE s.name OPERATOR(pg_catalog.=) 'deadlock_timeout'::pg_catalog.text`;

/**
 * Milliseconds of a try that lets the server find the deadlock we are in; null for every other try. A session that waits
 * for what we hold while we wait for what it holds goes on waiting for ever otherwise. The server breaks off whoever's
 * wait it looks at: theirs, and we go on; ours, and the savepoint is left as after any other try.
 */
async function patience(
  { session, deadlocked }: StepRequest,
  policy: LockPolicy,
  attempt: number,
): Promise<number | null> {
  if (attempt !== policy.patientTry || deadlocked?.() === false) return null;
  const { rows } = await session.query(DEADLOCK_TIMEOUT);
  return patientTryMs(Number(rows[0]?.['ms']));
}

async function setLockTimeout(session: StepRequest['session'], ms: number): Promise<void> {
  await session.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.round(ms))}`);
}
