/** What rehearsals that were killed left behind: databases that bear our mark, folders that bear our name. */
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { dropScratch, leftOvers, REHEARSAL } from '../backup/scratch.ts';
import { pinned } from '../postgres/scope.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { FOLDER } from './dump.ts';

/**
 * Drops scratch databases of rehearsals whose session is gone, and removes folders of processes that are gone. Not in
 * a transaction.
 * @returns the databases' names. @throws {DatabaseError} when the connection is lost
 */
export async function dropLeftOvers(session: Session): Promise<string[]> {
  await removeFolders();
  return pinned(session, async () => {
    const dropped: string[] = [];
    for (const name of await leftOvers(session, REHEARSAL)) {
      try {
        await dropScratch(session, name);
        dropped.push(name);
      } catch (error) {
        // Somebody else may have dropped it at the same moment.
        if (!(error instanceof DatabaseError) || session.lost) throw error;
      }
    }
    return dropped;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function removeFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const [, pid] = name.startsWith(FOLDER) ? (/^(\d+)-\w+$/.exec(name.slice(FOLDER.length)) ?? []) : [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() && (process.getuid === undefined || found.uid === userInfo().uid))
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
