/** The coach, in front of any screen of practice: its question first, then what it has to say, then hints. */
import { actionsOf } from '../wizard/actions.ts';
import { askedOf, type Asked } from '../wizard/asked.ts';
import { coachOpen, generalNote, nextHint, questionOf, TELL } from '../wizard/drill.ts';
import { currentStep, isBusy } from '../wizard/judge.ts';
import type { Block, Coach, CoachOpen, DrillState, Question, Screen, State } from '../wizard/types.ts';
import { gap, goOn, heading, item, option, safe, span, spans, text } from './blocks.ts';
import { proseBlocks } from './drill-prose.ts';

/** What is asked behind it is answered only once the coach is closed. */
export function coachScreen(state: State, behind: Screen): Screen {
  const open = coachOpen(state);
  const { drill } = state;
  return {
    id: behind.id,
    title: safe(`Coach: ${behind.title}`),
    blocks: drill && open ? [...running(state), ...blocks(drill, open)] : [],
    question: question(state),
    actions: actionsOf(state),
  };
}

const running = (state: State): Block[] =>
  isBusy(currentStep(state)) ? [text('A step is running and goes on while you are here.', 'warn'), gap] : [];

function blocks({ coach }: DrillState, open: CoachOpen): Block[] {
  if (questionOf(coach, open.asking))
    return [
      text('First a question. A wrong answer costs nothing; having seen it before acting counts.'),
      text('Nothing that you answer here is answered to the wizard.', 'quiet'),
    ];
  const told = [...open.notes.flatMap((at) => proseBlocks(coach.notes[at]?.text ?? ''))];
  return [...outcome(coach, open), ...told, ...general(coach, open, told.length > 0), ...hintsTaken(coach)];
}

/** What was answered, what is right, and why. */
function outcome(coach: Coach, { answered }: CoachOpen): Block[] {
  const question = questionOf(coach, answered);
  if (!question) return [];
  const chosen = coach.answered[question.id] ?? null;
  return [
    text(question.question, 'strong'),
    ...question.options.flatMap((one, index) => {
      if (!one.right && index !== chosen) return [];
      const mark = one.right ? 'pass' : 'fail';
      return [item(mark, `${index === chosen ? 'You said: ' : ''}${one.text}`, { lines: [one.why] })];
    }),
    gap,
  ];
}

function general(coach: Coach, open: CoachOpen, after: boolean): Block[] {
  const note = generalNote(coach, open);
  if (!note) return after ? [] : [text('The coach has nothing to say here.')];
  return [
    ...(after ? [gap] : []),
    heading(after ? 'This screen, in any rollback' : 'Why this screen'),
    text(note.why),
    gap,
    heading('What an expert looks at'),
    ...note.look.map((line) => item('none', line)),
  ];
}

function hintsTaken({ hints, taken }: Coach): Block[] {
  if (taken.length === 0) return [];
  return [
    heading('Hints you took'),
    ...taken.map((at) =>
      spans(span(`-${hints[at]?.cost ?? 0}  `, 'warn'), span(hints[at]?.text.trim() ?? '')),
    ),
    gap,
  ];
}

function question(state: State): Question {
  const asked = askedOf(state);
  switch (asked.name) {
    case 'coach-ask':
      return coachQuestion(state, asked);
    case 'coach-hint':
      return hintQuestion(state, asked);
    default:
      return goOn(asked.id, 'Enter closes the coach.');
  }
}

function coachQuestion(state: State, { id, subject }: Asked): Question {
  const about = state.drill ? questionOf(state.drill.coach, subject ?? null) : null;
  return {
    kind: 'choice',
    id,
    prompt: safe(about?.question ?? ''),
    options: [
      ...(about?.options ?? []).map((one, index) => option(String(index), String(index + 1), one.text)),
      option(TELL, '0', 'Just tell me', 'Costs nothing.'),
    ],
    default: TELL,
    unattended: TELL,
    ...(subject === undefined ? {} : { subject }),
  };
}

function hintQuestion(state: State, { id }: Asked): Question {
  const at = nextHint(state);
  const hint = at === null ? undefined : state.drill?.coach.hints[at];
  const cost = hint?.cost ?? 0;
  return {
    kind: 'choice',
    id,
    prompt: 'Anything else?',
    options: [
      option('close', 'x', 'Close the coach'),
      option('hint', 'h', `Take a hint: costs ${cost} ${cost === 1 ? 'point' : 'points'} of 100`),
    ],
    default: 'close',
    unattended: 'close',
  };
}
