/** Practice: the story is read, the coach is asked, its question answered, a hint taken, a drill chosen. */
import { askedOf } from '../asked.ts';
import { coachOpen, nextHint, placeOf, questionOf, TELL } from '../drill.ts';
import { to, type Reduced } from '../reduced.ts';
import type { JournalBody } from '../../journal/types.ts';
import type { Coach, CoachOpen, DrillState, ListChoice, State, Task } from '../types.ts';

const withDrill = (state: State, change: Partial<DrillState>): State =>
  state.drill ? { ...state, drill: { ...state.drill, ...change } } : state;

const withCoach = (state: State, change: Partial<Coach>): State =>
  state.drill ? withDrill(state, { coach: { ...state.drill.coach, ...change } }) : state;

type CoachEvent = Extract<JournalBody, { type: 'coach' }>;

/** Nothing is written behind the result of a run. */
const recorded = (state: State, event: Omit<CoachEvent, 'type'>): Task[] =>
  state.ending ? [] : [{ type: 'record', event: { type: 'coach', ...event } }];

/** The key: opens the coach on what is asked now, or closes it. What runs behind it goes on. */
export function toggleCoach(state: State): Reduced {
  const { drill } = state;
  if (!drill) return to(state);
  if (drill.coach.open) return closeCoach(state);
  const asked = askedOf(state).name;
  const screen = placeOf(state);
  const { now, answered } = drill.coach;
  const open: CoachOpen = {
    screen,
    asked,
    notes: now.notes,
    asking: now.questions.find((id) => !(id in answered)) ?? null,
    answered: null,
  };
  const event = { what: 'opened', id: `${screen}/${asked}`, right: null, cost: 0 } as const;
  return to(withCoach(state, { open }), ...recorded(state, event));
}

export const closeCoach = (state: State): Reduced => to(withCoach(state, { open: null }));

/** Answers to the story, the list and the coach; null where something else was asked. */
export function answerDrill(state: State, name: string, value: string): Reduced | null {
  switch (name) {
    case 'story':
      return to(withDrill(state, { told: true }));
    case 'list':
      return chosen(state, value);
    case 'coach-ask':
      return answered(state, value);
    case 'coach-hint':
      return value === 'hint' ? takeHint(state) : closeCoach(state);
    case 'coach':
      return closeCoach(state);
    default:
      return null;
  }
}

function answered(state: State, value: string): Reduced {
  const coach = state.drill?.coach;
  const open = coachOpen(state);
  const question = coach ? questionOf(coach, open?.asking ?? null) : null;
  if (!coach || !open || !question) return to(state);
  const index = value === TELL ? null : Number(value);
  const right = index === null ? null : question.options[index]?.right === true;
  const next = withCoach(state, {
    answered: { ...coach.answered, [question.id]: index },
    open: { ...open, asking: null, answered: question.id },
  });
  return to(next, ...recorded(state, { what: 'ask', id: question.id, right, cost: 0 }));
}

/** Its cost stood in the answer that was chosen. */
function takeHint(state: State): Reduced {
  const coach = state.drill?.coach;
  const index = nextHint(state);
  const hint = index === null ? undefined : coach?.hints[index];
  if (!coach || index === null || !hint) return to(state);
  const event = { what: 'hint', id: String(index + 1), right: null, cost: hint.cost } as const;
  return to(withCoach(state, { taken: [...coach.taken, index] }), ...recorded(state, event));
}

const CHOICES: Readonly<Record<string, ListChoice>> = { random: { kind: 'random' }, free: { kind: 'free' } };

/** Nothing runs behind the list: it ends with what was chosen. */
const chosen = (state: State, value: string): Reduced =>
  endList(state, CHOICES[value] ?? { kind: 'drill', id: value });

export const leaveList = (state: State): Reduced => endList(state, null);

function endList(state: State, choice: ListChoice | null): Reduced {
  const list = state.drill?.list;
  if (!list) return to(state);
  const next = withDrill(state, { list: { ...list, chosen: choice } });
  return to({ ...next, outcome: { outcome: 'declined', exitStatus: 0 } });
}
