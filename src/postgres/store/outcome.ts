/** What became of a step whose COMMIT was not answered. */
import { DatabaseError, type Session } from '../../sql/session.ts';
import { asText } from '../../sql/values.ts';
import { pinned } from '../scope.ts';
import { isReadable } from './state.ts';

export type StepFound = 'done' | 'not-done' | 'still-running';

const ROW = 'SELECT 1 AS there FROM backout.step s WHERE s.run = $1 AND s.step = $2';

/** The session that the run was registered with has a transaction that writes. */
const WRITING = `
  SELECT 1 AS there FROM backout.run r JOIN pg_stat_get_activity(r.backend_pid) a ON a.backend_start = r.backend_start
   WHERE r.run = $1 AND a.pid <> pg_backend_pid() AND a.backend_xid IS NOT NULL`;

/**
 * The journal's row decides: it was written in the step's own transaction. Only while it is not there does the
 * transaction's status count, and only whether it still runs: after a crash of the server its number may have been given
 * to another one (mechanics measured: `committed` said of a lost transaction).
 * @param more.xid pg_current_xact_id() of the step; without it, the run's session is looked for
 * @throws {DatabaseError} when it cannot be asked
 */
export async function stepOutcome(
  session: Session,
  run: string,
  step: string,
  more: { xid?: string } = {},
): Promise<StepFound> {
  return pinned(session, async () => {
    if (!(await isReadable(session))) return 'not-done';
    const there = async (): Promise<boolean> => (await session.query(ROW, [run, step])).rows.length > 0;
    if (await there()) return 'done';
    const running =
      more.xid === undefined ? await isWriting(session, run) : await inProgress(session, more.xid);
    if (running) return 'still-running';
    // It may have been committed between the two questions.
    return (await there()) ? 'done' : 'not-done';
  });
}

async function isWriting(session: Session, run: string): Promise<boolean> {
  return (await session.query(WRITING, [run])).rows.length > 0;
}

/** invalid_parameter_value: "transaction ID … is in the future". */
const NOT_YET_GIVEN = '22023';

async function inProgress(session: Session, xid: string): Promise<boolean> {
  try {
    const { rows } = await session.query('SELECT pg_xact_status($1::xid8) AS status', [xid]);
    return asText(rows[0]?.['status']) === 'in progress';
  } catch (error) {
    if (session.lost || !(error instanceof DatabaseError) || error.sqlstate !== NOT_YET_GIVEN) throw error;
    return false;
  }
}
