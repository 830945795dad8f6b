/** An undo as a subject of the wizard: what the database recorded of the run that is to be taken back. */
import type { Runbook } from '../runbook/types.ts';
import type { Place, Subject } from './begin.ts';
import { withDatabase } from './database.ts';
import { databaseRuns, type DatabaseRun } from './database-runs.ts';
import { runNamed, runToUndo } from './find-run.ts';
import type { Io } from './io.ts';
import { loadPlan } from './load.ts';

/** The runbook of the run where it still is what it was; its troubleshooting and escalation count for the undo too. */
async function stillThere({ path, sha256 }: DatabaseRun['runbook']): Promise<Runbook | null> {
  if (path === '') return null;
  const loaded = await loadPlan(path, undefined, undefined, { lenient: true }).catch(() => null);
  return loaded?.runbook.sha256 === sha256 ? loaded.runbook : null;
}

/** @param resume the undo that is gone on with: what it has undone belongs to its plan as well */
export async function undoSubject(run: DatabaseRun, resume: string | null): Promise<Subject> {
  const [{ undoCourse }, { undoPlan, undoRunbook }] = await Promise.all([
    import('../runtime/undo.ts'),
    import('../runtime/undo/plan.ts'),
  ]);
  const steps = run.steps.filter(({ undoneBy }) => undoneBy === null || undoneBy === resume);
  const undone = { ...run, steps };
  const plan = undoPlan(undone);
  const runbook = undoRunbook(undone, plan, await stillThere(run.runbook));
  const course = undoCourse({ undoes: run.run, schema: run.schema, plan, runbook });
  return { kind: 'undo', runbook, plan, undoes: run.run, resume, course };
}

/**
 * The undo of a run of the database that is there, by default of the last one.
 * @throws {UserError} 64 when there is none to undo, 75 while it is at work
 */
export function undoOf(
  io: Io,
  place: Pick<Place, 'connection'>,
  wanted: string | null,
): () => Promise<Subject> {
  return () =>
    withDatabase(io, place.connection, async (session) =>
      undoSubject(runToUndo(await databaseRuns(session), wanted), null),
    );
}

/** An undo that was broken off, gone on with. @throws {UserError} 64 when what it takes back is not known any more */
export function restOfUndo(runs: readonly DatabaseRun[], undo: DatabaseRun): Promise<Subject> {
  return undoSubject(runNamed(runs, undo.undoes ?? ''), undo.run);
}
