/** What practice with an operator begins with: the drills beside the runbook, and what was reached in them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Io } from './io.ts';
import type { Reached } from './practice-list-screen.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Drill } from '../practice/drill/types.ts';

/** All drills of a runbook that can be used, in the order of their files, and a sentence on each that cannot. */
export async function usableDrills(runbook: string): Promise<{ drills: Drill[]; broken: string[] }> {
  const [{ drillsFolder }, { loadDrill }] = await Promise.all([
    import('../practice/drill/list.ts'),
    import('../practice/drill/read.ts'),
  ]);
  const folder = drillsFolder(runbook);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.md')).sort();
  const read = await Promise.all(
    files.map((name) =>
      loadDrill(join(folder, name)).catch(
        () => `${toLine(name, 100)} cannot be used; "backout practice --check FILE" says why.`,
      ),
    ),
  );
  return {
    drills: read.filter((one): one is Drill => typeof one !== 'string'),
    broken: read.filter((one): one is string => typeof one === 'string'),
  };
}

/** What this person has reached in each drill, by the records on this machine. */
export async function reachedBy(
  io: Pick<Io, 'env' | 'home' | 'osUser'>,
  person = io.osUser,
): Promise<Readonly<Record<string, Reached>>> {
  const [{ recordsDirectory }, { readRecords }, { progressOf }] = await Promise.all([
    import('../practice/record/folder.ts'),
    import('../practice/record/read.ts'),
    import('../practice/record/table.ts'),
  ]);
  const { records } = await readRecords(recordsDirectory(io.env, io.home));
  return progressOf(records, person);
}
