/** What the first screen says about the server. */
import type { Session } from '../sql/session.ts';
import { asBoolean, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { pinned } from './scope.ts';
import type { Connection } from './settings.ts';
import type { ServerInfo } from './types.ts';

const QUERY = `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num') AS version_number,
         current_database() AS database,
         current_user AS user_name,
         (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
         pg_is_in_recovery() AS standby,
         current_setting('transaction_read_only') = 'on' AS read_only`;

/**
 * @param session the encryption is known of our own sessions; the embedded one has none
 * @throws {DatabaseError}
 */
export async function serverInfo(
  session: Session & { readonly encryption?: string },
  connection: Connection,
): Promise<ServerInfo> {
  return pinned(session, async () => {
    const row = (await session.query(QUERY)).rows[0] ?? {};
    const { parameters } = connection;
    return {
      version: toLine(asText(row['version']).split(' ')[0] ?? ''),
      versionNumber: asNumber(row['version_number']),
      database: toLine(asText(row['database'])),
      user: toLine(asText(row['user_name'])),
      host: toLine(parameters.host),
      port: String(parameters.port),
      superuser: asBoolean(row['superuser']),
      standby: asBoolean(row['standby']),
      readOnly: asBoolean(row['read_only']),
      encryption: session.encryption ?? 'embedded',
      systemIdentifier: await systemIdentifier(session),
      embedded: connection.embedded ?? false,
    };
  });
}

/** May be read by everybody unless it was revoked; managed servers sometimes do. */
async function systemIdentifier(session: Session): Promise<string | null> {
  try {
    const { rows } = await session.query('SELECT system_identifier AS id FROM pg_control_system()');
    return asTextOrNull(rows[0]?.['id']);
  } catch (error) {
    if (session.lost) throw error;
    return null;
  }
}
