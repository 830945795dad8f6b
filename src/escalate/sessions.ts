/** Who is connected to a database, one by one, and ending the sessions of the application. */
import { quoteIdentifier } from '../postgres/scope.ts';
import { instant } from '../postgres/store/runs.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asBoolean, asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Access, ConnectedSession } from './types.ts';

const QUERY_SHOWN = 120;

/** As in src/postgres/blockers.ts: whom this role may signal (manual, functions-admin). */
const SESSIONS = `
  SELECT a.pid, ${instant('a.backend_start')} AS backend_start, a.usename, a.application_name, a.state, a.query,
         COALESCE(pg_catalog.host(a.client_addr), 'socket') AS address, a.backend_type,
         COALESCE(r.rolsuper, false) AS is_super, a.usename = o.rolname OR COALESCE(pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE'), false) AS owns,
         CASE WHEN me.rolsuper THEN true
              WHEN a.usesysid IS NULL OR COALESCE(r.rolsuper, true) THEN false
              ELSE pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') END AS may_end
    FROM pg_catalog.pg_stat_activity a
    JOIN pg_catalog.pg_database d ON d.oid = a.datid
    JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
    JOIN pg_catalog.pg_roles me ON me.rolname = CURRENT_USER
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
   WHERE d.datname = $1 AND a.pid <> pg_catalog.pg_backend_pid()
     AND COALESCE(a.backend_type, '') NOT IN ('parallel worker', 'autovacuum worker')
   ORDER BY a.backend_start, a.pid`;

/** Every session in that database but this one, oldest first. @throws {DatabaseError} */
export async function connectedSessions(session: Session, access: Access): Promise<ConnectedSession[]> {
  const { rows } = await session.query(SESSIONS, [access.database]);
  return rows.map((row) => sessionOf(row, access));
}

function sessionOf(row: Record<string, unknown>, access: Access): ConnectedSession {
  const isSuper = asBoolean(row['is_super']);
  const owns = asBoolean(row['owns'] ?? false);
  return {
    pid: asNumber(row['pid']),
    backendStart: asText(row['backend_start']),
    user: toLine(asText(row['usename']), 80),
    application: toLine(asText(row['application_name']), 80),
    address: toLine(asText(row['address']), 80),
    state: toLine(asText(row['state']), 40),
    query: toLine(asText(row['query']), QUERY_SHOWN),
    left: whyLeft(row),
    returns: isSuper || (owns && !access.superuser),
  };
}

const MAY_NOT = 'this role may not end it';

/** A session that could go on writing: nobody wanted it left. */
export const isStray = ({ left }: ConnectedSession): boolean => left === null || left === MAY_NOT;

/** Why a session is not ended. Names of applications are what they say of themselves: told, so that one may object. */
function whyLeft(row: Record<string, unknown>): string | null {
  const kind = asText(row['backend_type']);
  const application = asText(row['application_name']);
  // Of sessions of roles it has no part in, a role is told next to nothing (manual, monitoring-stats).
  if (kind === '') return MAY_NOT;
  if (kind === 'walsender') return 'replication';
  if (kind.startsWith('logical replication')) return 'a subscription: it goes on writing';
  if (kind !== 'client backend') return `a process of the server (${toLine(kind, 60)})`;
  if (/^backout(\/| |$)/.test(application)) return 'backout itself';
  if (application === 'pg_dump') return 'takes a backup, and only reads';
  return asBoolean(row['may_end']) ? null : MAY_NOT;
}

/** Only the very session that was shown: a pid may be another session's by now. */
const END = `
  SELECT pg_catalog.pg_terminate_backend(a.pid) AS ended
    FROM pg_catalog.pg_stat_get_activity($1) a
   WHERE a.backend_start = $2::timestamptz AND a.datid = $3::oid`;

export interface Ended {
  /** In sentences: what could not be ended. */
  refused: string[];
  ended: number;
}

/** Sends each of them home. @throws {DatabaseError} but not where only one of them is refused */
export async function endSessions(
  session: Session,
  oid: string,
  shown: readonly Pick<ConnectedSession, 'pid' | 'backendStart'>[],
): Promise<Ended> {
  const refused: string[] = [];
  let ended = 0;
  for (const { pid, backendStart } of shown) {
    try {
      const { rows } = await session.query(END, [pid, backendStart, oid]);
      if (rows[0] && asBoolean(rows[0]['ended'])) ended += 1;
    } catch (error) {
      if (!(error instanceof DatabaseError) || session.lost) throw error;
      refused.push(toLine(`pid ${pid} was not ended: ${error.message}.`));
    }
  }
  return { refused, ended };
}

/** A session is gone when the server says so: a signal is only a request. In milliseconds. */
const PATIENCE = 5_000;
const EVERY = 50;

/** Waits until none of them is there any more, at most five seconds. @returns those that still are */
export async function gone(
  session: Session,
  access: Access,
  shown: readonly Pick<ConnectedSession, 'pid' | 'backendStart'>[],
): Promise<ConnectedSession[]> {
  const keys = new Set(shown.map(({ pid, backendStart }) => `${pid} ${backendStart}`));
  for (let waited = 0; ; waited += EVERY) {
    const now = await connectedSessions(session, access);
    const still = now.filter(({ pid, backendStart }) => keys.has(`${pid} ${backendStart}`));
    if (still.length === 0 || waited >= PATIENCE) return still;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

/** A client that has hung up may still have its process on the server for a moment. In milliseconds. */
const LEAVING = 1_000;

/** Who is connected and stays so: none as soon as nobody is. @throws {DatabaseError} */
export async function stillConnected(session: Session, access: Access): Promise<ConnectedSession[]> {
  for (let waited = 0; ; waited += EVERY) {
    const now = await connectedSessions(session, access);
    if (now.length === 0 || waited >= LEAVING) return now;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

const PREPARED = `
  SELECT pg_catalog.count(*) AS number FROM pg_catalog.pg_prepared_xacts x WHERE x.database = $1`;

/** What goes on, or comes back, whatever is done here: in sentences. @throws {DatabaseError} */
export async function whatRemains(
  session: Session,
  access: Access,
  sessions: readonly ConnectedSession[],
): Promise<string[]> {
  const prepared = asNumber((await session.query(PREPARED, [access.database])).rows[0]?.['number'] ?? 0);
  const users = [
    ...new Set(sessions.filter(({ left, returns }) => left === null && returns).map(({ user }) => user)),
  ];
  const owner = toLine(access.owner, 100);
  return [
    access.superuser
      ? 'Superusers are not kept out: no right and no limit counts for them.'
      : `Superusers and the owner, ${owner}, are not kept out by rights.`,
    ...(users.length > 0
      ? [`These may come back at once: ${users.join(', ')}. Stop what connects as them.`]
      : []),
    ...sessions
      .filter(({ left }) => left?.startsWith('a subscription') === true)
      .map(
        ({ pid }) =>
          `pid ${pid} applies a subscription and goes on writing: ALTER SUBSCRIPTION … DISABLE stops it.`,
      ),
    ...(prepared > 0
      ? [
          `${prepared} prepared transaction(s) stay: they have no session. COMMIT PREPARED or ROLLBACK PREPARED ends them.`,
        ]
      : []),
  ];
}

/** The statement that ends a session, as it is shown before. */
export const endSql = ({ pid }: ConnectedSession): string => `SELECT pg_terminate_backend(${pid})`;

/** For messages: names in quotes only where they need it is the server's business; here they always are. */
export const named = (database: string): string => toLine(quoteIdentifier(database), 100);
