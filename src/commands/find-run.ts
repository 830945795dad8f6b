/** Which run of the database is meant. Pure. */
import { EXIT, UserError } from '../exit.ts';
import { stepName } from '../wizard/judge.ts';
import type { DatabaseRun } from './database-runs.ts';

const usage = (message: string, advice: string): UserError => new UserError(message, advice, EXIT.usage);

/** To the second: `2026-11-22T15:49:03Z`. */
export const moment = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z');

/** "20261122-1549-k3f9 (rollback by jo on bastion, verified)". */
export function runWords(run: DatabaseRun): string {
  return `${run.run} (${run.kind} by ${run.operator} on ${run.host}, ${run.outcome ?? 'not ended'})`;
}

function listed(runs: readonly DatabaseRun[]): string {
  if (runs.length === 0) return 'This database knows of no run.';
  return `The newest: ${runs.slice(0, 5).map(runWords).join('; ')}.`;
}

/**
 * The run whose id begins with `wanted`.
 * @throws {UserError} 64 when there is none, or more than one
 */
export function runNamed(runs: readonly DatabaseRun[], wanted: string): DatabaseRun {
  const matches = runs.filter(({ run }) => run.startsWith(wanted));
  if (matches.length === 1) return matches[0]!;
  if (matches.length === 0)
    throw usage(`This database knows of no run ${wanted}.`, `${listed(runs)} See "backout runs".`);
  throw usage(
    `${wanted} could be any of: ${matches.map(({ run }) => run).join(', ')}.`,
    'Give more of the id.',
  );
}

const standing = (run: DatabaseRun): boolean => run.steps.some(({ undoneBy }) => undoneBy === null);

/**
 * The run to be undone: the one named, else the last whose steps stand.
 * @throws {UserError} 64 in words: an undo, undone already, purged, or another one stands on top of it; 75 while it is at work
 */
export function runToUndo(runs: readonly DatabaseRun[], wanted: string | null): DatabaseRun {
  const undoable = runs.filter((run) => run.kind !== 'undo');
  const run =
    wanted === null
      ? undoable.find((one) => standing(one) || one.unheard.length > 0)
      : runNamed(runs, wanted);
  if (!run) throw usage('There is no run to undo in this database.', listed(runs));
  if (run.kind === 'undo') {
    throw usage(
      `Run ${run.run} is itself an undo, of run ${run.undoes ?? ''}.`,
      'To roll back once more, run the runbook again. To go on with an undo that was broken off, use "backout resume".',
    );
  }
  const half = runs.find((one) => one.kind === 'undo' && one.undoes === run.run && one.endedAt === null);
  if (half) {
    throw usage(
      `An undo of run ${run.run} was begun and has not ended: run ${half.run}.`,
      `"backout resume ${half.run}" goes on with it.`,
    );
  }
  const [unheard] = run.unheard;
  if (unheard !== undefined && !run.live) {
    throw usage(
      `What became of ${stepName(unheard)} of run ${run.run} is not written down: it ran outside of a transaction.`,
      `Nothing was run. "backout resume ${run.run}" asks the tables and writes it down; stop there, then undo.`,
    );
  }
  if (run.steps.length === 0) {
    throw usage(`Run ${run.run} has done no step: there is nothing to undo.`, listed(runs));
  }
  if (!standing(run)) {
    const by = [...new Set(run.steps.map(({ undoneBy }) => undoneBy))].join(', ');
    throw usage(
      `Run ${run.run} is undone already, by run ${by}.`,
      'Nothing was run. To roll back once more, run the runbook again.',
    );
  }
  const later = runs.filter((one) => isLater(one, run));
  if (later.length > 0) {
    throw usage(
      `Run ${later[0]!.run} was made after run ${run.run} and stands on top of it.`,
      `Undo the newer one first: "backout undo ${later[0]!.run}".`,
    );
  }
  if (run.live) throw atWork(run);
  return run;
}

/** A later run on the same tables' schema whose steps still stand: undone first, or tables would be in its way. */
function isLater(one: DatabaseRun, run: DatabaseRun): boolean {
  const last = (steps: DatabaseRun['steps']): string =>
    steps.filter(({ undoneBy }) => undoneBy === null).at(-1)?.doneAt ?? '';
  if (one.run === run.run || one.kind === 'undo' || one.schema !== run.schema || !standing(one)) return false;
  return last(one.steps) > last(run.steps);
}

/**
 * The run to go on with: the one named, else the only one that was broken off.
 * @throws {UserError} 64 in words; 75 while somebody is at work on it
 */
export function runToResume(runs: readonly DatabaseRun[], wanted: string | null): DatabaseRun {
  const open = runs.filter((run) => run.endedAt === null);
  const [first, ...others] = open;
  if (wanted === null && others.length > 0) {
    throw usage(
      `Several runs are not ended: ${open.map(runWords).join('; ')}.`,
      'Name one of them: backout resume RUN.',
    );
  }
  const run = wanted === null ? first : runNamed(runs, wanted);
  if (!run) throw usage('No run of this database was broken off.', listed(runs));
  if (run.endedAt !== null) {
    throw usage(
      `Run ${run.run} has ended (${run.outcome ?? 'without a result'}): there is nothing to go on with.`,
      run.kind !== 'undo' ? `"backout undo ${run.run}" takes it back.` : 'See "backout runs".',
    );
  }
  if (run.live) throw atWork(run);
  return run;
}

const atWork = (run: DatabaseRun): UserError =>
  new UserError(
    `Run ${run.run} is at work: ${run.operator} on ${run.host}, begun ${moment(run.startedAt)}.`,
    'Nothing was run. Wait for its end; "backout" shows what it does. Once its session is gone it can be resumed.',
    EXIT.busy,
  );

/** What was found of a run that is to be gone on with or undone, in lines. */
export function foundWords(run: DatabaseRun): string {
  const steps = run.steps.map(({ id, undoneBy }) => (undoneBy === null ? id : `${id} (undone)`)).join(', ');
  return `Run ${run.run}, ${run.kind === 'undo' ? `undo of run ${run.undoes ?? ''}` : run.kind} by ${run.operator} on ${run.host}, begun ${moment(run.startedAt)}: ${steps === '' ? 'no step done' : `done: ${steps}`}${run.unsettled ? '; its tables are copied, and what the quick rollback did is not written down yet' : ''}.`;
}
