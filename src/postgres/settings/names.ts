/** What libpq calls its connection parameters (manual, libpq-connect), and what becomes of each here. */
import { EXIT, UserError } from '../../exit.ts';
import type { SettingName } from '../types.ts';

/** Settings by libpq's name, as text, each with the place it came from. */
export type Given = Map<string, { value: string; origin: string }>;

/** Those shown on the first screen, in the order they are shown. */
export const SHOWN: readonly SettingName[] = [
  'service',
  'host',
  'port',
  'dbname',
  'user',
  'password',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'options',
];

/** Honoured, with the environment variable that sets it. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcrl: 'PGSSLCRL',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  channel_binding: 'PGCHANNELBINDING',
  gssencmode: 'PGGSSENCMODE',
  require_auth: 'PGREQUIREAUTH',
};

/** Accepted without effect: they tune what backout sets itself, or what Node does not offer. */
const WITHOUT_EFFECT = new Set([
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'target_session_attrs',
  'load_balance_hosts',
  'sslcompression',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'sslnegotiation',
  'sslcertmode',
  'sslpassword',
  'sslcrldir',
  'krbsrvname',
  'gsslib',
  'gssdelegation',
  'requirepeer',
]);

/** Whether libpq knows this parameter. */
export function isKnown(name: string): boolean {
  return name in ENVIRONMENT || name === 'service' || name === 'servicefile' || WITHOUT_EFFECT.has(name);
}

/** Whether it is accepted but does nothing here. */
export function isWithoutEffect(name: string): boolean {
  return WITHOUT_EFFECT.has(name);
}

/** A mistake in the connection settings. Never put a value in the message that may hold a password. */
export function settingError(message: string, advice: string): UserError {
  return new UserError(message, advice, EXIT.usage);
}
