/** The drills beside a runbook. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nearest } from '../../commands/args.ts';
import { EXIT, UserError } from '../../exit.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { loadDrill } from './read.ts';
import type { Drill } from './types.ts';

/** `runbooks/name.md` has its drills in `runbooks/name/drills`. */
export function drillsFolder(runbook: string): string {
  return join(runbook.replace(/\.md$/i, ''), 'drills');
}

/**
 * All drills of a runbook, in the order of their files' names; none where there is no folder.
 * @throws {UserError} 65 when one of them cannot be used
 */
export async function drillsOf(runbook: string): Promise<Drill[]> {
  const folder = drillsFolder(runbook);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.md')).sort();
  return Promise.all(files.map((name) => loadDrill(join(folder, name))));
}

/**
 * The drill of that id, or of that number.
 * @throws {UserError} 64, with the names that were perhaps meant
 */
export function drillNamed(drills: readonly Drill[], name: string): Drill {
  const found = drills.find(
    ({ id, number }) =>
      id === name || (number !== '' && /^\d+$/.test(name) && Number(number) === Number(name)),
  );
  if (found) return found;
  const ids = drills.map(({ id }) => id);
  const near = nearest(name, ids);
  throw new UserError(
    ids.length === 0 ? 'This runbook has no drills.' : `There is no drill "${toLine(name, 60)}".`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '"backout practice --list" shows what there is.',
    EXIT.usage,
  );
}
