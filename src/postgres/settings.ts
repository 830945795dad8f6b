/** Where the database is: connection settings with libpq's names, meaning and precedence, and where each came from. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { toLine } from '../terminal/sanitize.ts';
import { parseKeywords } from './settings/keywords.ts';
import { ENVIRONMENT, isWithoutEffect, settingError, SHOWN, type Given } from './settings/names.ts';
import { lookUpPassword, SOCKET_DIRECTORIES } from './settings/passfile.ts';
import { readService } from './settings/service.ts';
import { isUri, multiHost, parseUri } from './settings/uri.ts';
import type { ResolvedSetting } from './types.ts';

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

export interface ConnectionParameters {
  /** A host name, an address, or the directory of a Unix socket when it starts with `/`. */
  host: string;
  hostaddr?: string;
  port: number;
  user: string;
  dbname: string;
  password?: string;
  sslmode: SslMode;
  sslrootcert?: string;
  sslcert?: string;
  sslkey?: string;
  sslcrl?: string;
  /** Seconds; 0 waits for ever. */
  connectTimeout: number;
  options?: string;
}

export interface Connection {
  settings: ResolvedSetting[];
  parameters: ConnectionParameters;
  /** Sentences for the operator: settings without effect, a password file that was not used. */
  warnings: string[];
  /** Set by the caller for the embedded practice database. */
  embedded?: boolean;
}

export interface SettingsInput {
  /** A URI, a keyword=value string, or a bare database name. */
  url?: string;
  /** What the operator calls it: `--database URL`, `DATABASE_URL`. */
  urlOrigin?: string;
  env: NodeJS.ProcessEnv;
  home: string;
  osUser: string;
}

/** Used when they exist (manual, libpq-ssl, "SSL Client File Usage"). */
const TLS_FILES = {
  sslrootcert: 'root.crt',
  sslcert: 'postgresql.crt',
  sslkey: 'postgresql.key',
  sslcrl: 'root.crl',
};

/** libpq waits for ever; a wizard that says nothing for minutes is taken for dead. */
const DEFAULT_CONNECT_TIMEOUT = '15';

/**
 * Resolves the settings with libpq's precedence: what was given, then the service file, then the environment, then
 * the password file, then defaults (manual, libpq-connect, libpq-envars, libpq-pgservice, libpq-pgpass).
 * @throws {UserError} exit 64. No message holds a password.
 */
export async function resolveSettings(input: SettingsInput): Promise<Connection> {
  const given: Given = new Map();
  const warnings: string[] = [];
  if (input.url) add(given, parseGiven(input.url), input.urlOrigin ?? 'URL');
  await addService(given, input);
  for (const [name, variable] of Object.entries(ENVIRONMENT)) {
    const value = input.env[variable];
    if (value) add(given, new Map([[name, value]]), variable);
  }
  await addDefaults(given, input);
  await addPassword(given, input, warnings);
  refuseWhatCannotBeKept(given);
  for (const [name, { origin }] of given) {
    if (isWithoutEffect(name)) warnings.push(`The setting ${name} (${origin}) has no effect here.`);
  }
  return { settings: shown(given), parameters: parametersOf(given), warnings };
}

function parseGiven(url: string): Map<string, string> {
  if (isUri(url)) return parseUri(url);
  if (url.includes('://')) {
    throw settingError(
      'The connection URI does not start with postgresql:// or postgres://.',
      'Check the URL.',
    );
  }
  return url.includes('=') ? parseKeywords(url) : new Map([['dbname', url]]);
}

/** What is there already has the higher precedence and stays. */
function add(given: Given, settings: Map<string, string>, origin: string): void {
  for (const [name, value] of settings) {
    if (value !== '' && !given.has(name)) given.set(name, { value, origin });
  }
}

async function addService(given: Given, { env, home }: SettingsInput): Promise<void> {
  if (env['PGSERVICE']) add(given, new Map([['service', env['PGSERVICE']]]), 'PGSERVICE');
  const service = given.get('service');
  if (!service) return;
  const file = given.get('servicefile')?.value;
  const { path, settings } = await readService(
    service.value,
    file ? { ...env, PGSERVICEFILE: file } : env,
    home,
  );
  add(given, settings, `service file ${tilde(path, home)} [${toLine(service.value)}]`);
}

