/** Connection URIs as libpq reads them (manual, libpq-connect, "Connection URIs"). */
import { isKnown, settingError } from './names.ts';

const ADVICE = 'Write it as postgresql://user@host:5432/database?sslmode=verify-full.';

/** Whether the text is meant as a URI. */
export function isUri(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

/**
 * The settings in a URI, by libpq's names.
 * @throws {UserError} exit 64 when it is malformed. The message never holds any part of the URI but a
 * parameter's name: a mistyped URI often has its password in an unexpected place.
 */
export function parseUri(uri: string): Map<string, string> {
  const rest = uri.slice(uri.indexOf('://') + 3);
  const [beforeQuery, query] = splitOnce(rest, '?');
  const [authority, path] = splitOnce(beforeQuery, '/');
  // The last @ ends the user and the password: libpq takes the first, but a raw @ in a password is meant here.
  const at = authority.lastIndexOf('@');
  const settings = new Map<string, string>();
  if (at >= 0) readUser(authority.slice(0, at), settings);
  readHost(authority.slice(at + 1), settings);
  if (path) settings.set('dbname', decode(path, 'the database name'));
  for (const part of query ? query.split('&') : []) readParameter(part, settings);
  return settings;
}

function readUser(text: string, settings: Map<string, string>): void {
  const [user, password] = splitOnce(text, ':');
  if (user) settings.set('user', decode(user, 'the user name'));
  if (password) settings.set('password', decode(password, 'the password'));
}

function readHost(text: string, settings: Map<string, string>): void {
  if (text.includes(',')) throw multiHost();
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const [host, port] = bracketed ? [bracketed[1] ?? '', bracketed[2]] : splitOnce(text, ':');
  if (text.startsWith('[') && !bracketed) {
    throw settingError('The connection URI has a [ that is not closed.', ADVICE);
  }
  if (host) settings.set('host', decode(host, 'the host'));
  if (port) settings.set('port', decode(port, 'the port'));
}

function readParameter(part: string, settings: Map<string, string>): void {
  if (part === '') return;
  const [rawName, rawValue] = splitOnce(part, '=');
  if (rawValue === undefined) {
    throw settingError('A parameter of the connection URI has no "=" and no value.', ADVICE);
  }
  const name = decode(rawName, 'a parameter');
  const value = decode(rawValue, 'a parameter');
  // Understood by libpq for the sake of JDBC.
  if (name === 'ssl' && value === 'true') settings.set('sslmode', 'require');
  else if (!isKnown(name)) {
    throw settingError('The connection URI has a parameter that libpq does not know.', ADVICE);
  } else settings.set(name, value);
}

/** Several hosts would let a run move to another server between two steps. */
export function multiHost(): Error {
  return settingError(
    'The connection settings name several hosts. A rollback is carried out on exactly one server.',
    'Name the one primary server.',
  );
}

function decode(text: string, what: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw settingError(
      `The connection URI is malformed: ${what} has a % that is not followed by two hex digits.`,
      ADVICE,
    );
  }
  if (decoded.includes('\0'))
    throw settingError(`The connection URI is malformed: ${what} holds %00.`, ADVICE);
  return decoded;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
