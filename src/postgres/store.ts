/**
 * What backout keeps in the database: its schemas `backout` (runs and journal) and `backout_archive`, and the lock that
 * lets one run at a time change anything. The truth about a step is its row in `backout.step`.
 */
export { endBegun, isAtWork, openBegun, settleBegun, type BegunRow } from './store/begun.ts';
export { releaseRunLock, runLockHolder, takeRunLock, type LockHolder } from './store/lock.ts';
export { otherRun } from './store/other-run.ts';
export { stepOutcome, type StepFound } from './store/outcome.ts';
export { prepareStore } from './store/prepare.ts';
export { purge, purgePlan, purgeSql, type PurgeObject, type PurgePlan } from './store/purge.ts';
export {
  allRuns,
  archivedRows,
  endRun,
  registerRun,
  runRow,
  stepRows,
  undosOf,
  unfinishedRuns,
  type ArchivedRow,
  type RunEntry,
  type RunRow,
  type StepRow,
} from './store/runs.ts';
export { storeState, type StoreState, type StoreStatus } from './store/state.ts';
