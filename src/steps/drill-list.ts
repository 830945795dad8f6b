/** The drills, to be chosen from: by level, with what was reached before. */
import { actionsOf } from '../wizard/actions.ts';
import { askedOf } from '../wizard/asked.ts';
import type { Block, DrillList, ListedDrill, Option, Question, Screen, State } from '../wizard/types.ts';
import { count, item, option, safe, text } from './blocks.ts';

/** Letters that stand for nothing else on this screen. */
const KEYS = '123456789abcdeghijklmnostuvwxyz';

export function listScreen(state: State): Screen {
  const list = state.drill?.list ?? null;
  return {
    id: 'target',
    title: 'Practice',
    blocks: list ? blocks(list) : [],
    question: question(state, list),
    actions: actionsOf(state),
  };
}

function blocks({ drills, broken }: DrillList): Block[] {
  const done = drills.filter(({ best }) => best !== null).length;
  return [
    text('PRACTICE: the real program, on a database of its own. No database of yours is touched.', 'good'),
    text(
      drills.length === 0
        ? 'There are no drills beside this runbook: what remains is the plain walk.'
        : `${count(drills.length, 'drill')}, from the first day to the expert; ${done} tried so far.`,
    ),
    ...broken.map((sentence) => item('fail', sentence)),
  ];
}

function question(state: State, list: DrillList | null): Question {
  const drills = list?.drills ?? [];
  return {
    kind: 'choice',
    id: askedOf(state).id,
    // On a low terminal not all of them are in view at once.
    prompt:
      drills.length > 10 ? `Which one? ${drills.length} drills: ↓ and ↑ move through them.` : 'Which one?',
    options: [
      ...drills.map((drill, at) => listed(drill, KEYS[at] ?? '')),
      { ...option('random', 'r', 'Random: one that is not named'), ...(drills.length === 0 ? NONE : {}) },
      option('free', 'f', 'Free practice: the plain walk, without a fault'),
    ],
    default: list?.first ?? 'free',
    unattended: list?.first ?? 'free',
  };
}

const NONE = { disabled: 'there are no drills beside this runbook.' };

const listed = ({ id, title, level, minutes, attempts, best }: ListedDrill, key: string): Option =>
  option(
    id,
    key,
    safe(title),
    `${level}, ${minutes} min; ${best === null ? 'not tried yet' : `best ${best}, ${count(attempts, 'attempt')}`}`,
  );
