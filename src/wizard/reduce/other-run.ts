/** Another run of backout: watching it, waiting for its end, taking it over when its session is gone. */
import { BESIDE } from '../asked.ts';
import { isBackupBusy } from '../backup.ts';
import { finishNow } from '../ending.ts';
import { OTHER_RUN, stepName } from '../judge.ts';
import { to, type Reduced } from '../reduced.ts';
import { mergeSurvey, stepsFrom } from '../survey.ts';
import type { Event, Resumed, State, StepRun } from '../types.ts';
import { startChecks, withResult } from './prerequisites.ts';

type OtherEvent = Extract<Event, { type: 'other-run' | 'taken-over' }>;

export function onOther(state: State, event: OtherEvent): Reduced {
  if (event.type === 'taken-over') return takenOver(state, event);
  const { other } = event;
  // Beside a backup nothing is checked anew: its work would go on unheard.
  if (state.screen !== 'prerequisites' || isBackupBusy(state)) return to({ ...state, otherRun: other });
  // While it is watched or taken over it may come to its end: what the check found is old news then.
  if (state.otherRun && state.prerequisites.status === 'done') {
    if (other === null) return anew(state, 'The other run has ended. Everything is checked anew.');
    const gone = state.withOther === 'watching' && state.otherRun.live && !other.live;
    if (gone) return anew(state, 'The session of the other run is gone. Everything is checked anew.');
  }
  const withOther = state.withOther === 'taking-over' ? 'asking' : state.withOther;
  const notice =
    state.withOther === 'taking-over' ? 'It was not taken over: this is how it stands now.' : state.notice;
  return to({ ...state, otherRun: other, withOther, notice });
}

function anew(state: State, notice: string): Reduced {
  const watched = state.withOther === 'watching';
  const checked = startChecks({ ...state, notice });
  return watched ? to(checked.state, { type: 'unwatch' }, ...checked.tasks) : checked;
}

export function answerOtherRun(state: State, value: string): Reduced {
  switch (value) {
    case 'watch':
      return to({ ...state, withOther: 'watching' }, { type: 'watch' });
    case 'take-over':
      return state.otherRun
        ? to({ ...state, withOther: 'taking-over' }, { type: 'take-over', run: state.otherRun.run })
        : to(state);
    case BESIDE:
      // Its warning among the prerequisites is still to be accepted: that is what the journal keeps of this.
      return to({ ...state, otherRun: null });
    case 'retry':
      return startChecks(state);
    default:
      return finishNow(state);
  }
}

export const stopWatching = (state: State): Reduced =>
  to({ ...state, withOther: 'asking' }, { type: 'unwatch' });

/** From here on this is that run: its id, its steps, its journal. */
function takenOver(state: State, event: Extract<OtherEvent, { type: 'taken-over' }>): Reduced {
  const { run, resumed, survey } = event;
  const { operator, host, doneBefore, titles } = resumed;
  // Its operator decided when it began; with a step done there is nothing left to weigh.
  const choice = state.purpose === 'rollback' ? 'rollback' : null;
  // Asked for here, or by who named this very run when backout was started.
  if (state.withOther !== 'taking-over' && run !== state.run) return to(state);
  const done = stepsFrom(state, survey).map((step): StepRun => asDoneBefore(step, resumed.doneBefore));
  const results = withResult(state.prerequisites.results, {
    id: OTHER_RUN,
    title: 'No other run is under way',
    status: 'pass',
    detail: `Run ${run} was taken over by this session.`,
    advice: '',
    items: [],
  });
  const taken: State = {
    ...state,
    run,
    resumed,
    otherRun: null,
    withOther: 'asking',
    survey: mergeSurvey(state.survey, survey, done),
    steps: done,
    decision: doneBefore.length === 0 ? state.decision : { ...state.decision, status: 'decided', choice },
    stale: false,
    changes: [],
    prerequisites: { ...state.prerequisites, results },
    notice: tookOver(resumed),
  };
  return to(taken, {
    type: 'record',
    event: { type: 'resumed', from: { operator, host }, stepsDone: doneBefore, titles },
  });
}

const asDoneBefore = (step: StepRun, doneBefore: string[]): StepRun =>
  doneBefore.includes(step.id) ? { ...step, status: 'done', statements: [] } : step;

function tookOver({ run, doneBefore }: Resumed): string {
  const done =
    doneBefore.length === 0
      ? 'None of its steps is done'
      : `Done by it: ${doneBefore.map(stepName).join(', ')}`;
  return `Run ${run} is taken over. ${done}; the rest goes on from here.`;
}
