/** The scripted answers with which practice plays itself where nobody can answer. */
import type { Question, State } from '../wizard/types.ts';

const REASON = 'This is practice: the rollback itself is what is being practised.';

/**
 * The answer to a question, as the operator of a rollback that goes well would give it: warnings accepted, roll back,
 * every step confirmed. What the database cannot know is answered for rolling back; checklist items stay open, since
 * nobody has done them; after a failure it stops. It never answers what nobody could know (a secret stays empty).
 */
export function practiceAnswers(question: Question, state: Pick<State, 'decision'>): string {
  switch (question.kind) {
    case 'typed':
      return question.expected;
    case 'confirm':
      return question.unattended ?? 'yes';
    case 'continue':
      return 'next';
    case 'text':
      return question.required && !question.secret ? REASON : '';
    case 'wait':
      return '';
    case 'choice':
      return choice(question, state);
  }
}

function choice(
  question: Extract<Question, { kind: 'choice' }>,
  { decision }: Pick<State, 'decision'>,
): string {
  const open = question.options.filter((option) => option.disabled === undefined);
  if (open.some((option) => option.value === 'rollback')) return 'rollback';
  const criterion = decision.toAsk.find((candidate) => candidate.id === question.subject);
  if (criterion) return criterion.supports === 'rollback' ? 'yes' : 'no';
  return question.unattended ?? question.default;
}
