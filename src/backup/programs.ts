/** pg_dump and pg_restore: where they are, and whether they may be used on this server. */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import { withoutConnection } from './libpq-env.ts';

export interface Program {
  path: string;
  /** e.g. `15.18`. */
  version: string;
  major: number;
}

type Name = 'pg_dump' | 'pg_restore';

/** Longer and it is no program that tells its version. In milliseconds. */
const PATIENCE = 10_000;

/** Every one on PATH that tells its version, in the order of PATH. Folders that are not absolute are passed over. */
export async function onPath(name: Name, env: NodeJS.ProcessEnv): Promise<Program[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const found: Program[] = [];
  for (const folder of new Set(folders)) {
    const path = join(folder, name);
    if (!(await runnable(path))) continue;
    const version = versionIn(name, await versionLine(path, env));
    if (version) found.push({ path, ...version });
  }
  return found;
}

async function runnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 17beta1`. */
export function versionIn(name: Name, line: string): Pick<Program, 'version' | 'major'> | null {
  const [, program, version = ''] = /^(\S+) \(.*?\) (\d[\w.]*)/.exec(line) ?? [];
  if (program !== name) return null;
  return { version, major: Number.parseInt(version, 10) };
}

function versionLine(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(path, ['--version'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...withoutConnection(env), LC_ALL: 'C' },
      timeout: PATIENCE,
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text.slice(0, 1000)));
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(out));
  });
}

/**
 * The pg_dump to use: the first on PATH that is not older than the server, whose format it would not know (manual,
 * app-pgdump, "Notes").
 * @param serverVersion as `server_version_num`, e.g. 150018
 * @throws {UserError} 69 when there is none, with what was found instead
 */
export async function pgDump(env: NodeJS.ProcessEnv, serverVersion: number): Promise<Program> {
  const server = Math.floor(serverVersion / 10_000);
  const found = await onPath('pg_dump', env);
  const fit = found.find(({ major }) => major >= server);
  if (fit) return fit;
  if (found.length === 0) {
    throw new UserError(
      'pg_dump is not on PATH, so no backup can be taken from here.',
      `Install PostgreSQL's client programs, version ${server} or newer, or take the backup elsewhere and name it with --backup PATH.`,
      EXIT.cannotConnect,
    );
  }
  const named = found.map(({ path, version }) => `${toLine(path, 200)} is ${toLine(version, 40)}`).join(', ');
  throw new UserError(
    `The server is PostgreSQL ${server}, and pg_dump here is older: ${named}. An older pg_dump refuses a newer server.`,
    `Put a pg_dump of version ${server} or newer first on PATH (often in /usr/lib/postgresql/${server}/bin), or take the backup elsewhere and name it with --backup PATH.`,
    EXIT.cannotConnect,
  );
}

/** The newest pg_restore on PATH: each reads what all before it wrote. Null where there is none. */
export async function pgRestore(env: NodeJS.ProcessEnv): Promise<Program | null> {
  const found = await onPath('pg_restore', env);
  return found.reduce<Program | null>(
    (best, one) => (best === null || one.major > best.major ? one : best),
    null,
  );
}
