/** From the connection backout has to the environment of a child that connects by libpq: the same server, the same TLS. */
import type { Connection, ConnectionParameters } from '../postgres/settings.ts';

/** Whatever says where a database is: a child gets it from the resolved connection alone. */
const CONNECTION_VARIABLE = /^(PG[A-Z]+|DATABASE_URL)$/;

/** Of libpq's variables those that say nothing of a connection: where its own files are. */
const KEPT: ReadonlySet<string> = new Set(['PGCLUSTER', 'PGLOCALEDIR', 'PGSYSCONFDIR']);

/** The environment without anything that names a database or opens one. */
export function withoutConnection(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (!CONNECTION_VARIABLE.test(entry[0]) || KEPT.has(entry[0])),
    ),
  );
}

/**
 * libpq's variables for these parameters (manual, libpq-envars). The password is among them, as PGPASSWORD: the
 * environment of a process is readable by its owner alone, its arguments by everybody.
 */
export function libpqVariables(
  parameters: ConnectionParameters,
  applicationName = 'backout',
): Record<string, string> {
  const { password, hostaddr, sslrootcert, sslcert, sslkey, sslcrl, options } = parameters;
  const given: Record<string, string | undefined> = {
    PGHOST: parameters.host,
    PGHOSTADDR: hostaddr,
    PGPORT: String(parameters.port),
    PGUSER: parameters.user,
    PGDATABASE: parameters.dbname,
    PGPASSWORD: password,
    PGSSLMODE: parameters.sslmode,
    PGSSLROOTCERT: sslrootcert,
    PGSSLCERT: sslcert,
    PGSSLKEY: sslkey,
    PGSSLCRL: sslcrl,
    PGCONNECT_TIMEOUT: String(parameters.connectTimeout),
    PGOPTIONS: options,
    PGAPPNAME: applicationName,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** The whole environment of such a child: `env` without connections, with this one's, speaking English. */
export function libpqEnvironment(
  parameters: ConnectionParameters,
  env: NodeJS.ProcessEnv,
  applicationName?: string,
): Record<string, string> {
  return {
    ...withoutConnection(env),
    ...libpqVariables(parameters, applicationName),
    // What the programs say is read: progress, versions, errors.
    LC_ALL: 'C',
  };
}

/** The same connection to another database of the same server. Its password stays out of anything that walks it. */
export function onDatabase(connection: Connection, dbname: string): Connection {
  const parameters: ConnectionParameters = { ...connection.parameters, dbname };
  Object.defineProperty(parameters, 'password', {
    value: connection.parameters.password,
    enumerable: false,
  });
  return { ...connection, parameters };
}

/**
 * A `--dbname` for pg_restore, which has no other way to name one: as a connection string, in which a name that looks
 * like one itself is still only a name (manual, libpq-connect, "Keyword/Value Connection Strings").
 */
export const dbnameArgument = (dbname: string): string =>
  `--dbname=dbname='${dbname.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
