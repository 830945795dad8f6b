/** Where an escalation works: sessions of its own, on the database that is meant or on another of the same server. */
import { onDatabase } from '../backup/libpq-env.ts';
import { EXIT, UserError } from '../exit.ts';
import { openSession } from '../postgres/connect.ts';
import type { Connection } from '../postgres/settings.ts';
import { DatabaseError, type Session } from '../sql/session.ts';

export interface EscalationPlace {
  /** To the database that is meant. */
  connection: Connection;
  env: NodeJS.ProcessEnv;
  now: () => Date;
  /** Who does it, for what is kept of it: `user@host`. */
  by: string;
  /** Tables that the runbook is about, and the schema they are in where that is known. */
  tables: readonly string[];
  schema?: string;
}

/** Begins like that of every session of ours: no backout ends another's. */
export const APPLICATION = 'backout escalate';

/** Databases that every server has (manual, manage-ag-templatedbs). */
const ALWAYS_THERE = ['postgres', 'template1'];

export const databaseOf = ({ connection }: EscalationPlace): string => connection.parameters.dbname;

/** A session on a database of that server. @throws {DatabaseError} */
export const openOn = ({ connection }: EscalationPlace, database: string): Promise<Session> =>
  openSession(onDatabase(connection, database), { applicationName: APPLICATION });

/**
 * Does the work on a session to a database other than the one that is meant: it may be damaged, refuse connections, or
 * be about to be renamed.
 * @param orItself the database that is meant will do where no other can be reached
 * @throws {UserError} 69 when there is none; {DatabaseError} what the work throws
 */
export async function beside<T>(
  place: EscalationPlace,
  work: (session: Session) => Promise<T>,
  orItself = true,
): Promise<T> {
  const own = databaseOf(place);
  const others = ALWAYS_THERE.filter((name) => name !== own);
  let refused: unknown = null;
  for (const name of orItself ? [...others, own] : others) {
    let session: Session;
    try {
      session = await openOn(place, name);
    } catch (error) {
      refused = error;
      continue;
    }
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
  const why = refused instanceof DatabaseError ? ` The server said: ${refused.message}.` : '';
  throw new UserError(
    `No database of this server could be reached from which ${own} could be looked after (${others.join(', ')}).${why}`,
    'Use a role that may connect to one of them.',
    EXIT.cannotConnect,
    { cause: refused },
  );
}

/** All of the statements or none. @throws {DatabaseError} of the one that failed; it is rolled back */
export async function inTransaction(session: Session, statements: readonly string[]): Promise<void> {
  await session.query('BEGIN');
  try {
    for (const sql of statements) await session.query(sql);
  } catch (error) {
    if (!session.lost) await session.query('ROLLBACK');
    throw error;
  }
  await session.query('COMMIT');
}
