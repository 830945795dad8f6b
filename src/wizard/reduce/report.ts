/** The report screen: written or not, and the end of the run. */
import { isJudged } from '../debrief.ts';
import { to, type Reduced } from '../reduced.ts';
import type { Event, Next, State } from '../types.ts';

/** Taken even after the outcome is set: the surface leaves with the summary. */
export function onReport(
  state: State,
  event: Extract<Event, { type: 'report-written' | 'report-failed' }>,
): Reduced {
  if (state.report.status !== 'writing') return to(state);
  if (event.type === 'report-failed') {
    return to({ ...state, report: { ...state.report, status: 'failed', error: event.error } });
  }
  const { markdownPath, jsonPath, summary } = event;
  return to({
    ...state,
    report: { status: 'written', markdownPath, jsonPath, summary, error: null },
  });
}

export function answerReport(state: State, value: string): Reduced {
  if (value === 'retry') {
    const report: State['report'] = { ...state.report, status: 'writing', error: null };
    return to({ ...state, report }, { type: 'write-report' });
  }
  if (isJudged(state)) return openDebrief(state);
  return to({ ...state, outcome: state.ending });
}

const openDebrief = (state: State): Reduced => to({ ...state, debrief: { ...state.debrief, open: true } });

/** Leaves with the outcome as it is, and with what is to begin next: another run, of another kind. */
export const leaveFor = (state: State, next: Next): Reduced =>
  state.ending ? to({ ...state, outcome: { ...state.ending, next } }) : to(state);

export const undoNext = (state: State): Reduced => leaveFor(state, { kind: 'undo', run: state.run });

/** From the report of a repair: back to the rollback that it cleared the way for. */
export const rollbackNext = (state: State): Reduced =>
  state.after ? leaveFor(state, { kind: 'rollback', resume: state.after.rollback }) : to(state);
