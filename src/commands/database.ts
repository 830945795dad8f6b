/** A session of a command's own, for what is asked before or without a run. */
import { openSession } from '../postgres/connect.ts';
import { resolveSettings } from '../postgres/settings.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import type { RuntimeOptions } from '../runtime/types.ts';
import { NotConnected } from './failure.ts';
import type { Io } from './io.ts';

/** Connects, does the work, closes. Says on standard error what the settings warn about. @throws {NotConnected} */
export async function withDatabase<T>(
  io: Io,
  connection: RuntimeOptions['connection'] | Promise<RuntimeOptions['connection']>,
  work: (session: Session, database: string) => Promise<T>,
): Promise<T> {
  const resolved = await resolveSettings(await connection);
  for (const warning of resolved.warnings) await io.err(`Warning: ${warning}\n`);
  const session = await opened(resolved);
  try {
    const { rows } = await session.query('SELECT pg_catalog.current_database() AS name');
    return await work(session, String(rows[0]?.['name']));
  } finally {
    await session.close();
  }
}

async function opened(resolved: Awaited<ReturnType<typeof resolveSettings>>): Promise<Session> {
  try {
    return await openSession(resolved, { applicationName: 'backout' });
  } catch (error) {
    throw error instanceof DatabaseError ? new NotConnected(error) : error;
  }
}
