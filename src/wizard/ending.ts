/** How a run ends: its outcome, its exit status, its last line in the journal. */
import type { EXIT } from '../exit.ts';
import type { JournalBody, Outcome, StepOutcome } from '../journal/types.ts';
import { allApplied, currentStep, firstOpen, hasTriedAnything, isBlocked } from './judge.ts';
import { brokeOff } from './lone.ts';
import { quickDidSomething, quickMayHaveChanged, quickSaidWell, quickTried } from './quick.ts';
import { to, type Reduced } from './reduced.ts';
import type { State, StepRun, Task } from './types.ts';

export interface Ending {
  outcome: Outcome;
  exitStatus: number;
}

type Exit = typeof EXIT;

const DECLINED: Exit['declined'] = 11;
const PREREQUISITE_FAILED: Exit['prerequisiteFailed'] = 10;
const SQL_FAILED: Exit['sqlFailed'] = 12;
const STOPPED: Exit['stopped'] = 13;
const VERIFICATION_FAILED: Exit['verificationFailed'] = 14;
const UNKNOWN: Exit['unknown'] = 15;
const CANNOT_CONNECT: Exit['cannotConnect'] = 69;
const BUSY: Exit['busy'] = 75;
const OK: Exit['ok'] = 0;

/** lock_not_available, deadlock_detected (manual, appendix A). Trying later is all that is needed. */
const LOCK_NOT_HAD: readonly (string | undefined)[] = ['55P03', '40P01'];

/** What the run would end as if it ended now. */
export function endingOf(state: State): Ending {
  if (state.quick.status === 'unsettled' || state.steps.some((step) => step.status === 'unknown'))
    return { outcome: 'unknown', exitStatus: UNKNOWN };
  if (state.decision.choice === 'fix-forward') return { outcome: 'fix-forward', exitStatus: DECLINED };
  if (hasTriedAnything(state) || state.decision.choice === 'rollback') return endingOfSteps(state);
  return endingBeforeSteps(state);
}

function endingBeforeSteps(state: State): Ending {
  if (state.target.status === 'failed') return { outcome: 'error', exitStatus: CANNOT_CONNECT };
  if (state.otherRun?.live) return { outcome: 'prerequisite-failed', exitStatus: BUSY };
  if (state.prerequisites.status === 'done' && allApplied(state.survey)) {
    return { outcome: 'nothing-to-do', exitStatus: PREREQUISITE_FAILED };
  }
  const unread =
    state.prerequisites.status === 'failed' || state.backup.error !== null || state.decision.error !== null;
  const blocked = state.prerequisites.status === 'done' && (isBlocked(state) || state.otherRun !== null);
  if (unread || blocked) return { outcome: 'prerequisite-failed', exitStatus: PREREQUISITE_FAILED };
  return { outcome: 'declined', exitStatus: DECLINED };
}

function endingOfSteps(state: State): Ending {
  const { result } = state.verification;
  if (firstOpen(state.steps) === null && result) {
    return result.ok
      ? { outcome: 'verified', exitStatus: OK }
      : { outcome: 'verification-failed', exitStatus: VERIFICATION_FAILED };
  }
  if (firstOpen(state.steps) === null && state.verification.status === 'failed') {
    return { outcome: 'verification-failed', exitStatus: VERIFICATION_FAILED };
  }
  const step = currentStep(state);
  if (step?.error && !step.cancelled) {
    const locked = LOCK_NOT_HAD.includes(step.error.sqlstate);
    return { outcome: 'sql-failed', exitStatus: locked ? BUSY : SQL_FAILED };
  }
  if (state.quick.end && !quickDidSomething(state) && !quickSaidWell(state)) {
    return { outcome: 'sql-failed', exitStatus: SQL_FAILED };
  }
  return hasTriedAnything(state)
    ? { outcome: 'stopped', exitStatus: STOPPED }
    : { outcome: 'declined', exitStatus: DECLINED };
}

/** What became of a step. One found applied counts as done: that is how it stands in the database. */
export function stepOutcome(step: StepRun): StepOutcome {
  if (step.status === 'done' || step.status === 'already-applied') return 'done';
  if (step.status === 'unknown') return 'unknown';
  if (brokeOff(step)) return 'broken-off';
  return step.attempt > 0 && !step.voided ? 'rolled-back' : 'not-run';
}

/** Of the quick rollback, where it was begun, and of every step. */
export function stepOutcomes(state: State): { id: string; outcome: StepOutcome }[] {
  const quick: StepOutcome = quickDidSomething(state)
    ? 'done'
    : quickMayHaveChanged(state)
      ? 'unknown'
      : state.quick.end
        ? 'rolled-back'
        : 'not-run';
  return [
    ...(quickTried(state) ? [{ id: 'quick', outcome: quick }] : []),
    ...state.steps.map((step) => ({ id: step.id, outcome: stepOutcome(step) })),
  ];
}

function resultRecord(state: State, ending: Ending): JournalBody {
  return { type: 'result', ...ending, run: state.run, steps: stepOutcomes(state) };
}

/** What nobody decided by the time the run ends is open: the report and the list of runs name it. */
function undecidedRecords({ checklist, decision, verification }: State): Task[] {
  const isDue = verification.status === 'done' || verification.status === 'failed';
  if (!isDue || decision.choice === null) return [];
  return checklist.items
    .filter(({ done }) => done === null)
    .map(({ id, text, note, result }) => ({
      type: 'record',
      event: { type: 'checklist', item: id, text, done: false, note, command: result },
    }));
}

/** Records the result, has the report written and shows it. The result is recorded once: later calls only move on. */
export function finish(state: State): Reduced {
  if (state.ending) return to({ ...state, screen: 'report' });
  const ending = endingOf(state);
  return to(
    {
      ...state,
      ending,
      screen: 'report',
      notice: null,
      report: { ...state.report, status: 'writing', error: null },
    },
    ...undecidedRecords(state),
    { type: 'record', event: resultRecord(state, ending) },
    ...(hasTriedAnything(state) ? [{ type: 'end-run', outcome: ending.outcome } as const] : []),
    { type: 'write-report' },
  );
}

/** As {@link finish}, without waiting for the operator to read the report: the surface shows its summary. */
export function finishNow(state: State): Reduced {
  const ended = finish(state);
  return to(
    { ...ended.state, leaving: false, escalating: false, outcome: ended.state.ending },
    ...ended.tasks,
  );
}
