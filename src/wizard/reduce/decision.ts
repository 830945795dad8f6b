/** The decision: evidence, the operator's answers, the recommendation, the choice, and the reason for going against it. */
import type { Evidence } from '../../postgres/types.ts';
import { finishNow } from '../ending.ts';
import { isBlocked, possibility } from '../judge.ts';
import { recommend } from '../recommend.ts';
import { stakes } from '../stakes.ts';
import { failureNote, to, typedLine, type Reduced } from '../reduced.ts';
import { planRecord } from '../survey.ts';
import type { Event, State } from '../types.ts';
import { enterForward } from './forward.ts';
import { enterQuick, quickLooks, toLookAtQuick } from './quick.ts';

type Choice = 'rollback' | 'fix-forward';

const withDecision = (state: State, decision: Partial<State['decision']>): State => ({
  ...state,
  decision: { ...state.decision, ...decision },
});

/** To the decision. Evidence is gathered anew each time, since the checks before it may have been run again. */
export function enterDecision(state: State): Reduced {
  const looking = toLookAtQuick({ ...state, screen: 'decision' });
  const decision: State['decision'] = {
    status: 'gathering',
    evidence: [],
    toAsk: [],
    recommendation: null,
    choice: null,
    reason: null,
    error: null,
  };
  return to(withDecision(looking, decision), { type: 'gather-evidence' });
}

export function onEvidence(
  state: State,
  event: Extract<Event, { type: 'evidence' | 'evidence-failed' }>,
): Reduced {
  if (state.decision.status !== 'gathering' || state.decision.error) return to(state);
  if (event.type === 'evidence-failed') {
    const { error } = event;
    return to(withDecision(state, { error }), failureNote('The evidence could not be read', error));
  }
  return to(
    askOrRecommend(withDecision(state, { evidence: event.evidence, toAsk: event.toAsk })),
    ...quickLooks(state),
  );
}

function askOrRecommend(state: State): State {
  if (state.decision.toAsk.length > 0) return withDecision(state, { status: 'asking' });
  const recommendation = recommend(state.decision.evidence, {
    ...possibility(state.survey),
    criteria: state.runbook.criteria.length > 0,
    stakes: stakes(state.survey),
  });
  return withDecision(state, { status: 'deciding', recommendation });
}

export function answerDecision(state: State, name: string, value: string): Reduced {
  switch (name) {
    case 'criterion':
      return answerCriterion(state, value);
    case 'choose':
      return choosePath(state, value);
    case 'reason':
      return giveReason(state, value);
    default:
      return value === 'retry' ? enterDecision(state) : finishNow(state);
  }
}

const SAID: Record<string, string> = {
  yes: 'The operator says that this is so.',
  no: 'The operator says that this is not so.',
};

/** A criterion that does not hold speaks for neither side: the runbook says only what follows when it does. */
function answerCriterion(state: State, value: string): Reduced {
  const [criterion, ...toAsk] = state.decision.toAsk;
  if (!criterion) return to(state);
  const evidence: Evidence = {
    id: criterion.id,
    title: criterion.text,
    supports: value === 'yes' ? criterion.supports : 'neutral',
    detail: SAID[value] ?? 'The operator cannot tell.',
    source: 'operator',
  };
  return to(askOrRecommend(withDecision(state, { evidence: [...state.decision.evidence, evidence], toAsk })));
}

/** Rolling back by the migration framework's command, or step by step, is the same decision. */
const choosePath = (state: State, value: string): Reduced =>
  choose(
    { ...state, quick: { ...state.quick, chosen: value === 'quick' } },
    value === 'fix-forward' ? 'fix-forward' : 'rollback',
  );

function choose(state: State, choice: Choice): Reduced {
  const against = !['none', choice].includes(state.decision.recommendation?.choice ?? '');
  const chosen = withDecision(state, { choice, reason: null, status: against ? 'reason' : 'decided' });
  return against ? to(chosen) : decided(chosen, choice);
}

function giveReason(state: State, value: string): Reduced {
  const reason = typedLine(value);
  const { choice } = state.decision;
  if (reason === '') return to({ ...state, notice: 'A reason is needed to go against the recommendation.' });
  if (!choice) return to(state);
  return decided(withDecision(state, { reason, status: 'decided' }), choice);
}

function decided(state: State, choice: Choice): Reduced {
  const { recommendation, evidence, reason } = state.decision;
  if (!recommendation || !state.survey) return to(state);
  const decision = {
    type: 'record',
    event: {
      type: 'decision',
      choice,
      recommendation,
      evidence,
      reason,
      ...(state.quick.chosen ? { path: 'quick' as const } : {}),
    },
  } as const;
  if (choice === 'fix-forward') return enterForward(state, decision);
  return to(state.quick.chosen ? enterQuick(state) : { ...state, screen: 'plan' }, decision, {
    type: 'record',
    event: planRecord(state, state.survey),
  });
}

/** Back to the choice, with evidence and answers kept; of an undo, to the prerequisites. */
export const reconsider = (state: State): Reduced =>
  state.purpose !== 'rollback'
    ? to({ ...state, screen: 'prerequisites' })
    : to(
        withDecision(
          { ...state, screen: 'decision', quick: { ...state.quick, chosen: false, asking: false } },
          { status: 'deciding', choice: null, reason: null },
        ),
      );

/** From the fix-forward screen: to the choice, or to the prerequisites when they led there. */
export const backFromForward = (state: State): Reduced =>
  isBlocked(state) ? to({ ...state, screen: 'prerequisites' }) : reconsider(state);

/** Esc on the decision: out of the reason to the choice, otherwise to the prerequisites. */
export const backFromDecision = (state: State): Reduced =>
  state.decision.status === 'reason'
    ? reconsider(state)
    : to(withDecision({ ...state, screen: 'prerequisites' }, { status: 'idle', choice: null, error: null }));
