/** Writes into the journal of a drill what came into view and what was answered or pressed. Pure. */
import type { JournalBody } from '../../journal/types.ts';
import { askedOf, type Asked } from '../../wizard/asked.ts';
import type { Question, Reduce, State, Task } from '../../wizard/types.ts';
import { ESCALATION } from './vocabulary.ts';

/** As a moment names the place: what stands in front of a screen is named after itself. */
const screenOf = (state: State): string => (state.escalating ? ESCALATION : state.screen);

const record = (event: JournalBody): Task => ({ type: 'record', event });

/** The coach stands in front, and writes its own lines. */
const isAtCoach = (state: State): boolean => state.drill?.coach.open != null;

const samePlace = (one: State, asked: Asked, other: State, before: Asked): boolean =>
  screenOf(one) === screenOf(other) && asked.name === before.name && asked.subject === before.subject;

/** What was typed is not written down: it may be a secret. A word that is asked for is right or wrong. */
function valueOf(asked: Asked, question: Question, value: string): string {
  if (question.kind === 'typed') return value === question.expected ? 'right' : 'wrong';
  if (asked.values === null) return value.trim() === '' ? '' : 'given';
  return value;
}

/**
 * The wizard, with `shown`, `answered` and `action-used` recorded in the order in which they happen. After the result
 * nothing is.
 * @param questionOf the question that the surface shows for a state
 */
export function traced(reduce: Reduce, questionOf: (state: State) => Question): Reduce {
  return (state, event) => {
    const next = reduce(state, event);
    if (state.ending || next.state === state) return next;
    const before = askedOf(state);
    const said: Task[] = [];
    if (event.type === 'answer' && event.question === before.id && !isAtCoach(state)) {
      const value = valueOf(before, questionOf(state), event.value);
      const subject = before.subject ?? null;
      said.push(record({ type: 'answered', screen: screenOf(state), asked: before.name, subject, value }));
    }
    if (event.type === 'action') {
      said.push(record({ type: 'action-used', screen: screenOf(state), action: event.action }));
    }
    const after = askedOf(next.state);
    const first = event.type === 'start';
    const still = samePlace(next.state, after, state, before);
    const silent = next.state.ending !== null || isAtCoach(next.state) || isAtCoach(state);
    const shown: Task[] =
      (still && !first) || silent
        ? []
        : [
            record({
              type: 'shown',
              screen: screenOf(next.state),
              asked: after.name,
              subject: after.subject ?? null,
            }),
          ];
    return { state: next.state, tasks: [...said, ...next.tasks, ...shown] };
  };
}
