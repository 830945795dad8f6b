/** What may be asked about a drill that has ended. Pure. */
import type { Asked } from './asked.ts';
import type { Debriefing, State } from './types.ts';

/** Nothing is judged yet. */
export const noDebrief = (): Debriefing => ({
  status: 'idle',
  result: null,
  paths: [],
  error: null,
  open: false,
});

/** A run of a drill; the plain walk is not judged. */
export const isJudged = ({ drill }: State): boolean => drill !== null && drill.id !== null;

/** It stands in front of the report now. */
export const isAtDebrief = (state: State): boolean =>
  state.screen === 'report' && isJudged(state) && state.debrief.open;

type Ask = (kind: Asked['kind'], name: string, values: string[] | null) => Asked;

/** What comes after the drill; null: it is still being judged. */
export function debriefAsked(state: State, ask: Ask): Asked | null {
  const { status } = state.debrief;
  if (status !== 'done' && status !== 'failed') return null;
  const retry = status === 'failed' ? ['retry'] : [];
  const next = state.drill?.following == null ? [] : ['next'];
  return ask('choice', 'debrief', [...retry, 'again', ...next, 'list', 'leave']);
}
