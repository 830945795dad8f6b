/** The run's one working session: opened when first needed, opened again after it was lost. */
import { openSession, serverInfo, withSchema } from '../postgres/connect.ts';
import { resolveSettings, type Connection } from '../postgres/settings.ts';
import type { ServerInfo } from '../postgres/types.ts';
import type { Session } from '../sql/session.ts';
import { EXIT, UserError } from '../exit.ts';
import type { RuntimeOptions } from './types.ts';

export interface Target {
  /** Resolves the settings and connects; a connection that stands is closed first. */
  connect(url?: string): Promise<{ connection: Connection; server: ServerInfo }>;
  /** Only resolves, so that the settings can be shown while the connection is tried. */
  resolve(url?: string): Promise<Connection>;
  /** The session, reconnected if it was lost. @throws {UserError} 69 before the first {@link connect}. */
  session(schema?: string): Promise<Session>;
  /** Another session with the same settings, for what must not share the first one's transaction. */
  other(): Promise<Session>;
  readonly server: ServerInfo | null;
  readonly current: Session | null;
  /** What the session was opened with. @throws {UserError} 69 before the first {@link connect} */
  readonly connection: Connection;
  close(): Promise<void>;
}

/** Nothing is opened until it is asked for. */
export function createTarget(options: RuntimeOptions): Target {
  let connection: Connection | null = null;
  let session: Session | null = null;
  let server: ServerInfo | null = null;

  /** What the operator typed last: trying again means that one. */
  let typed: { url: string; urlOrigin: string } | null = null;

  const resolve = (url?: string): Promise<Connection> => {
    if (url !== undefined) typed = { url, urlOrigin: 'typed by the operator' };
    return resolveSettings({ ...options.connection, ...typed });
  };

  function known(): Connection {
    if (connection) return connection;
    throw new UserError('There is no connection yet.', 'Connect to the database first.', EXIT.cannotConnect);
  }

  async function open(): Promise<Session> {
    return openSession(known(), { applicationName: `backout/${options.run}` });
  }

  return {
    resolve,
    async connect(url) {
      await session?.close();
      session = null;
      connection = await resolve(url);
      session = await open();
      server = await serverInfo(session, connection);
      server = { ...server, embedded: options.embedded && options.seconds !== 'real' };
      return { connection, server };
    },
    async session(schema) {
      if (!session || session.lost) session = await reopened(await open(), server);
      if (schema !== undefined) await withSchema(session, schema);
      return session;
    },
    other: open,
    get server() {
      return server;
    },
    get connection() {
      return known();
    },
    get current() {
      return session;
    },
    async close() {
      await session?.close();
      session = null;
    },
  };

  /** A name can lead to another server than before: after a failover nothing seen or confirmed holds any more. */
  async function reopened(fresh: Session, before: ServerInfo | null): Promise<Session> {
    const now = connection && before ? await serverInfo(fresh, connection) : null;
    if (
      before &&
      now &&
      (now.systemIdentifier !== before.systemIdentifier || now.database !== before.database)
    ) {
      await fresh.close();
      throw new UserError(
        `The connection now leads to another database cluster than the one this run began on.`,
        'Nothing more was run. Find out where the first server went, then start again.',
        EXIT.cannotConnect,
      );
    }
    return fresh;
  }
}
