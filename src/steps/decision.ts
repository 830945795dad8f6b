/** Screen 3: roll back or fix forward. The evidence, the operator's own knowledge, the recommendation, the choice. */
import type { Evidence } from '../postgres/types.ts';
import { askedOf, type Asked } from '../wizard/asked.ts';
import { possibility } from '../wizard/judge.ts';
import { quickOffer } from '../wizard/quick.ts';
import type { Block, Option, Question, Screen, State } from '../wizard/types.ts';
import { errorBlocks, gap, heading, item, option, safe, text, wait } from './blocks.ts';
import { quickOption } from './quick.ts';
import { screen } from './screen.ts';

export const CHOICES = { rollback: 'Roll back', 'fix-forward': 'Fix forward' } as const;

export const decisionScreen = (state: State): Screen =>
  screen(
    state,
    'decision',
    'Roll back or fix forward',
    [...trouble(state), ...recommendation(state), ...evidenceBlocks(state)],
    question(state),
  );

function trouble(state: State): Block[] {
  const { error } = state.decision;
  return error ? [heading('The evidence could not be read'), ...errorBlocks(error, state.runbook), gap] : [];
}

const SIDES: Record<Evidence['supports'], string> = {
  rollback: 'for rolling back',
  'fix-forward': 'for fixing forward',
  neutral: 'for neither side',
};

const SIDE_WORDS: Record<Evidence['supports'], string> = {
  rollback: 'For rolling back',
  'fix-forward': 'For fixing forward',
  neutral: 'For neither',
};

function evidenceBlocks(state: State): Block[] {
  const { evidence, toAsk } = state.decision;
  if (evidence.length === 0 && toAsk.length === 0) return [];
  const asked = askedOf(state);
  return [
    heading('Evidence'),
    ...evidence.map((entry) =>
      item('none', `${SIDE_WORDS[entry.supports]}: ${entry.title}`, {
        detail: `${entry.detail} (${entry.source === 'database' ? 'read from the database' : 'said by the operator'})`,
      }),
    ),
    ...toAsk.map((criterion) =>
      item('waiting', criterion.text, {
        detail: 'The database cannot know this: you are asked.',
        ...(asked.subject === criterion.id ? { focused: true } : {}),
      }),
    ),
  ];
}

function recommendation(state: State): Block[] {
  const found = state.decision.recommendation;
  if (!found) return [];
  const [first, ...reasons] = found.reasons;
  // Where the rollback can be carried out, the further reasons are the evidence below.
  const more = found.choice !== 'none' && possibility(state.survey).possible ? [] : reasons;
  return [
    heading(
      found.choice === 'none'
        ? 'Nothing is recommended'
        : `Recommended: ${CHOICES[found.choice].toLowerCase()}`,
    ),
    ...(first === undefined ? [] : [text(first)]),
    ...more.map((reason) => item('none', reason)),
    gap,
  ];
}

function question(state: State): Question {
  const asked = askedOf(state);
  switch (asked.name) {
    case 'criterion':
      return criterion(state, asked);
    case 'choose':
      return choose(state, asked);
    case 'reason':
      return reason(state, asked);
    case 'evidence-failed':
      return {
        kind: 'choice',
        id: asked.id,
        prompt: 'Without the evidence there is nothing to decide on. What now?',
        options: [option('retry', 'r', 'Read it again'), option('leave', 'l', 'Leave', 'Nothing was run.')],
        default: 'leave',
        unattended: 'leave',
      };
    case 'quick-looking':
      return wait(asked.id, 'Looking for mix, for the project and for what is recorded…');
    default:
      return wait(asked.id, 'Reading the evidence. Activity is sampled twice, so this takes a moment…');
  }
}

function criterion(state: State, { id, subject }: Asked): Question {
  const about = state.decision.toAsk[0];
  return {
    kind: 'choice',
    id,
    prompt: safe(`Is this so? ${about?.text ?? ''}`),
    options: [
      option('yes', 'y', 'Yes', about ? `Speaks ${SIDES[about.supports]}.` : undefined),
      option('no', 'n', 'No', 'Speaks for neither side.'),
      option('unknown', 'u', 'I cannot tell', 'Speaks for neither side.'),
    ],
    default: 'unknown',
    flag: `--answer ${subject ?? ''}=yes|no|unknown`,
    ...(subject === undefined ? {} : { subject }),
  };
}

/** The migration framework's own command comes first where it is sound, and after the steps where it is not. */
function paths(state: State, steps: Option): Option[] {
  const quick = quickOption(state, state.decision.recommendation?.choice !== 'fix-forward');
  if (!quick) return [steps];
  const fits = steps.disabled === undefined ? quick : { ...quick, disabled: steps.disabled };
  return quickOffer(state) === 'first' ? [fits, steps] : [steps, fits];
}

function choose(state: State, { id, values }: Asked): Question {
  const recommended = state.decision.recommendation?.choice;
  const detail = (choice: 'rollback' | 'fix-forward', words: string): string =>
    recommended === 'none'
      ? words
      : `${words} ${choice === recommended ? 'Recommended.' : 'Against the recommendation: a reason is asked for.'}`;
  const rollback: Option = option(
    'rollback',
    'r',
    CHOICES.rollback,
    detail('rollback', 'Shows the plan; nothing is run yet.'),
  );
  const [why] = possibility(state.survey).impossible;
  return {
    kind: 'choice',
    id,
    prompt: 'What do you decide?',
    options: [
      ...paths(
        state,
        values?.includes('rollback') ? rollback : { ...rollback, disabled: safe(why ?? 'It cannot be run.') },
      ),
      option('fix-forward', 'f', CHOICES['fix-forward'], detail('fix-forward', 'Changes nothing.')),
    ],
    default: 'fix-forward',
    flag: '--choose',
  };
}

function reason(state: State, { id }: Asked): Question {
  const choice = CHOICES[state.decision.choice ?? 'fix-forward'].toLowerCase();
  return {
    kind: 'text',
    id,
    prompt: `You decide to ${choice}, against the recommendation. Why? (It is recorded.)`,
    required: true,
    placeholder: 'one sentence for those who read the report',
    secret: false,
    flag: '--reason',
  };
}
