/** Opening a session: libpq's TLS, our own session settings, one statement a message. */
import pg from 'pg';
import { DatabaseError } from '../sql/session.ts';
import { connectError } from './database-error.ts';
import { PostgresSession, type Backend } from './pg-session.ts';
import type { Connection, ConnectionParameters } from './settings.ts';
import { describeEncryption, tlsAttempts, type TlsPlan } from './tls.ts';

export { serverInfo } from './server.ts';
export { withSchema } from './scope.ts';
export type { PostgresSession } from './pg-session.ts';

/** invalid_authorization_specification: also "no pg_hba.conf entry for host …, no encryption". */
const REFUSED_AS_IT_CAME = '28000';

/**
 * Connects and sets what our own queries rely on. Values come back as text (see src/sql/values.ts).
 * @throws {DatabaseError} the server's own error, or SQLSTATE 08001 with Node's error as its cause
 * @throws {UserError} when a certificate file is missing
 */
export async function openSession(
  connection: Connection,
  options: { applicationName: string },
): Promise<PostgresSession> {
  const { parameters } = connection;
  const attempts = await tlsAttempts(parameters);
  let failure: unknown;
  for (const [index, tls] of attempts.entries()) {
    try {
      const session = new PostgresSession(await connectClient(parameters, tls, options.applicationName));
      await applySettings(session);
      return session;
    } catch (error) {
      failure = error;
      if (index + 1 < attempts.length && !mayTryOtherwise(error)) break;
    }
  }
  throw failure;
}

async function connectClient(
  parameters: ConnectionParameters,
  tls: TlsPlan | null,
  applicationName: string,
): Promise<Backend> {
  const client = new pg.Client(clientConfig(parameters, tls, applicationName));
  const backend: Backend = { client, parameters, tls, key: null, encryption: '' };
  client.connection.on('backendKeyData', (message: { processID: number; secretKey: number }) => {
    backend.key = { processId: message.processID, secretKey: message.secretKey };
  });
  // Without a listener Node would end the process when the connection breaks between two statements.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy();
    throw connectError(error);
  }
  backend.encryption = describeEncryption(client.connection.stream, parameters.host, tls);
  return backend;
}

/** Every field is given, so that node-postgres looks up nothing in the environment by its own rules. */
function clientConfig(
  parameters: ConnectionParameters,
  tls: TlsPlan | null,
  applicationName: string,
): pg.ClientConfig {
  return {
    host: parameters.hostaddr ?? parameters.host,
    port: parameters.port,
    user: parameters.user,
    database: parameters.dbname,
    password: () => passwordOf(parameters),
    ssl: tls ? tls.options : false,
    sslnegotiation: 'postgres',
    application_name: applicationName,
    client_encoding: 'UTF8',
    connectionTimeoutMillis: parameters.connectTimeout * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: () => (value: string) => value },
    ...(parameters.options ? { options: parameters.options } : {}),
  };
}

/** Thrown where the server asks for a password and none was given. */
export class NoPassword extends Error {}

function passwordOf(parameters: ConnectionParameters): string {
  if (parameters.password) return parameters.password;
  throw new NoPassword('the server asks for a password, and none was given');
}

/** libpq's fallback of `prefer` and `allow`: TLS that cannot be had, or a server that wants the other way. */
function mayTryOtherwise(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  if (error.sqlstate === REFUSED_AS_IT_CAME) return true;
  const cause = error.cause;
  if (!(cause instanceof Error) || cause instanceof NoPassword) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  return /SSL|TLS|CERT/.test(`${cause.message} ${code}`) || code === 'ECONNRESET';
}

/**
 * Role and database defaults must not decide how a rollback runs: timeouts that would kill it, `search_path` that
 * would let other people's functions stand in for the server's own, formats that change what a value looks like.
 * `lock_timeout`: a look at a table that somebody holds locked fails, explained, instead of hanging; a step sets its own.
 * `row_security = off` makes a query fail instead of silently leaving rows out (manual, ddl-rowsecurity).
 */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog, pg_temp',
  statement_timeout: '0',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '60s',
  row_security: 'off',
  default_transaction_isolation: 'read committed',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  client_min_messages: 'notice',
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
};

/**
 * Not every server has them. `client_connection_check_interval` (14): a statement of ours ends within a second of our
 * death. `transaction_timeout`, `idle_session_timeout` (17, 14): a role's default would end the run.
 */
const IF_KNOWN: Readonly<Record<string, string>> = {
  client_connection_check_interval: '1s',
  transaction_timeout: '0',
  idle_session_timeout: '0',
};

async function applySettings(session: PostgresSession): Promise<void> {
  try {
    const names = Object.keys(SETTINGS);
    const calls = names.map((_, at) => `pg_catalog.set_config($${2 * at + 1}, $${2 * at + 2}, false)`);
    await session.query(`SELECT ${calls.join(', ')}`, Object.entries(SETTINGS).flat());
    for (const [name, value] of Object.entries(IF_KNOWN)) await setIfKnown(session, name, value);
    // A COMMIT that was answered must still be there after a crash, whatever the role's default says.
    const { rows } = await session.query("SELECT pg_catalog.current_setting('synchronous_commit') AS value");
    if (rows[0]?.['value'] === 'off') await session.query('SET synchronous_commit = on');
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function setIfKnown(session: PostgresSession, name: string, value: string): Promise<void> {
  try {
    await session.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]);
  } catch (error) {
    if (session.lost) throw error;
  }
}
