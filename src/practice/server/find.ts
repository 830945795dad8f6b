/** A PostgreSQL server of this machine that practice may start for itself. */
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NEEDED = ['initdb', 'pg_ctl', 'postgres'];

/** Installations that are not in PATH: Debian and its like, Red Hat, Homebrew, Postgres.app. */
const ROOTS = [
  '/usr/lib/postgresql',
  '/usr',
  '/opt/homebrew/opt',
  '/usr/local/opt',
  '/Applications/Postgres.app/Contents/Versions',
];

/** The oldest that backout works with. */
const OLDEST = 13;

function majorOf(name: string): number {
  return Number(/^(?:pgsql-|postgresql@)?(\d+)$/.exec(name)?.[1] ?? 0);
}

function installed(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => majorOf(name) >= OLDEST)
      .sort((a, b) => majorOf(b) - majorOf(a))
      .map((name) => join(root, name, 'bin'));
  } catch {
    return [];
  }
}

function holds(folder: string): boolean {
  try {
    for (const program of NEEDED) accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with initdb, pg_ctl and postgres; null where there is none. */
export function serverBin(path: string | undefined): string | null {
  const inPath = (path ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [...inPath, ...ROOTS.flatMap(installed)].find(holds) ?? null;
}
