/** Verification: run after the last step, and for a database in which there was nothing to roll back. */
import { finish } from '../ending.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import type { Event, State } from '../types.ts';

export const startVerification = (state: State): Reduced =>
  to(
    { ...state, screen: 'verification', verification: { status: 'running', result: null, error: null } },
    { type: 'verify' },
  );

export function onVerification(
  state: State,
  event: Extract<Event, { type: 'verified' | 'verify-failed' }>,
): Reduced {
  if (state.verification.status !== 'running') return to(state);
  if (event.type === 'verify-failed') {
    const { error } = event;
    return to(
      { ...state, verification: { status: 'failed', result: null, error } },
      failureNote('The verification could not be carried out', error),
    );
  }
  const { verification } = event;
  return to(
    { ...state, verification: { status: 'done', result: verification, error: null } },
    { type: 'record', event: { type: 'verification', verification } },
  );
}

export function answerVerification(state: State, value: string): Reduced {
  if (value === 'retry') return startVerification(state);
  // Without a decision nothing was rolled back, so there is nothing to follow up.
  if (state.decision.choice === null || state.checklist.items.length === 0) return finish(state);
  return to({ ...state, screen: 'checklist' });
}
