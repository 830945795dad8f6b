/** The password file (manual, libpq-pgpass). */
import { readFile, stat } from 'node:fs/promises';
import { toLine } from '../../terminal/sanitize.ts';

export interface PasswordQuery {
  host: string;
  port: string;
  dbname: string;
  user: string;
}

export interface PasswordLookup {
  password: string | null;
  /** A file that was left out of account, and why. */
  warning: string | null;
}

/** Directories in which a server's socket stands by default: libpq looks those up as `localhost`. */
export const SOCKET_DIRECTORIES = ['/var/run/postgresql', '/run/postgresql', '/tmp'];

/** The first line that fits. A file others may read is not used, as libpq does not use it. */
export async function lookUpPassword(path: string, query: PasswordQuery): Promise<PasswordLookup> {
  let text: string;
  try {
    const file = await stat(path);
    if (!file.isFile())
      return { password: null, warning: `${toLine(path)} is not a plain file and was not used.` };
    if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) {
      const warning = `${toLine(path)} can be read or written by others and was not used. Run: chmod 0600 ${toLine(path)}`;
      return { password: null, warning };
    }
    text = await readFile(path, 'utf8');
  } catch {
    return { password: null, warning: null };
  }
  return { password: findPassword(text, query), warning: null };
}

function findPassword(text: string, query: PasswordQuery): string | null {
  const host = SOCKET_DIRECTORIES.includes(query.host) ? 'localhost' : query.host;
  const wanted = [host, query.port, query.dbname, query.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    const password = fields[4];
    if (password && wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) {
      return password;
    }
  }
  return null;
}

/** Five fields separated by colons; a colon or backslash within one is written with a backslash before it. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (character === '\\' && at + 1 < line.length) {
      at += 1;
      fields[fields.length - 1] += line[at] ?? '';
    } else if (character === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += character;
  }
  return fields;
}
