/**
 * Carries out one step: one transaction, one statement a message, COMMIT alone. Nothing is decided here; what runs
 * was confirmed, and is compared with the catalog again once the locks are held.
 */
import { DatabaseError, type Session } from './session.ts';
import type { LockLevel, Statement } from './types.ts';

export interface StepLocks {
  table: string;
  level: LockLevel;
}

export interface StepHooks {
  statementStarted(statement: Statement): void;
  notice(statement: Statement, text: string): void;
  statementDone(statement: Statement, rows: number | null, seconds: number): void;
  statementFailed(statement: Statement): void;
  /** The journal's intent: must be on disk before it resolves. */
  committing(): Promise<void>;
}

export interface StepRequest {
  session: Session;
  /** Those still to run, in order. */
  statements: Statement[];
  schema: string;
  /** Taken first, in the order given, so that two runs can never wait for each other. */
  locks: StepLocks[];
  /** Milliseconds any single lock may be waited for: a waiting ALTER makes everybody behind it wait. */
  lockTimeoutMs: number;
  /** Asked once the locks are held: is the catalog still the one that was confirmed? */
  unchanged(): Promise<boolean>;
  hooks: StepHooks;
  /** True once the operator asked to stop: checked between statements and before COMMIT. */
  stopped(): boolean;
  now(): number;
}

export type StepResult =
  | { kind: 'committed'; seconds: number }
  /** Nothing ran: the catalog is not the one that was confirmed. */
  | { kind: 'changed' }
  /** Rolled back, by us or by the server when the connection went before COMMIT was sent. */
  | { kind: 'rolled-back'; seconds: number; error: unknown; statement: Statement | null; cancelled: boolean }
  /** COMMIT was sent and its answer never came. */
  | { kind: 'unknown'; seconds: number; error: unknown };

/** A lock mode is a keyword, never text from outside: it is written into the SQL as it stands. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

class Stopped extends Error {}

/**
 * Runs the step.
 *
 * `lock_timeout` applies to each lock separately (manual, runtime-config-client), `SET LOCAL` ends with the
 * transaction. The server runs with `idle_in_transaction_session_timeout`, so nobody is asked anything in between.
 */
export async function runStep(request: StepRequest): Promise<StepResult> {
  const { session, now } = request;
  const began = now();
  const seconds = (): number => (now() - began) / 1000;
  let current: Statement | null = null;
  try {
    await session.query('BEGIN');
    await prepare(request);
    if (!(await request.unchanged())) {
      await session.query('ROLLBACK');
      return { kind: 'changed' };
    }
    for (const statement of request.statements) {
      if (request.stopped()) throw new Stopped();
      current = statement;
      await runStatement(request, statement);
    }
    current = null;
    await request.hooks.committing();
    if (request.stopped()) throw new Stopped();
  } catch (error) {
    const cancelled = error instanceof Stopped || (request.stopped() && isCancel(error));
    if (current && !(error instanceof Stopped)) request.hooks.statementFailed(current);
    await rollBack(session);
    return { kind: 'rolled-back', seconds: seconds(), error, statement: current, cancelled };
  }
  return commit(session, seconds);
}

async function prepare({ session, schema, locks, lockTimeoutMs }: StepRequest): Promise<void> {
  await session.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.round(lockTimeoutMs))}`);
  await session.query('SET LOCAL statement_timeout = 0');
  await session.query(`SET LOCAL search_path = ${quoted(schema)}, pg_temp`);
  for (const { table, level } of locks) {
    await session.query(`LOCK TABLE ${quoted(schema)}.${quoted(table)} IN ${level} MODE`);
  }
}

async function runStatement(request: StepRequest, statement: Statement): Promise<void> {
  const { session, hooks, now } = request;
  hooks.statementStarted(statement);
  const stopListening = session.onNotice((notice) =>
    hooks.notice(statement, `${notice.severity}: ${notice.message}`),
  );
  try {
    const began = now();
    const { rowCount } = await session.query(statement.sql);
    hooks.statementDone(statement, rowCount, (now() - began) / 1000);
  } finally {
    stopListening();
  }
}

/** COMMIT that fails with the connection alive was refused, so the transaction is gone; otherwise nobody knows. */
async function commit(session: Session, seconds: () => number): Promise<StepResult> {
  try {
    const { command } = await session.query('COMMIT');
    // COMMIT of a failed transaction answers ROLLBACK without an error (manual, sql-commit).
    if (command === 'ROLLBACK') {
      const error = new DatabaseError('the server rolled the transaction back at COMMIT', '40000');
      return { kind: 'rolled-back', seconds: seconds(), error, statement: null, cancelled: false };
    }
    return { kind: 'committed', seconds: seconds() };
  } catch (error) {
    if (error instanceof DatabaseError && !error.more.connectionLost && !session.lost) {
      await rollBack(session);
      return { kind: 'rolled-back', seconds: seconds(), error, statement: null, cancelled: false };
    }
    return { kind: 'unknown', seconds: seconds(), error };
  }
}

/** A lost connection has been rolled back by the server: COMMIT was never sent. */
async function rollBack(session: Session): Promise<void> {
  if (session.lost) return;
  try {
    await session.query('ROLLBACK');
  } catch (error) {
    if (!session.lost) throw error;
  }
}

/** 57014 query_canceled: our own CancelRequest, when the operator asked for it. */
function isCancel(error: unknown): boolean {
  return error instanceof DatabaseError && (error.sqlstate === '57014' || error.more.connectionLost === true);
}
