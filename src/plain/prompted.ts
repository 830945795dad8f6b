/** What every kind of prompt is given, and what Ctrl-C means in it. Pure. */
import type { Event, Screen, State } from '../wizard/types.ts';

/** What a prompt needs to know of the wizard. */
export interface Prompted {
  screen: Pick<Screen, 'question' | 'actions'>;
  state: Pick<State, 'leaving'>;
  withdrawn: AbortSignal;
}

/** Ctrl-C in a prompt: leave, or (asked already whether to leave) leave without another question. */
export function onControlC({ screen, state }: Prompted): Event {
  const { question } = screen;
  if (state.leaving && question.kind === 'confirm')
    return { type: 'answer', question: question.id, value: 'yes' };
  const leave = question.kind === 'choice' && question.options.find(({ value }) => value === 'leave');
  if (state.leaving && leave) return { type: 'answer', question: question.id, value: leave.value };
  return { type: 'action', action: 'leave' };
}
