/** Practice: what the story, the coach and the list ask, and what the coach has to say. */
import type { CoachQuestion } from '../practice/drill/types.ts';
import type { Asked } from './asked.ts';
import type { Action, Coach, CoachOpen, DrillState, GeneralNote, Instructor, State } from './types.ts';

export const noCoach = (general: Coach['general'] = {}): Coach => ({
  general,
  notes: [],
  questions: [],
  hints: [],
  now: { notes: [], questions: [] },
  offered: [],
  taken: [],
  answered: {},
  open: null,
});

/** Practice without a drill. */
export const plainPractice = (general: Coach['general'] = {}): DrillState => ({
  id: null,
  title: '',
  level: null,
  minutes: 0,
  story: '',
  simulated: [],
  told: true,
  following: null,
  coach: noCoach(general),
  list: null,
  instructor: null,
});

/** The story stands in front of the target screen until it was read. */
export const isAtStory = ({ drill, screen }: State): boolean =>
  drill !== null && !drill.told && screen === 'target';

export const isAtList = ({ drill }: State): boolean => drill !== null && drill.list !== null;

/** At the instructor's own terminal. */
export const isAtInstructor = ({ drill }: State): boolean => drill !== null && drill.instructor !== null;

/** The coach stands in front of everything but the question whether to leave. */
export const coachOpen = ({ drill }: State): CoachOpen | null => drill?.coach.open ?? null;

/** The state without the coach in front. */
export const behindCoach = (state: State): State =>
  state.drill && state.drill.coach.open !== null
    ? { ...state, drill: { ...state.drill, coach: { ...state.drill.coach, open: null } } }
    : state;

/** As a journal names the place: what stands in front of a screen is named after itself. */
export function placeOf(state: State): string {
  if (state.escalating) return 'escalation';
  return isAtStory(state) ? 'story' : state.screen;
}

/** The next hint that may be taken; its index, or null. Nothing costs anything once the result is recorded. */
export function nextHint({ drill, ending }: State): number | null {
  if (!drill || ending) return null;
  const { offered, taken } = drill.coach;
  return offered.find((index) => !taken.includes(index)) ?? null;
}

export const questionOf = (coach: Coach, id: string | null): CoachQuestion | null =>
  coach.questions.find((question) => question.id === id) ?? null;

/** What the coach says of any practice here. */
export function generalNote({ general }: Coach, { screen, asked }: CoachOpen): GeneralNote | null {
  return general[`${screen}/${asked}`] ?? general[screen] ?? null;
}

/** The answer that has the coach tell without having answered. */
export const TELL = 'tell';

type Ask = (kind: Asked['kind'], name: string, values: string[] | null, subject?: string) => Asked;

/** What is asked in front of the screens, in practice; null: nothing is. */
export function drillAsked(state: State, ask: Ask): Asked | null {
  const { drill } = state;
  if (!drill) return null;
  if (drill.list) {
    const ids = drill.list.drills.map(({ id }) => id);
    return ask('choice', 'list', [...ids, ...(ids.length > 0 ? ['random'] : []), 'free']);
  }
  if (drill.instructor) return instructorAsked(drill.instructor, ask);
  if (drill.coach.open) return coachAsked(state, drill.coach, drill.coach.open, ask);
  return null;
}

function coachAsked(state: State, coach: Coach, open: CoachOpen, ask: Ask): Asked {
  const question = questionOf(coach, open.asking);
  if (question) {
    return ask(
      'choice',
      'coach-ask',
      [...question.options.map((_, index) => String(index)), TELL],
      question.id,
    );
  }
  return nextHint(state) === null
    ? ask('continue', 'coach', ['next'])
    : ask('choice', 'coach-hint', ['close', 'hint']);
}

/** Enter changes nothing in the drill that is watched. */
function instructorAsked({ at, found, waiting }: Instructor, ask: Ask): Asked {
  switch (at) {
    case 'looking':
      return { id: 'wait:instructor-looking', name: 'instructor-looking', kind: 'wait', values: [] };
    case 'choosing':
      return ask(
        'choice',
        'instructor-drills',
        found.map(({ path }) => path),
      );
    case 'watching':
      return ask('choice', 'instructor', ['stay', ...waiting.map(({ id }) => `inject:${id}`)]);
    case 'over':
      return ask('continue', 'instructor-over', ['next']);
  }
}

/** While text is typed a letter belongs to the text, so the coach has a second key. */
export const coachAction = (label: string): Action => ({
  id: 'coach',
  keys: ['c', 'ctrl-t'],
  label,
  enabled: true,
});
