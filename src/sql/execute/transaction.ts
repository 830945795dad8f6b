/** The ends of a step's transaction. */
import { DatabaseError, type Session } from '../session.ts';
import type { TransactionId } from './types.ts';

/** The operator asked to stop, between two statements or while a lock was waited for. */
export class Stopped extends Error {
  constructor() {
    super('Cancelled, as you asked.');
  }
}

/** The name as SQL, always in quotes. Lock modes are keywords and are written as they stand. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A lost connection has been rolled back by the server: COMMIT was never sent. */
export async function rollBack(session: Session): Promise<void> {
  if (session.lost) return;
  try {
    await session.query('ROLLBACK');
  } catch (error) {
    if (!session.lost) throw error;
  }
}

/** Asked inside the transaction, before the intent to commit is written. */
export async function transactionId(session: Session): Promise<TransactionId> {
  const { rows } = await session.query(
    'SELECT pg_catalog.pg_current_xact_id() AS xid, pg_catalog.pg_backend_pid() AS pid',
  );
  return { xid: String(rows[0]?.['xid'] ?? ''), backendPid: Number(rows[0]?.['pid']) };
}

export type Committed =
  | { kind: 'committed'; warnings: string[] }
  | { kind: 'refused'; error: unknown }
  | { kind: 'unknown'; error: unknown };

/**
 * COMMIT, alone in its message. One that fails with the connection alive was refused, so the transaction is gone;
 * otherwise nobody knows. What the server says beside a COMMIT that succeeded is kept: when a wait for a standby is
 * broken off it warns that the transaction is committed here and perhaps not there (measured), in its own language.
 */
export async function commit(session: Session): Promise<Committed> {
  const warnings: string[] = [];
  const stopListening = session.onNotice(({ severity, message, detail }) =>
    warnings.push([`${severity}: ${message}`, detail].filter(Boolean).join(' ')),
  );
  try {
    const { command } = await session.query('COMMIT');
    // COMMIT of a failed transaction answers ROLLBACK without an error (manual, sql-commit).
    if (command !== 'ROLLBACK') return { kind: 'committed', warnings };
    const error = new DatabaseError('the server rolled the transaction back at COMMIT', '40000');
    return { kind: 'refused', error };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.more.connectionLost || session.lost) {
      return { kind: 'unknown', error };
    }
    await rollBack(session);
    return { kind: 'refused', error };
  } finally {
    stopListening();
  }
}

/** 57014 query_canceled: our own CancelRequest, when the operator asked for it. */
export function isCancel(error: unknown): boolean {
  return (
    error instanceof Stopped ||
    (error instanceof DatabaseError && (error.sqlstate === '57014' || error.more.connectionLost === true))
  );
}
