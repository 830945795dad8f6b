/** Keeps what the coach could say beside what happens: which note, question and hint fits this moment. Pure. */
import type { JournalBody } from '../../journal/types.ts';
import { askedOf } from '../../wizard/asked.ts';
import { behindCoach, placeOf } from '../../wizard/drill.ts';
import type { Coach, Reduce, State, Task } from '../../wizard/types.ts';
import { momentMatches } from '../drill/moment.ts';
import type { Moment } from '../drill/types.ts';

/** What is in view behind the coach, as the journal says it. */
export function shownBehind(state: State): Extract<JournalBody, { type: 'shown' }> {
  const { name, subject } = askedOf(behindCoach(state));
  return { type: 'shown', screen: placeOf(state), asked: name, subject: subject ?? null };
}

const recordsOf = (tasks: readonly Task[]): JournalBody[] =>
  tasks.flatMap((task) => (task.type === 'record' ? [task.event] : []));

const fits = (moment: Moment, events: readonly JournalBody[]): boolean =>
  events.some((event) => momentMatches(moment, event));

/** A note on something that happened holds for as long as the screen on which it did is in view. */
function nowOf(
  coach: Coach,
  events: JournalBody[],
  place: { same: boolean; shown: JournalBody },
): Coach['now'] {
  const held = (moment: Moment, was: boolean): boolean =>
    moment.kind === 'at' ? momentMatches(moment, place.shown) : (place.same && was) || fits(moment, events);
  const notes = coach.notes.flatMap(({ at }, index) =>
    held(at, coach.now.notes.includes(index)) ? [index] : [],
  );
  const questions = coach.questions.flatMap(({ at, id }) =>
    held(at, coach.now.questions.includes(id)) ? [id] : [],
  );
  return { notes, questions };
}

const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((value, index) => value === other[index]);

function followed(before: State, after: State, events: JournalBody[]): State {
  const { drill } = after;
  if (!drill) return after;
  const { coach } = drill;
  const shown = shownBehind(after);
  const now = nowOf(coach, events, { same: shownBehind(before).screen === shown.screen, shown });
  const seen = [...events, shown];
  const offered = coach.hints.flatMap(({ from }, index) =>
    coach.offered.includes(index) || fits(from, seen) ? [index] : [],
  );
  const unchanged =
    same(now.notes, coach.now.notes) &&
    same(now.questions, coach.now.questions) &&
    same(offered, coach.offered);
  return unchanged ? after : { ...after, drill: { ...drill, coach: { ...coach, now, offered } } };
}

/**
 * The wizard with a coach that keeps up with it. Goes around everything that adds lines to the journal.
 * @param happened takes what was written into the journal beside the wizard since it was asked last
 */
export function withCoach(reduce: Reduce, happened: () => JournalBody[] = () => []): Reduce {
  return (state, event) => {
    const next = reduce(state, event);
    if (!next.state.drill) return next;
    const after = followed(state, next.state, [...happened(), ...recordsOf(next.tasks)]);
    return after === next.state ? next : { ...next, state: after };
  };
}
