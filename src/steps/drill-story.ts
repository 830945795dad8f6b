/** In front of the target screen, in a drill: what happened, and what of it is only simulated. */
import { askedOf } from '../wizard/asked.ts';
import type { Block, DrillState, Screen, State } from '../wizard/types.ts';
import { gap, goOn, heading, item, span, spans } from './blocks.ts';
import { proseBlocks } from './drill-prose.ts';
import { screen } from './screen.ts';

export function storyScreen(state: State): Screen {
  const drill = state.drill;
  const title = drill && drill.title !== '' ? `Drill: ${drill.title}` : 'A drill, drawn at random';
  const prompt = 'Enter begins. From here on it is the real program, on a database of its own.';
  return screen(state, 'target', title, drill ? storyBlocks(drill) : [], goOn(askedOf(state).id, prompt));
}

/** The story whole, so that it can be read again where the coach stands. */
export const storyBlocks = (drill: DrillState): Block[] => [
  ...about(drill),
  ...proseBlocks(drill.story),
  ...simulated(drill),
];

function about({ level, minutes, title }: DrillState): Block[] {
  // Drawn at random, how hard it is would be a hint.
  if (level === null || title === '') return [];
  const time = minutes > 0 ? `; an expert takes ${minutes} minutes` : '';
  return [spans(span(`${LEVEL_WORDS[level]}${time}.`, 'quiet')), gap];
}

const LEVEL_WORDS: Record<NonNullable<DrillState['level']>, string> = {
  'first day': 'For the first day on call',
  'first weeks': 'For the first weeks on call',
  seasoned: 'For the seasoned',
  expert: 'For experts',
};

function simulated({ simulated: sentences }: DrillState): Block[] {
  if (sentences.length === 0) return [];
  return [gap, heading('Simulated here'), ...sentences.map((sentence) => item('none', sentence))];
}
