import { expect, it } from 'vitest';
import { practiceAnswers } from '../../src/practice/script.ts';
import type { Option, Question, State } from '../../src/wizard/types.ts';

const decision: State['decision'] = {
  status: 'asking',
  evidence: [],
  toAsk: [
    { id: 'not-deployed', text: 'Application not yet deployed', supports: 'rollback' },
    { id: 'disruption', text: 'Rolling back would cause more disruption', supports: 'fix-forward' },
  ],
  recommendation: null,
  choice: null,
  reason: null,
  error: null,
};

const options = (...values: string[]): Option[] =>
  values.map((value) => ({ value, label: value, key: value.charAt(0) }));
const choice = (values: string[], more: Partial<Question> = {}): Question =>
  ({
    kind: 'choice',
    id: 'q',
    prompt: '',
    options: options(...values),
    default: values.at(-1) ?? '',
    ...more,
  }) as Question;

it.each<[string, Question, string]>([
  [
    'types what is expected',
    { kind: 'typed', id: 'q', prompt: '', expected: 'singularity_practice' },
    'singularity_practice',
  ],
  ['accepts a warning', { kind: 'confirm', id: 'q', prompt: '', yes: 'y', no: 'n' }, 'yes'],
  ['goes on', { kind: 'continue', id: 'q', prompt: '' }, 'next'],
  ['rolls back', choice(['rollback', 'fix-forward']), 'rollback'],
  ['speaks for rolling back', choice(['yes', 'no', 'unknown'], { subject: 'not-deployed' }), 'yes'],
  ['speaks not for fixing forward', choice(['yes', 'no', 'unknown'], { subject: 'disruption' }), 'no'],
  ['stops after a failure', choice(['retry', 'back'], { unattended: 'stop' }), 'stop'],
  [
    'leaves an item open',
    choice(['done', 'note', 'open'], { unattended: 'open', subject: 'item-1' }),
    'open',
  ],
])('%s', (_, question, answer) => {
  expect(practiceAnswers(question, { decision })).toBe(answer);
});

it('gives a reason where one is required, and never a secret', () => {
  const text: Question = {
    kind: 'text',
    id: 'q',
    prompt: '',
    required: true,
    placeholder: '',
    secret: false,
  };
  expect(practiceAnswers(text, { decision })).toMatch(/practice/);
  expect(practiceAnswers({ ...text, required: false }, { decision })).toBe('');
  expect(practiceAnswers({ ...text, secret: true }, { decision })).toBe('');
});

it('does not choose what cannot be chosen', () => {
  const [rollback, forward] = options('rollback', 'fix-forward');
  if (!rollback || !forward) throw new Error('two options were made');
  const question = choice([], {
    options: [{ ...rollback, disabled: 'conflict' }, forward],
  } as Partial<Question>);
  expect(practiceAnswers({ ...question, default: 'fix-forward' } as Question, { decision })).toBe(
    'fix-forward',
  );
});
