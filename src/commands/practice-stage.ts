/** From a drill to its stage: a database and a folder that are its own. */
import { makeFolder } from '../practice/drill/folder.ts';
import { stageDrill, type Stage } from '../practice/drill/stage.ts';
import type { Drill } from '../practice/drill/types.ts';
import type { Spares } from '../practice/spare.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';
import { loadPlan, runbookPath } from './load.ts';

/**
 * Works in the folder of a drill, and goes back: paths that the operator gives are those of the story.
 * @returns how to leave it
 */
export function enterFolder(drill: Pick<Drill, 'files'>): () => void {
  const before = process.cwd();
  const folder = makeFolder(drill.files);
  process.chdir(folder.path);
  return () => {
    process.chdir(before);
    folder.remove();
  };
}

/**
 * @param options with the runbook as an absolute path
 * @throws {UserError} 65, 69 · {DatabaseError} when the set-up of the drill fails
 */
export async function stageFor(io: Io, drill: Drill, options: Options, spares: Spares): Promise<Stage> {
  const { runbook, plan } = await loadPlan(
    runbookPath(io, options, null),
    options.format,
    options.recordTable,
    { set: options.set, env: io.env },
  );
  return stageDrill(drill, {
    runbook,
    plan,
    version: io.version,
    embedded: () => spares.take(),
    home: io.home,
    osUser: io.osUser,
    async startServer(wanted, other) {
      const { serverStage, whyNoServer } = await import('../practice/server/stage.ts');
      const path = io.env['PATH'];
      const whyNot = whyNoServer(path);
      return whyNot === null ? serverStage(wanted, other, { path }) : { whyNot };
    },
  });
}
