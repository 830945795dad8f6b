/**
 * A session beside the wizard's own, for practice: what a drill prepares, and what it makes happen. It takes several
 * statements in one message, as psql does with a file, and sets nothing: a drill's SQL is written for the defaults.
 */
import pg from 'pg';
import { DatabaseError } from '../sql/session.ts';
import { connectError, statementError } from './database-error.ts';

export interface SidePlace {
  /** The folder of a Unix socket, or a host. */
  host: string;
  port: number;
  user: string;
  database: string;
  application: string;
}

export interface SideSession {
  readonly processId: number | null;
  readonly lost: boolean;
  /** Runs statements, in one transaction unless they say otherwise. @throws {DatabaseError} */
  run(sql: string): Promise<void>;
  /** The first column of the first row; null where there is none. @throws {DatabaseError} */
  value(sql: string): Promise<string | null>;
  close(): Promise<void>;
}

/** Nothing of it comes from the environment: every setting is given. @throws {DatabaseError} */
export async function openSide({ host, port, user, database, application }: SidePlace): Promise<SideSession> {
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    password: '',
    ssl: false,
    application_name: application,
    client_encoding: 'UTF8',
    types: { getTypeParser: () => (value: string) => value },
  });
  let lost = false;
  let processId: number | null = null;
  client.on('error', () => (lost = true));
  client.on('end', () => (lost = true));
  client.connection.on('backendKeyData', (message: { processID: number }) => {
    processId = message.processID;
  });
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy();
    throw connectError(error);
  }
  async function query(text: string): Promise<pg.QueryArrayResult | pg.QueryArrayResult[]> {
    if (lost) throw new DatabaseError('the session is gone', '08006', { connectionLost: true });
    try {
      return await client.query<unknown[]>({ text, rowMode: 'array' });
    } catch (error) {
      throw statementError(error, text);
    }
  }
  return {
    get processId() {
      return processId;
    },
    get lost() {
      return lost;
    },
    async run(sql) {
      await query(sql);
    },
    async value(sql) {
      const result = await query(sql);
      const last = Array.isArray(result) ? result.at(-1) : result;
      const value: unknown = last?.rows[0]?.[0];
      return value === null || value === undefined ? null : String(value);
    },
    async close() {
      const ended = client.end().catch(() => undefined);
      const cut = setTimeout(() => client.connection.stream.destroy(), 1000);
      await ended;
      clearTimeout(cut);
    },
  };
}
