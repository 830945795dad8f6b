/** From what node-postgres and Node throw to {@link DatabaseError}, the only error a session throws. */
import pg from 'pg';
import { DatabaseError } from '../sql/session.ts';

/** connection_failure and sqlclient_unable_to_establish_sqlconnection (manual, errcodes-appendix). */
const LOST = '08006';
const NOT_CONNECTED = '08001';

/**
 * After these the server closes the connection: shutdown, crash, dropped database, and the timeouts that end a
 * session. The severity cannot be asked: it is translated, and node-postgres does not read the other field.
 */
const ENDS_SESSION = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04']);

/**
 * The error of a statement.
 * @param sql what was sent: the server counts characters, JavaScript counts UTF-16 units
 */
export function statementError(error: unknown, sql: string): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof pg.DatabaseError) return fromServer(error, sql);
  const message = error instanceof Error ? error.message : String(error);
  return new DatabaseError(message, LOST, { connectionLost: true }, { cause: error });
}

/** The error of connecting: from the server as it stands, from the network as SQLSTATE 08001 with its cause. */
export function connectError(error: unknown): DatabaseError {
  if (error instanceof pg.DatabaseError) return fromServer(error, '');
  const message = networkMessage(error);
  return new DatabaseError(message, NOT_CONNECTED, { connectionLost: true }, { cause: error });
}

function fromServer(error: pg.DatabaseError, sql: string): DatabaseError {
  const sqlstate = error.code ?? 'XX000';
  const more: DatabaseError['more'] = {};
  for (const key of [
    'severity',
    'detail',
    'hint',
    'where',
    'schema',
    'table',
    'column',
    'constraint',
  ] as const) {
    if (error[key] !== undefined) more[key] = error[key];
  }
  if (error.position !== undefined) more.position = utf16Position(sql, Number(error.position));
  if (ENDS_SESSION.has(sqlstate) || sqlstate.startsWith('08')) more.connectionLost = true;
  return new DatabaseError(error.message, sqlstate, more, { cause: error });
}

/** Both from 1. */
function utf16Position(sql: string, position: number): number {
  return [...sql].slice(0, position - 1).join('').length + 1;
}

/** Node tries every address of a name and gathers the failures in an AggregateError without a message. */
function networkMessage(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(networkMessage).join('; ');
  return error instanceof Error ? error.message : String(error);
}
