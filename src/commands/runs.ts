/** `backout runs`: the runs made on this machine. */
import { EXIT } from '../exit.ts';
import { runsDirectory } from '../journal/folder.ts';
import { listRuns } from '../journal/runs.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { runsBlocks, textOf } from './text.ts';

export async function runsCommand(io: Io, options: Options): Promise<number> {
  const folder = runsDirectory(io.env, io.home);
  const runs = await listRuns(folder);
  await io.out(
    options.json ? toJson({ schema: 'backout.runs/1', folder, runs }) : textOf(runsBlocks(runs, folder)),
  );
  return EXIT.ok;
}
