/** An error as the operator reads it on standard error, and the exit status it stands for. */
import { EXIT, UserError } from '../exit.ts';
import { DatabaseError } from '../sql/session.ts';
import { toDisplay } from '../terminal/sanitize.ts';

/** SQLSTATEs that say more than "SQL failed" (manual, errcodes-appendix). */
const BY_SQLSTATE: Readonly<Record<string, number>> = {
  // insufficient_privilege
  '42501': EXIT.notPermitted,
  // lock_not_available, deadlock_detected, too_many_connections, cannot_connect_now
  '55P03': EXIT.busy,
  '40P01': EXIT.busy,
  '53300': EXIT.busy,
  '57P03': EXIT.busy,
};

/** The exit status for what a server or the network refused. */
export function databaseExit(error: DatabaseError, connecting: boolean): number {
  const known = BY_SQLSTATE[error.sqlstate];
  if (connecting || error.more.connectionLost) return EXIT.cannotConnect;
  return known ?? EXIT.sqlFailed;
}

/** Thrown while connecting: whatever the server says then means that there is no connection. */
export class NotConnected extends Error {
  constructor(readonly reason: DatabaseError) {
    super(reason.message, { cause: reason });
    this.name = 'NotConnected';
  }
}

export interface Told {
  text: string;
  exitStatus: number;
}

async function tellDatabaseError(error: DatabaseError, connecting: boolean): Promise<Told> {
  // Loaded when it is needed: --help and a usage error need nothing of PostgreSQL.
  const { explainError } = await import('../postgres/explain.ts');
  const explained = explainError(error);
  const state = explained.sqlstate ? ` (SQLSTATE ${explained.sqlstate})` : '';
  const lines = [
    explained.explanation,
    `The server said: ${explained.message}${state}`,
    explained.detail && `Detail: ${explained.detail}`,
    explained.hint && `Hint: ${explained.hint}`,
    explained.advice,
  ];
  return { text: `${lines.filter(Boolean).join('\n')}\n`, exitStatus: databaseExit(error, connecting) };
}

/** Any error in words. A bug shows where it happened, so that it can be reported. */
export async function tell(error: unknown): Promise<Told> {
  if (error instanceof UserError) {
    return {
      text: `${toDisplay(error.message)}\n${toDisplay(error.advice)}\n`,
      exitStatus: error.exitStatus,
    };
  }
  if (error instanceof NotConnected) return tellDatabaseError(error.reason, true);
  if (error instanceof DatabaseError) return tellDatabaseError(error, false);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `backout met an error of its own and stopped. Please report it with these lines.\n\n${toDisplay(stack)}\n`,
    exitStatus: EXIT.bug,
  };
}
