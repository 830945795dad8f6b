/** Who holds a lock that a session waits for, and ending that. */
import { DatabaseError, type Session } from '../sql/session.ts';
import { asBoolean, asJson, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Blocker } from '../wizard/types.ts';
import { pinned } from './scope.ts';
import { instant } from './store/runs.ts';

/** Characters of a query that are shown. */
const QUERY_SHOWN = 200;
const LOCKS_SHOWN = 6;

/** The table a lock is on first, when it is the one `$1` waits for. */
const LOCKS = (owner: string): string => `
  (SELECT json_agg(json_build_object('mode', g.mode, 'table', g.name, 'granted', g.granted))
     FROM (SELECT l.mode, l.granted, CASE WHEN n.nspname = 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
             FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.locktype = 'relation' AND ${owner}
              AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
              AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND n.nspname <> 'pg_catalog'
            ORDER BY c.oid IN (SELECT w.relation FROM pg_locks w WHERE w.pid = $1 AND NOT w.granted) DESC, l.granted DESC, 3, 1
            LIMIT ${LOCKS_SHOWN}) g)`;

/**
 * Signals go to sessions of roles whose rights one has, or to all with pg_signal_backend, but to a superuser's session
 * and to a background worker's only from a superuser (manual, functions-admin).
 */
const MAY_SIGNAL = `
  (SELECT CASE WHEN me.rolsuper THEN true
               WHEN a.usesysid IS NULL OR COALESCE((SELECT o.rolsuper FROM pg_roles o WHERE o.oid = a.usesysid), true) THEN false
               ELSE pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE') END
     FROM pg_roles me WHERE me.rolname = current_user)`;

/** A prepared transaction has no session: pg_blocking_pids calls it 0 (manual, functions-info). */
const blockersAmong = (pids: string): string => `
  SELECT b.pid, ${instant('a.backend_start')} AS backend_start, a.usename AS user_name, a.application_name, a.state, a.query,
         COALESCE(host(a.client_addr), CASE WHEN b.pid <> 0 THEN 'socket' END) AS address, a.backend_type,
         extract(epoch FROM clock_timestamp() - a.xact_start) AS age, ${MAY_SIGNAL} AS may_signal,
         b.pid <> 0 AND $1 = ANY (pg_blocking_pids(b.pid)) AS waits_for_us,
         CASE WHEN b.pid = 0 THEN ${LOCKS('l.pid IS NULL')} ELSE ${LOCKS('l.pid = b.pid')} END AS locks,
         CASE WHEN b.pid = 0 THEN (SELECT json_agg(x.gid ORDER BY x.prepared) FROM pg_prepared_xacts x
                                    WHERE x.database = current_database()) END AS prepared
    FROM (${pids}) b
    LEFT JOIN pg_stat_activity a ON a.pid = b.pid
   ORDER BY a.xact_start NULLS LAST, b.pid`;

const BLOCKERS = blockersAmong('SELECT DISTINCT u.pid FROM unnest(pg_blocking_pids($1)) AS u(pid)');

/** `$1` holds a lock on something that the session of `pid` holds a lock on too, and that session waits for `$1`. */
const inTurn = (pid: string): string => `
  $1 = ANY (pg_blocking_pids(${pid}))
  AND EXISTS (SELECT 1 FROM pg_locks m JOIN pg_locks t ON t.database = m.database AND t.relation = m.relation
               WHERE m.pid = $1 AND m.granted AND m.locktype = 'relation' AND t.pid = ${pid} AND t.granted)`;

const IN_TURN = blockersAmong(
  `SELECT DISTINCT w.pid FROM pg_locks w WHERE NOT w.granted AND w.pid <> $1 AND ${inTurn('w.pid')}`,
);

/**
 * The sessions that wait for the session of this pid and hold a lock on a table that it has locked: what keeps it from a
 * stronger lock. The server refuses that one at once, as a deadlock, so that nobody is ever seen to wait for them.
 * Otherwise as {@link blockersOf}.
 * @throws {DatabaseError}
 */
export async function waitersInTurn(other: Session, pid: number): Promise<Blocker[]> {
  const { rows } = await pinned(other, () => other.query(IN_TURN, [pid]));
  return rows.map(blockerOf);
}

/**
 * The sessions that the session of this pid waits for at this moment: those that hold what it wants, and those that
 * stand before it in the queue. Empty when it waits for nothing. Texts are sanitised. A prepared transaction is one
 * with pid 0: nobody can signal it.
 * @param other a session other than the one that waits
 * @throws {DatabaseError}
 */
export async function blockersOf(other: Session, pid: number): Promise<Blocker[]> {
  const { rows } = await pinned(other, () => other.query(BLOCKERS, [pid]));
  return rows.map(blockerOf);
}

const WAITED_FOR = `
  SELECT l.mode, CASE WHEN n.nspname = 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE l.pid = $1 AND NOT l.granted AND l.locktype = 'relation'
     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
   LIMIT 1`;

