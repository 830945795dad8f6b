/** `backout runs`: the runs made on this machine, and those that a database knows of. */
import { EXIT } from '../exit.ts';
import { runsDirectory } from '../journal/folder.ts';
import { listRuns } from '../journal/runs.ts';
import type { Options } from './args.ts';
import type { DatabaseRun, LeftOver } from './database-runs.ts';
import { toJson } from './document.ts';
import { NotConnected } from './failure.ts';
import type { Io } from './io.ts';
import { connectionOf, namesDatabase } from './load.ts';
import { databaseBlocks, leftOverBlocks, localBlocks } from './runs-text.ts';
import { textOf } from './text.ts';

interface Known {
  database: string;
  runs: DatabaseRun[];
  /** Databases of the server that killed work of backout left behind. */
  leftOver: LeftOver[];
}

/** Null where no database is named. One that only the environment names may be out of reach: that is said, no more. */
async function known(io: Io, options: Options): Promise<Known | null> {
  if (!namesDatabase(io, options)) return null;
  const [{ withDatabase }, { databaseRuns, leftOverOf }] = await Promise.all([
    import('./database.ts'),
    import('./database-runs.ts'),
  ]);
  try {
    return await withDatabase(io, connectionOf(io, options), async (session, database) => ({
      database,
      runs: await databaseRuns(session),
      leftOver: await leftOverOf(session),
    }));
  } catch (error) {
    if (options.database !== undefined || !(error instanceof NotConnected)) throw error;
    await io.err(`The database named by the environment cannot be reached: ${error.message}\n`);
    return null;
  }
}

export async function runsCommand(io: Io, options: Options): Promise<number> {
  const folder = runsDirectory(io.env, io.home);
  const runs = await listRuns(folder);
  const there = await known(io, options);
  const document = { schema: 'backout.runs/1', folder, runs, ...(there ? { inDatabase: there } : {}) };
  const blocks = [
    ...localBlocks(runs, folder),
    ...(there ? [...databaseBlocks(there.runs, there.database), ...leftOverBlocks(there.leftOver)] : []),
  ];
  await io.out(options.json ? toJson(document) : textOf(blocks));
  return EXIT.ok;
}
