/** After the last run of a drill: it is judged, told, and something else is begun. */
import { isJudged } from '../debrief.ts';
import { to, type Reduced } from '../reduced.ts';
import type { DebriefEvent, Debriefing, State } from '../types.ts';
import { leaveFor } from './report.ts';

const withDebrief = (state: State, debrief: Partial<Debriefing>): State => ({
  ...state,
  debrief: { ...state.debrief, ...debrief },
});

const judge = (state: State): Reduced =>
  to(withDebrief(state, { status: 'judging', error: null }), { type: 'debrief' });

/** Once the report has been tried: unless another run follows, which belongs to the drill as well. */
export function thenJudge({ state, tasks }: Reduced): Reduced {
  const { status } = state.report;
  const idle = state.debrief.status === 'idle';
  if (!isJudged(state) || !idle || state.outcome?.next || (status !== 'written' && status !== 'failed')) {
    return { state, tasks };
  }
  const judged = judge(state);
  return to(judged.state, ...tasks, ...judged.tasks);
}

/** Taken even after the outcome is set, as the report is: the last words name the record. */
export function onDebrief(state: State, event: DebriefEvent): Reduced {
  if (state.debrief.status !== 'judging') return to(state);
  return event.type === 'debriefed'
    ? to(withDebrief(state, { status: 'done', result: event.debrief, paths: event.paths }))
    : to(withDebrief(state, { status: 'failed', error: event.error }));
}

/** Back to the report. */
export const closeDebrief = (state: State): Reduced => to(withDebrief(state, { open: false }));

export function answerDebrief(state: State, value: string): Reduced {
  switch (value) {
    case 'retry':
      return judge(state);
    case 'again':
      return leaveFor(state, { kind: 'drill', drill: state.drill?.id ?? null });
    case 'next':
      return leaveFor(state, { kind: 'drill', drill: state.drill?.following ?? null });
    case 'list':
      return leaveFor(state, { kind: 'drill', drill: null });
    default:
      return to({ ...state, outcome: state.ending });
  }
}
