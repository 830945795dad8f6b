/** The connection service file (manual, libpq-pgservice). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toLine } from '../../terminal/sanitize.ts';
import { isKnown, settingError } from './names.ts';

export interface Service {
  path: string;
  settings: Map<string, string>;
}

/**
 * Looks the service up in the user's file (PGSERVICEFILE or ~/.pg_service.conf), then in PGSYSCONFDIR's.
 * @throws {UserError} exit 64 when no file defines it, or when a line of the service cannot be read.
 */
export async function readService(name: string, env: NodeJS.ProcessEnv, home: string): Promise<Service> {
  const paths = [env['PGSERVICEFILE'] || join(home, '.pg_service.conf')];
  if (env['PGSYSCONFDIR']) paths.push(join(env['PGSYSCONFDIR'], 'pg_service.conf'));
  for (const path of paths) {
    const text = await readIfThere(path);
    const settings = text === null ? null : parseService(text, name, path);
    if (settings) return { path, settings };
  }
  throw settingError(
    `The connection service "${toLine(name)}" is not defined.`,
    `Define it as a section [${toLine(name)}] in ${paths.map((path) => toLine(path)).join(' or ')}, or unset PGSERVICE.`,
  );
}

function parseService(text: string, name: string, path: string): Map<string, string> | null {
  let inside = false;
  let found: Map<string, string> | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (found) return found;
      inside = line === `[${name}]`;
      if (inside) found = new Map();
    } else if (inside && found) readLine(line, found, `${toLine(path)}, line ${index + 1}`);
  }
  return found;
}

function readLine(line: string, settings: Map<string, string>, place: string): void {
  const at = line.indexOf('=');
  const key = at < 0 ? '' : line.slice(0, at).trim();
  if (!isKnown(key) || key === 'service') {
    throw settingError(
      `The service file cannot be read (${place}).`,
      'Each line must be a libpq keyword, "=", and a value.',
    );
  }
  settings.set(key, line.slice(at + 1).trim());
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
