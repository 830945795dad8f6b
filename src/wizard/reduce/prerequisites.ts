/** The prerequisites screen: results as they come, consent to each warning, and what a failure leaves open. */
import type { Prerequisite } from '../../postgres/types.ts';
import { finishNow } from '../ending.ts';
import { nextWarning } from '../judge.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import { stepsFrom } from '../survey.ts';
import type { Event, State, Survey } from '../types.ts';
import { enterDecision } from './decision.ts';
import { startVerification } from './verification.ts';

const withPrerequisites = (state: State, prerequisites: Partial<State['prerequisites']>): State => ({
  ...state,
  prerequisites: { ...state.prerequisites, ...prerequisites },
});

/** Checks from the beginning. Consent given before is void: what it was given to may no longer be so. */
export function startChecks(state: State): Reduced {
  const round = state.prerequisites.round + 1;
  const prerequisites: State['prerequisites'] = {
    status: 'running',
    results: [],
    accepted: [],
    declined: null,
    round,
    error: null,
  };
  return to({ ...state, screen: 'prerequisites', prerequisites }, { type: 'check' });
}

/** A result takes the place of an earlier one with its id, and otherwise comes last. */
export function withResult(results: Prerequisite[], result: Prerequisite): Prerequisite[] {
  const known = results.some((candidate) => candidate.id === result.id);
  return known
    ? results.map((candidate) => (candidate.id === result.id ? result : candidate))
    : [...results, result];
}

export function onChecks(
  state: State,
  event: Extract<Event, { type: 'prerequisite' | 'prerequisites-done' | 'prerequisites-failed' }>,
): Reduced {
  if (state.prerequisites.status !== 'running') return to(state);
  switch (event.type) {
    case 'prerequisite':
      return to(withPrerequisites(state, { results: withResult(state.prerequisites.results, event.result) }));
    case 'prerequisites-done':
      return checked(state, event.survey);
    case 'prerequisites-failed':
      return to(
        withPrerequisites(state, { status: 'failed', error: event.error }),
        failureNote('The prerequisites could not be checked', event.error),
      );
  }
}

function checked(state: State, survey: Survey): Reduced {
  const next: State = {
    ...withPrerequisites(state, { status: 'done' }),
    survey,
    stale: false,
    changes: [],
    paused: false,
    steps: stepsFrom(state.plan, survey, state.steps),
  };
  const { results } = state.prerequisites;
  return to(next, {
    type: 'record',
    event: { type: 'prerequisites', results, attachments: survey.attachments },
  });
}

export function answerPrerequisites(state: State, name: string, value: string): Reduced {
  if (name === 'accept') return answerWarning(state, value);
  if (name === 'prerequisites') return enterDecision(state);
  switch (value) {
    case 'retry':
      return startChecks(state);
    case 'again':
      return to(withPrerequisites(state, { declined: null }));
    case 'verify':
      return startVerification(state);
    case 'forward':
      return to({ ...state, screen: 'forward' });
    default:
      return finishNow(state);
  }
}

function answerWarning(state: State, value: string): Reduced {
  const warning = nextWarning(state);
  if (!warning) return to(state);
  const { id, detail } = warning;
  if (value !== 'yes') return to(withPrerequisites(state, { declined: id }));
  const accepted = [...state.prerequisites.accepted, id];
  return to(withPrerequisites(state, { accepted }), {
    type: 'record',
    event: { type: 'consent', id, detail },
  });
}
