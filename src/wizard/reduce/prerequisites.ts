/** The prerequisites screen: results as they come, consent to each warning, and what a failure leaves open. */
import type { Prerequisite } from '../../postgres/types.ts';
import { finishNow } from '../ending.ts';
import { withProof } from '../backup.ts';
import { ARCHIVE, checkTask, hasDoneAnything, nextWarning } from '../judge.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import { planRecord, stepsFrom } from '../survey.ts';
import type { Event, State, Survey } from '../types.ts';
import { WITHOUT_ARCHIVE } from '../asked.ts';
import { wantedProof } from './backup.ts';
import { enterDecision } from './decision.ts';
import { enterForward } from './forward.ts';
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
  const asked = { otherRun: null, withOther: 'asking', consenting: false, choosing: null } as const;
  return to({ ...state, ...asked, screen: 'prerequisites', prerequisites }, checkTask(state));
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
      return to(
        withPrerequisites(state, {
          results: withResult(state.prerequisites.results, withProof(event.result, state.backup)),
        }),
      );
    case 'prerequisites-done':
      return wantedProof(checked(state, event.survey));
    case 'prerequisites-failed':
      return to(
        withPrerequisites(state, { status: 'failed', error: event.error }),
        failureNote('The prerequisites could not be checked', event.error),
      );
  }
}

function checked(state: State, survey: Survey | null): Reduced {
  const next: State = {
    ...withPrerequisites(state, { status: 'done' }),
    survey,
    stale: false,
    changes: [],
    paused: false,
    steps: survey ? stepsFrom(state, survey, state.steps) : state.steps,
  };
  const { results } = state.prerequisites;
  return to(next, {
    type: 'record',
    event: { type: 'prerequisites', results, attachments: survey?.attachments ?? [] },
  });
}

export function answerPrerequisites(state: State, name: string, value: string): Reduced {
  if (name === 'accept') return answerWarning(state, value);
  if (name === 'prerequisites') return goOn(state);
  if (name === 'without-archive') return consent(state, value);
  switch (value) {
    case 'retry':
      return startChecks(state);
    case 'again':
      return to(withPrerequisites(state, { declined: null }));
    case 'without-archive':
      return to({ ...state, consenting: true });
    case 'verify':
      return startVerification(state);
    case 'forward':
      return enterForward(state);
    default:
      return finishNow(state);
  }
}

/** An undo is what was decided already; so is a run that has steps done. */
function goOn(state: State): Reduced {
  if (state.purpose === 'rollback' && !hasDoneAnything(state)) return enterDecision(state);
  if (!state.survey) return to(state);
  return to({ ...state, screen: 'plan' }, { type: 'record', event: planRecord(state, state.survey) });
}

/** Looks again under the terms just agreed to: what was an obstacle comes back as a warning. */
function consent(state: State, value: string): Reduced {
  if (value !== WITHOUT_ARCHIVE) {
    const notice = 'What was typed is not what was asked for. Nothing is gone without.';
    return to({ ...state, consenting: false, notice });
  }
  const detail = 'The operator typed that this run goes without an archive: what it destroys is not kept.';
  const checked = startChecks({ ...state, withoutArchive: true });
  return to(
    checked.state,
    { type: 'record', event: { type: 'consent', id: ARCHIVE, detail } },
    ...checked.tasks,
  );
}

export const dropConsent = (state: State): Reduced => to({ ...state, consenting: false });

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
