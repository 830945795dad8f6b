/** `backout resume [RUN]`: goes on with a run that was broken off, from where the database stands. */
import { resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Options } from './args.ts';
import type { Place, Subject } from './begin.ts';
import { withDatabase } from './database.ts';
import { databaseRuns, type DatabaseRun } from './database-runs.ts';
import { foundWords, runToResume } from './find-run.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { loadPlanAs } from './record-table.ts';
import { repairSubject } from './repair-subject.ts';
import { restOfUndo } from './undo-subject.ts';
import { runUnattended } from './unattended.ts';
import { withValues } from './ask-values.ts';
import { withRecorded } from './values.ts';
import { checkTerminal, walk } from './walk.ts';

/** The run's own runbook, byte for byte: another one would be another run. @throws {UserError} 65 */
async function ownSubject(io: Io, run: DatabaseRun, options: Options): Promise<Subject> {
  const { runbook: named } = options;
  const path = named === undefined ? run.runbook.path : resolve(named);
  const set = withRecorded(options.set ?? {}, run.runbook.values);
  const loaded = await loadPlanAs(io, { ...options, set }, path).catch((error: unknown) => {
    if (named !== undefined || !(error instanceof UserError) || error.exitStatus === EXIT.usage) throw error;
    throw new UserError(
      `The runbook of run ${run.run} was ${path}, and cannot be used from there: ${error.message}`,
      `Nothing was run. Name the same file with --runbook; its sha256 is ${run.runbook.sha256}.`,
      EXIT.badRunbook,
      { cause: error },
    );
  });
  if (loaded.runbook.sha256 !== run.runbook.sha256) {
    throw new UserError(
      `${path} is not the runbook that run ${run.run} began with: its sha256 is ${loaded.runbook.sha256}, not ${run.runbook.sha256}.`,
      'Nothing was run. Name the file as it was with --runbook. A changed runbook is a run of its own: "backout" reads where the database stands and goes on from there.',
      EXIT.badRunbook,
    );
  }
  if (run.kind === 'repair') return repairSubject(loaded, { resume: run.run, schema: run.schema });
  return { kind: 'rollback', ...loaded, undoes: null, resume: run.run };
}

export async function resumeCommand(io: Io, options: Options, wanted: string | null): Promise<number> {
  if (options.confirm === undefined) checkTerminal(io, options);
  const place: Place = { connection: Promise.resolve(connectionOf(io, options)), embedded: false };
  const load = (given: Options) =>
    withDatabase(io, place.connection, async (session) => {
      const runs = await databaseRuns(session);
      const found = runToResume(runs, wanted);
      const about =
        found.kind === 'undo' ? await restOfUndo(runs, found) : await ownSubject(io, found, given);
      return { run: found, subject: about };
    });
  const loaded =
    options.confirm === undefined
      ? await withValues({ io, options, embedded: false }, load)
      : await load(options);
  if (!loaded) return EXIT.declined;
  const { run, subject } = loaded;
  await io.err(`${foundWords(run)} Going on with it.\n`);
  const resumed = { ...options, schema: run.schema };
  const walked = { options: resumed, subject: () => Promise.resolve(subject), place };
  return options.confirm === undefined ? walk(io, walked) : runUnattended(io, walked);
}
