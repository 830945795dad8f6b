/** Folders of practice in the folder for temporary files: whose they are, and removing those that a kill left behind. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type PracticeFolder = 'practice' | 'drill';

/** What `mkdtemp` is given: the process that owns the folder is named in it. */
export const folderPrefix = (kind: PracticeFolder, parent = tmpdir()): string =>
  join(parent, `backout-${kind}-${process.pid}-`);

const OURS = /^backout-(?:practice|drill)-(\d+)-[A-Za-z0-9]{6}$/;

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: EPERM.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes this user's folders whose process is gone. What cannot be removed stays. */
export async function removeLeftOver(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = Number(OURS.exec(name)?.[1] ?? process.pid);
    if (runs(pid)) continue;
    const path = join(parent, name);
    const found = await lstat(path).catch(() => null);
    if (!found?.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