async function addDefaults(given: Given, { osUser, home }: SettingsInput): Promise<void> {
  const defaults = (name: string, value: string): void => add(given, new Map([[name, value]]), 'default');
  defaults('port', '5432');
  if (!given.has('hostaddr')) defaults('host', await defaultHost(given.get('port')?.value ?? '5432'));
  else defaults('host', given.get('hostaddr')?.value ?? '');
  defaults('user', osUser);
  defaults('dbname', given.get('user')?.value ?? osUser);
  defaults('sslmode', 'prefer');
  defaults('connect_timeout', DEFAULT_CONNECT_TIMEOUT);
  for (const [name, file] of Object.entries(TLS_FILES)) {
    const path = join(home, '.postgresql', file);
    if (await exists(path)) defaults(name, path);
  }
}

/** libpq has the directory built in, and distributions differ: take the one where a server listens. */
async function defaultHost(port: string): Promise<string> {
  if (process.platform === 'win32') return 'localhost';
  for (const directory of SOCKET_DIRECTORIES) {
    if (await exists(join(directory, `.s.PGSQL.${port}`))) return directory;
  }
  return (await exists('/var/run/postgresql')) ? '/var/run/postgresql' : '/tmp';
}

async function addPassword(given: Given, { env, home }: SettingsInput, warnings: string[]): Promise<void> {
  if (given.has('password')) return;
  const path =
    given.get('passfile')?.value ??
    (process.platform === 'win32'
      ? join(env['APPDATA'] ?? home, 'postgresql', 'pgpass.conf')
      : join(home, '.pgpass'));
  const value = (name: string): string => given.get(name)?.value ?? '';
  const query = { host: value('host'), port: value('port'), dbname: value('dbname'), user: value('user') };
  const { password, warning } = await lookUpPassword(path, query);
  if (warning) warnings.push(warning);
  if (password) given.set('password', { value: password, origin: `passfile ${tilde(path, home)}` });
}

/** A setting that asks for more protection than we can give is refused, not passed over. */
function refuseWhatCannotBeKept(given: Given): void {
  const refuse = (name: string, when: (value: string) => boolean): void => {
    const setting = given.get(name);
    if (setting && when(setting.value)) {
      throw settingError(
        `The setting ${name} (${setting.origin}) asks for something backout cannot do.`,
        `Leave ${name} out, and use sslmode=verify-full with sslrootcert for a protected connection.`,
      );
    }
  };
  refuse('channel_binding', (value) => value === 'require');
  refuse('gssencmode', (value) => value === 'require');
  refuse('require_auth', () => true);
  refuse('requirepeer', () => true);
  refuse('sslcrldir', () => true);
}

function parametersOf(given: Given): ConnectionParameters {
  const text = (name: string): string | undefined => given.get(name)?.value;
  const host = text('host') ?? '';
  if (`${host}${text('hostaddr') ?? ''}${text('port') ?? ''}`.includes(',')) throw multiHost();
  const sslmode = SSL_MODES.find((mode) => mode === text('sslmode'));
  if (!sslmode) {
    throw settingError(
      `The setting sslmode (${given.get('sslmode')?.origin ?? 'default'}) has a value that libpq does not know.`,
      `Use one of ${SSL_MODES.join(', ')}.`,
    );
  }
  const parameters: ConnectionParameters = {
    host,
    port: wholeNumber(given, 'port', 1, 65535),
    user: text('user') ?? '',
    dbname: text('dbname') ?? '',
    sslmode,
    connectTimeout: wholeNumber(given, 'connect_timeout', 0, 86_400),
  };
  for (const name of ['hostaddr', 'sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'options'] as const) {
    const value = text(name);
    if (value !== undefined) parameters[name] = value;
  }
  // Kept out of anything that walks the object: a dump or JSON of it holds no password.
  Object.defineProperty(parameters, 'password', { value: text('password'), enumerable: false });
  return parameters;
}

function wholeNumber(given: Given, name: string, least: number, most: number): number {
  const setting = given.get(name);
  const number = /^\s*\d+\s*$/.test(setting?.value ?? '') ? Number(setting?.value) : NaN;
  if (number >= least && number <= most) return number;
  throw settingError(
    `The setting ${name} (${setting?.origin ?? 'default'}) is not a whole number from ${least} to ${most}.`,
    `Correct ${name}.`,
  );
}

function shown(given: Given): ResolvedSetting[] {
  return SHOWN.flatMap((name) => {
    const setting = given.get(name);
    if (!setting) return [];
    const value = name === 'password' ? '(set)' : toLine(setting.value, 200);
    return [{ name, value, origin: setting.origin }];
  });
}

function tilde(path: string, home: string): string {
  return toLine(path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
