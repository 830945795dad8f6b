/**
 * Statements outside of transactions that were begun: their rows in `backout.begun` are committed before they are sent,
 * and say how to tell from the catalog what became of them when nobody heard their end.
 */
import { HASH_PLACE, recordActions } from '../../sql/archive/record.ts';
import type { Proof, StepRecord } from '../../sql/procedure/types.ts';
import type { Session } from '../../sql/session.ts';
import { asBoolean, asJson, asNumber, asText } from '../../sql/values.ts';
import { pinned } from '../scope.ts';
import { instant } from './runs.ts';
import { storeStateWithin } from './state.ts';

export interface BegunRow {
  run: string;
  step: string;
  title: string;
  procedure: string;
  backendPid: number;
  backendStart: string | null;
  detail: StepRecord;
  proof: Proof;
}

const OPEN = `
  SELECT b.run, b.step, b.title, b.procedure, b.backend_pid, ${instant('b.backend_start')} AS backend_start, b.detail, b.proof
    FROM backout.begun b
   WHERE b.run = $1 AND b.ended_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM backout.step s WHERE s.run = b.run AND s.step = b.step)
   ORDER BY b.begun_at, b.step`;

/** Those of a run whose end nobody wrote down. None where the store is not whole and ours. @throws {DatabaseError} */
export async function openBegun(session: Session, run: string): Promise<BegunRow[]> {
  return pinned(session, async () => {
    if ((await storeStateWithin(session)).state !== 'ready') return [];
    const { rows } = await session.query(OPEN, [run]);
    return rows.map((row) => ({
      run: asText(row['run']),
      step: asText(row['step']),
      title: asText(row['title']),
      procedure: asText(row['procedure']),
      backendPid: asNumber(row['backend_pid']),
      backendStart: row['backend_start'] === null ? null : asText(row['backend_start']),
      detail: asJson(row['detail']) as StepRecord,
      proof: asJson(row['proof']) as Proof,
    }));
  });
}

const AT_WORK = `
  SELECT 1 AS there FROM pg_stat_get_activity($1) a
   WHERE a.backend_start = $2::timestamptz AND a.pid <> pg_backend_pid()
     AND COALESCE(a.state, '') NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')`;

/**
 * The session that began it is still there and not idle: it may still be at work, whoever is at its other end. A state that
 * may not be seen counts as work.
 * @throws {DatabaseError}
 */
export async function isAtWork(session: Session, row: BegunRow): Promise<boolean> {
  if (row.backendStart === null) return false;
  return pinned(
    session,
    async () => (await session.query(AT_WORK, [row.backendPid, row.backendStart])).rows.length > 0,
  );
}

const INDEX = `
  SELECT i.indisvalid AND i.indisready AND i.indislive AS whole
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
   WHERE n.nspname = $1 AND c.relname = $2`;

/** Also while the detaching is pending (pg_inherits.inhdetachpending) the row is there. */
const PARTITION = `
  SELECT 1 AS there FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_class c ON c.oid = h.inhrelid
    JOIN pg_namespace n ON n.oid = p.relnamespace
   WHERE n.nspname = $1 AND p.relname = $2 AND c.relname = $3`;

/** Whether the catalog shows that the statement has come to its end. Where nothing could show it, it has not. */
async function hasEnded(session: Session, proof: Proof): Promise<boolean> {
  switch (proof.kind) {
    case 'index': {
      const { rows } = await session.query(INDEX, [proof.schema, proof.name]);
      return proof.there ? asBoolean(rows[0]?.['whole'] ?? false) : rows.length === 0;
    }
    case 'detached': {
      const { rows } = await session.query(PARTITION, [proof.schema, proof.parent, proof.partition]);
      return rows.length === 0;
    }
    default:
      return false;
  }
}

const END = 'UPDATE backout.begun SET ended_at = clock_timestamp() WHERE run = $1 AND step = $2';

/** It is known to have failed: nobody has to look for its end any more. @throws {DatabaseError} */
export async function endBegun(session: Session, run: string, step: string): Promise<void> {
  await pinned(session, () => session.query(END, [run, step]));
}

/**
 * Writes down what the catalog says of it, in one transaction: the rows that the step itself would have written, or only
 * that it is over. Its session must be gone ({@link isAtWork}). Not inside a transaction.
 * @returns whether it is done
 * @throws {DatabaseError}
 */
export async function settleBegun(session: Session, row: BegunRow): Promise<boolean> {
  return pinned(session, async () => {
    await session.query('BEGIN');
    try {
      const done = await hasEnded(session, row.proof);
      const { run, step, title, procedure, detail } = row;
      await session.query(END, [run, step]);
      const rows = done ? recordActions({ run, step, title, form: 'as-written', record: detail }) : [];
      for (const { sql, params = [] } of rows) await session.query(sql, withHash(params, procedure));
      await session.query('COMMIT');
      return done;
    } catch (error) {
      if (!session.lost) await session.query('ROLLBACK');
      throw error;
    }
  });
}

const withHash = (params: readonly string[], procedure: string): string[] =>
  params.map((value) => (value === HASH_PLACE ? procedure : value));
