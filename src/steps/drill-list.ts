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
  const done = drills.filter(({ attempts }) => attempts > 0).length;
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
    prompt: 'Which one?',
    options: [
      ...drills.map((drill, at) => listed(drill, KEYS[at] ?? '')),
      {
        ...option('random', 'r', 'Random: one that is not named'),
        ...(drills.length === 0 ? NONE : { group: NO_LEVEL }),
      },
      {
        ...option('free', 'f', 'Free practice: the plain walk, without a fault'),
        ...(drills.length === 0 ? {} : { group: NO_LEVEL }),
      },
    ],
    default: list?.first ?? 'free',
    unattended: list?.first ?? 'free',
  };
}

const NONE = { disabled: 'there are no drills beside this runbook.' };

const NO_LEVEL = 'any level';

const listed = ({ id, title, level, minutes, attempts, best }: ListedDrill, key: string): Option => ({
  ...option(id, key, safe(title), `${minutes} min; ${reached(attempts, best)}`),
  group: level,
});

function reached(attempts: number, best: number | null): string {
  if (best !== null) return `best ${best}, ${count(attempts, 'attempt')}`;
  return attempts === 0 ? 'not tried yet' : 'left early, not judged yet';
}
