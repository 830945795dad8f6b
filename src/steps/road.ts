/** The road: what lies behind, where the operator is, what is next. */
import { isAtInstructor, isAtList } from '../wizard/drill.ts';
import { hasTriedAnything, isBusy } from '../wizard/judge.ts';
import { isQuickBusy, quickDidSomething } from '../wizard/quick.ts';
import { isAtValues } from '../wizard/values.ts';
import type { Mark, RoadStop, ScreenId, State, StepRun } from '../wizard/types.ts';
import { safe } from './blocks.ts';
import { stepLabel } from './purpose.ts';

const AFTER_PLAN: ScreenId[] = ['step', 'verification', 'checklist'];

/** One stop a screen, and one a step of the plan. Fix forward takes the place of all that lies between. */
export function roadOf(state: State): RoadStop[] {
  // Nothing has begun.
  if (isAtList(state) || isAtInstructor(state) || isAtValues(state)) return [];
  const middle = isForward(state)
    ? [stop(state, 'forward', 'Fix forward', state.screen === 'report' ? 'done' : 'waiting')]
    : [
        ...(state.quick.chosen ? [stop(state, 'quick', 'Quick rollback', quickMark(state))] : []),
        stop(state, 'plan', 'Plan', planMark(state)),
        ...stepStops(state),
        stop(state, 'verification', 'Verification', verificationMark(state)),
        ...(state.purpose !== 'rollback'
          ? []
          : [stop(state, 'checklist', 'Checklist', checklistMark(state))]),
      ];
  return [
    stop(state, 'target', 'Target', targetMark(state)),
    stop(state, 'prerequisites', 'Prerequisites', prerequisitesMark(state)),
    ...(state.purpose !== 'rollback' ? [] : [decision(state)]),
    ...middle,
    stop(state, 'report', 'Report', state.report.status === 'written' ? 'done' : 'waiting'),
  ];
}

const decision = (state: State): RoadStop =>
  stop(state, 'decision', 'Decision', state.decision.status === 'decided' ? 'done' : 'waiting');

const isForward = (state: State): boolean =>
  state.screen === 'forward' ||
  (state.decision.status === 'decided' && state.decision.choice === 'fix-forward');

const stop = (state: State, id: ScreenId, label: string, mark: Mark): RoadStop => ({
  label,
  mark,
  here: state.screen === id,
});

function quickMark(state: State): Mark {
  if (isQuickBusy(state)) return 'running';
  if (state.quick.status === 'unsettled') return 'unknown';
  if (state.quick.end === null) return 'waiting';
  return quickDidSomething(state) ? 'done' : 'fail';
}

const planMark = (state: State): Mark =>
  AFTER_PLAN.includes(state.screen) || hasTriedAnything(state) ? 'done' : 'waiting';

function stepStops(state: State): RoadStop[] {
  return state.plan.steps.map((step, index) => {
    const run = state.steps[index];
    return {
      label: safe(`${stepLabel(state, step.id)}: ${step.title}`),
      mark: run ? stepMark(run) : 'waiting',
      here: state.screen === 'step' && state.current === index,
    };
  });
}

function stepMark(step: StepRun): Mark {
  if (isBusy(step)) return 'running';
  switch (step.status) {
    case 'done':
      return 'done';
    case 'already-applied':
      return 'skipped';
    case 'failed':
      return 'fail';
    case 'unknown':
      return 'unknown';
    default:
      return 'waiting';
  }
}

function targetMark({ target }: State): Mark {
  if (target.status === 'connected') return 'done';
  if (target.status === 'failed') return 'fail';
  return target.status === 'connecting' ? 'running' : 'waiting';
}

function prerequisitesMark({ prerequisites }: State): Mark {
  const { status, results } = prerequisites;
  if (status === 'running') return 'running';
  if (status === 'failed' || results.some((result) => result.status === 'fail')) return 'fail';
  if (status !== 'done') return 'waiting';
  return results.some((result) => result.status === 'warn') ? 'warn' : 'done';
}

function verificationMark({ verification }: State): Mark {
  if (verification.status === 'running') return 'running';
  if (verification.status === 'failed') return 'fail';
  if (!verification.result) return 'waiting';
  return verification.result.ok ? 'done' : 'fail';
}

function checklistMark({ checklist }: State): Mark {
  if (checklist.items.some((item) => item.running)) return 'running';
  if (checklist.items.length === 0 || checklist.items.some((item) => item.done === null)) return 'waiting';
  return checklist.items.every((item) => item.done === true) ? 'done' : 'warn';
}