/**
 * The table that the session of this pid waits for at this moment, and the lock; null when it waits for none. Sanitised.
 * @throws {DatabaseError}
 */
export async function waitedFor(
  other: Session,
  pid: number,
): Promise<{ table: string; level: string } | null> {
  const [row] = (await pinned(other, () => other.query(WAITED_FOR, [pid]))).rows;
  return row ? { table: toLine(asText(row['name'])), level: toLine(levelOf(asText(row['mode']))) } : null;
}

type Row = Record<string, unknown>;

function blockerOf(row: Row): Blocker {
  const pid = asNumber(row['pid']);
  const age = asTextOrNull(row['age']);
  const may = asBoolean(row['may_signal']) && pid !== 0;
  const state = asText(row['state']);
  const locks = (asJson(row['locks'] ?? null) ?? []) as { mode: string; table: string; granted: boolean }[];
  const kind = asText(row['backend_type']);
  return {
    pid,
    backendStart: asText(row['backend_start']),
    user: toLine(asText(row['user_name'])),
    application: toLine(asText(row['application_name']) || (kind === 'client backend' ? '' : kind)),
    address: toLine(asText(row['address'])),
    state: pid === 0 ? 'prepared transaction' : toLine(state),
    ageSeconds: age === null ? null : Math.max(0, Number(age)),
    query: pid === 0 ? preparedWords(row) : toLine(asText(row['query']), QUERY_SHOWN),
    holds: locks.map(({ mode, table, granted }) =>
      toLine(`${granted ? '' : 'waits for '}${levelOf(mode)} on ${table}`),
    ),
    // Where a role may not see the state, it may not signal either.
    mayCancel: may && runs(state),
    mayTerminate: may,
    waitsForUs: asBoolean(row['waits_for_us']),
  };
}

function runs(state: string): boolean {
  return !state.startsWith('idle');
}

/** `AccessShareLock` is what LOCK TABLE calls ACCESS SHARE. */
function levelOf(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}

function preparedWords(row: Row): string {
  const gids = (asJson(row['prepared'] ?? null) ?? []) as string[];
  const named = gids.map((gid) => `'${gid}'`).join(', ');
  return toLine(
    `it has no session: end it with COMMIT PREPARED or ROLLBACK PREPARED (${named || 'name not found'})`,
  );
}

export type BlockerAction = 'cancel' | 'terminate';

/**
 * One statement: whoever is signalled blocks us at that very moment, and is the session that was shown. Nothing is sent
 * where cancelling has no effect.
 */
const ACT: Readonly<Record<BlockerAction, string>> = {
  cancel: `SELECT a.state, CASE WHEN a.state LIKE 'idle%' THEN NULL ELSE pg_cancel_backend(a.pid) END AS sent`,
  terminate: 'SELECT a.state, pg_terminate_backend(a.pid) AS sent',
};

const STILL = `
    FROM pg_stat_get_activity($2) a
   WHERE (a.pid = ANY (pg_blocking_pids($1)) OR (${inTurn('a.pid')})) AND a.backend_start = $3::timestamptz`;

/** insufficient_privilege. */
const MAY_NOT = '42501';

/**
 * Cancels the query of a blocker or ends its session, if it still is one: asked again in the statement that acts.
 * @param ourPid the session that waits
 * @param blocker as {@link blockersOf} told it
 * @returns what came of it, for the operator
 * @throws {DatabaseError}
 */
export async function actOnBlocker(
  other: Session,
  ourPid: number,
  blocker: Pick<Blocker, 'pid' | 'backendStart'>,
  action: BlockerAction,
): Promise<string> {
  const { pid, backendStart } = blocker;
  if (pid === 0) {
    return 'A prepared transaction has no session that could be ended: use COMMIT PREPARED or ROLLBACK PREPARED.';
  }
  try {
    const { rows } = await pinned(other, () =>
      other.query(ACT[action] + STILL, [ourPid, pid, backendStart || null]),
    );
    return wordsFor(pid, action, rows[0]);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlstate !== MAY_NOT) throw error;
    return toLine(`Nothing was done to pid ${pid}: this role may not (${error.message}).`);
  }
}

function wordsFor(pid: number, action: BlockerAction, row: Row | undefined): string {
  if (!row) return `Nothing was done: pid ${pid} does not block us any more, or is another session by now.`;
  const sent = row['sent'];
  if (sent === null) {
    return `Nothing was done to pid ${pid}: it is ${toLine(asText(row['state']))} and runs no query, so cancelling has no effect. Only ending its session frees its locks.`;
  }
  if (!asBoolean(sent)) return `Nothing was done: pid ${pid} is gone.`;
  return action === 'cancel'
    ? `Asked pid ${pid} to cancel its query. Its locks are free when its transaction has ended.`
    : `Ended the session of pid ${pid}. What it had not committed is rolled back.`;
}
