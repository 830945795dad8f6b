/** What the instructor sees, from what the drill tells; and what they ask for. Pure. */
import type { JournalEvent } from '../../journal/types.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { askedOf } from '../../wizard/asked.ts';
import type { Event, Instructor, Reduce, State, Task } from '../../wizard/types.ts';
import { momentMatches } from '../drill/moment.ts';
import { scoreOf } from '../score/score.ts';
import type { JudgedDrill } from '../score/types.ts';
import type { FromDrill } from './protocol.ts';
import { wordsOf } from './words.ts';

export const noInstructor = (): Instructor => ({
  at: 'looking',
  found: [],
  drill: null,
  waiting: [],
  place: null,
  lines: [],
  met: null,
  score: null,
  said: null,
});

/** Lines that are kept to be shown. */
const MOST_LINES = 200;

export interface ViewOptions {
  /**
   * On a surface of lines news is told between two questions: each makes the question a new one. On full screens it is
   * drawn behind the question, which stays, so that no key is lost to it.
   */
  newQuestions: boolean;
}

const END: Parameters<typeof scoreOf>[2] = { keeps: [] };

/** The reducer of the instructor's screen. What it needs of the past it keeps beside the state, for one drill at a time. */
export function instructorReduce({ newQuestions }: ViewOptions): Reduce {
  let judged: JudgedDrill | null = null;
  let events: JournalEvent[] = [];

  function heard(seen: Instructor, event: JournalEvent): Instructor {
    events = [...events, event];
    const line = wordsOf(event);
    const met = judged && momentMatches(judged.fault.met, event) ? timeOf(event) : null;
    return {
      ...seen,
      place: event.type === 'shown' ? placeOf(event) : seen.place,
      lines: line === null ? seen.lines : [...seen.lines, `${timeOf(event)}  ${line}`].slice(-MOST_LINES),
      met: seen.met ?? met,
      score: judged ? scoreLines(judged, events) : null,
    };
  }

  function told(seen: Instructor, news: FromDrill): Instructor {
    switch (news.type) {
      case 'hello':
        judged = news.drill;
        events = [];
        return { ...noInstructor(), at: 'watching', found: seen.found, drill: aboutOf(news) };
      case 'waiting':
        return { ...seen, waiting: news.events };
      case 'said':
        return { ...seen, said: toLine(news.text, 400) };
      case 'journal':
        return heard(seen, news.event);
    }
  }

  return (state, event) => {
    const seen = state.drill?.instructor;
    if (!state.drill || !seen || state.outcome) return { state, tasks: [] };
    const next = (change: Partial<Instructor>, ...tasks: Task[]) => ({
      state: withInstructor(state, change),
      tasks,
    });
    switch (event.type) {
      case 'start':
        return next({}, { type: 'instruct', do: 'find' });
      case 'instructor-found':
        if (seen.at !== 'looking') return { state, tasks: [] };
        if (event.found.length !== 1) return next({ at: 'choosing', found: event.found });
        return next({ found: event.found }, ...event.found.map(({ path }): Task => watchTask(path)));
      case 'instructor-news': {
        const after = told(seen, event.news as FromDrill);
        const asks = after.waiting !== seen.waiting || after.at !== seen.at;
        const moved = withInstructor(state, after);
        return { state: newQuestions || asks ? turned(moved) : moved, tasks: [] };
      }
      case 'instructor-over':
        return { state: turned(withInstructor(state, { at: 'over', waiting: [] })), tasks: [] };
      case 'action':
        return event.action === 'leave' ? { state: left(state), tasks: [] } : { state, tasks: [] };
      case 'answer':
        return answered(state, seen, event);
      default:
        return { state, tasks: [] };
    }
  };
}

const watchTask = (path: string): Task => ({ type: 'instruct', do: 'watch', path });

const withInstructor = (state: State, change: Partial<Instructor>): State =>
  state.drill?.instructor
    ? { ...state, drill: { ...state.drill, instructor: { ...state.drill.instructor, ...change } } }
    : state;

const turned = (state: State): State => ({ ...state, turn: state.turn + 1 });

const left = (state: State): State => ({ ...state, outcome: { outcome: 'declined', exitStatus: 0 } });

function answered(
  state: State,
  seen: Instructor,
  { question, value }: Extract<Event, { type: 'answer' }>,
): { state: State; tasks: Task[] } {
  const asked = askedOf(state);
  if (asked.id !== question || !asked.values?.includes(value)) return { state, tasks: [] };
  const next = turned(state);
  if (asked.name === 'instructor-over') {
    return { state: withInstructor(next, noInstructor()), tasks: [{ type: 'instruct', do: 'find' }] };
  }
  if (asked.name === 'instructor-drills') {
    return { state: withInstructor(next, { at: 'looking' }), tasks: [watchTask(value)] };
  }
  const id = value.startsWith('inject:') ? value.slice('inject:'.length) : null;
  if (id === null) return { state: withInstructor(next, { said: null }), tasks: [] };
  const title = seen.waiting.find((one) => one.id === id)?.title ?? id;
  return {
    state: withInstructor(next, { said: `Asked for: ${title}` }),
    tasks: [{ type: 'instruct', do: 'inject', id }],
  };
}

/** "14:02:11", UTC as in the journal. */
const timeOf = ({ at }: JournalEvent): string => at.slice(11, 19);

function placeOf({ screen, asked, subject }: Extract<JournalEvent, { type: 'shown' }>): string {
  return `${screen}, ${asked}${subject === null ? '' : ` (${subject})`}`;
}

const aboutOf = ({ drill, person }: Extract<FromDrill, { type: 'hello' }>): Instructor['drill'] => ({
  title: drill.title,
  person,
  fault: drill.fault.text,
  right: [drill.right.decision, ...drill.right.alsoRight].join(' or '),
  minutes: drill.minutes,
});

function scoreLines(judged: JudgedDrill, events: readonly JournalEvent[]): Instructor['score'] {
  const { points, items, unjudged } = scoreOf(judged, events, END);
  if (unjudged !== undefined) return { points, items: [unjudged] };
  return {
    points,
    items: items.map(({ points: got, of, text }) => `${of === 0 ? String(got) : `${got}/${of}`}  ${text}`),
  };
}
