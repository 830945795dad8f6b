/** The wizard's part of a drill, made of its file: what it needs to tell the story, and what the coach may say. */
import { noCoach, plainPractice } from '../../wizard/drill.ts';
import type { DrillState } from '../../wizard/types.ts';
import type { Drill } from '../drill/types.ts';
import { GENERAL_NOTES } from './notes.ts';

export interface Telling {
  /** False: it was drawn at random, and neither its title nor its level is told. */
  named: boolean;
  /** What of it is simulated on this machine. */
  simulated: string[];
  /** The drill that comes after it in the list. */
  following: string | null;
}

/** Nothing of the fault, the injections or the score is among it: a screen can show no more than this. */
export const drillStateOf = (drill: Drill, { named, simulated, following }: Telling): DrillState => ({
  id: drill.id,
  title: named ? drill.title : '',
  level: named ? drill.level : null,
  minutes: drill.minutes,
  story: drill.story,
  simulated,
  told: false,
  following,
  coach: {
    ...noCoach(GENERAL_NOTES),
    notes: drill.coach,
    questions: drill.questions,
    hints: drill.hints,
  },
  list: null,
  instructor: null,
});

/** Practice without a drill: the coach still explains every screen. */
export const freePractice = (): DrillState => plainPractice(GENERAL_NOTES);
