/** At the instructor's terminal: where the trainee is, what can be made to happen to them, how they stand. */
import { actionsOf } from '../wizard/actions.ts';
import { askedOf } from '../wizard/asked.ts';
import type { Block, Instructor, Option, Question, Screen, State, WaitingEvent } from '../wizard/types.ts';
import { gap, goOn, heading, item, log, option, safe, span, spans, text, wait } from './blocks.ts';

/** The journal's last lines; all of it is in the drill's own. */
const LAST_LINES = 8;

export function instructorScreen(state: State): Screen {
  const seen = state.drill?.instructor ?? null;
  const about = seen?.drill ? `: ${seen.drill.title} (${seen.drill.person})` : '';
  return {
    id: 'target',
    title: safe(`Instructor${about}`),
    blocks: seen ? blocks(seen) : [],
    question: question(state, seen),
    actions: actionsOf(state),
  };
}

function blocks(seen: Instructor): Block[] {
  if (!seen.drill)
    return [text('What you do here the trainee does not see; the debrief will say it.', 'quiet')];
  return [
    ...(seen.said === null ? [] : [text(seen.said, 'strong'), gap]),
    // In lines a mark of what is under way would be left out: it comes with the next question anew.
    item(seen.at === 'over' ? 'done' : 'none', `Is at: ${seen.place ?? 'not begun'}`),
    item(seen.met === null ? 'waiting' : 'warn', `Fault: ${seen.drill.fault}`, {
      detail: seen.met === null ? 'not met yet' : `met at ${seen.met}`,
    }),
    item('none', `Right would be: ${seen.drill.right}`),
    ...happened(seen),
    ...score(seen),
  ];
}

const happened = ({ lines }: Instructor): Block[] =>
  lines.length === 0 ? [] : [gap, heading('What happens'), log(lines, LAST_LINES)];

/** The trainee hears of it only in the debrief. */
function score({ score: so }: Instructor): Block[] {
  if (!so) return [];
  return [
    gap,
    heading(`Score so far: ${so.points} of 100`),
    text('What has not happened yet counts as not done.', 'quiet'),
    ...so.items.map((line) => spans(span(line))),
  ];
}

function question(state: State, seen: Instructor | null): Question {
  const { id, name } = askedOf(state);
  switch (name) {
    case 'instructor-drills':
      return {
        kind: 'choice',
        id,
        prompt: 'Which drill do you watch?',
        options: (seen?.found ?? []).map(({ path, title, person }, at) =>
          option(path, String(at + 1), title, `done by ${person}`),
        ),
        default: seen?.found[0]?.path ?? '',
      };
    case 'instructor':
      return watching(id, seen?.waiting ?? []);
    case 'instructor-over':
      return goOn(id, 'The drill has ended. Enter waits for the next one.');
    default:
      return wait(id, 'Waiting for somebody to begin a drill on this machine, as this user…');
  }
}

function watching(id: string, waiting: WaitingEvent[]): Question {
  return {
    kind: 'choice',
    id,
    prompt:
      waiting.length === 0
        ? 'There is nothing left to make happen.'
        : 'Make something happen to the trainee?',
    options: [option('stay', 'w', 'Keep watching'), ...waiting.map(injection)],
    default: 'stay',
  };
}

const injection = ({ id, title, when }: WaitingEvent, at: number): Option =>
  option(
    `inject:${id}`,
    String(at + 1),
    title,
    when === null ? 'only at your key' : `by itself: ${when}; or now`,
  );
