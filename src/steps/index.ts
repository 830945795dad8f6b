/** The screens, in the order the operator meets them, and the one that is shown now. */
import type { Question, Screen, State } from '../wizard/types.ts';
import { checklistScreen } from './checklist.ts';
import { coachScreen } from './coach.ts';
import { debriefScreen } from './debrief.ts';
import { decisionScreen } from './decision.ts';
import { forwardScreen } from './forward.ts';
import { instructorScreen } from './drill-instructor.ts';
import { listScreen } from './drill-list.ts';
import { storyScreen } from './drill-story.ts';
import { escalationScreen } from './escalate.ts';
import { leavingScreen } from './overlays.ts';
import { planScreen } from './plan.ts';
import { prerequisitesScreen } from './prerequisites.ts';
import { quickScreen } from './quick.ts';
import { reportScreen } from './report.ts';
import { stepScreen } from './step.ts';
import { targetScreen } from './target.ts';
import { verificationScreen } from './verification.ts';
import { applicationScreen } from './application.ts';
import { mendScreen } from './trouble.ts';
import { isAtApplication } from '../wizard/application.ts';
import { isAtDebrief } from '../wizard/debrief.ts';
import { behindCoach, coachOpen, isAtInstructor, isAtList, isAtStory } from '../wizard/drill.ts';
import { mayMend } from '../wizard/mending.ts';
import { isAtValues } from '../wizard/values.ts';
import { valuesScreen } from './values.ts';
import { wait } from './blocks.ts';

export { roadOf } from './road.ts';

const SCREENS: Record<State['screen'], (state: State) => Screen> = {
  target: targetScreen,
  prerequisites: prerequisitesScreen,
  decision: decisionScreen,
  forward: forwardScreen,
  quick: quickScreen,
  plan: planScreen,
  step: stepScreen,
  verification: verificationScreen,
  checklist: checklistScreen,
  report: reportScreen,
};

/** What stands in front of the screen for as long as the operator wants. */
function inFront(state: State): ((state: State) => Screen) | null {
  if (state.mending && mayMend(state)) return mendScreen;
  if (isAtStory(state)) return storyScreen;
  if (isAtDebrief(state)) return debriefScreen;
  return isAtApplication(state) ? applicationScreen : null;
}

/** What every surface shows for a state: blocks, one question, the keys beside it. Pure, never throws. */
export function screenOf(state: State): Screen {
  if (isAtValues(state)) return valuesScreen(state);
  if (isAtList(state)) return listScreen(state);
  if (isAtInstructor(state)) return instructorScreen(state);
  if (state.leaving && !state.outcome) return leavingScreen(state);
  if (coachOpen(state) && !state.outcome) return coachScreen(state, screenOf(behindCoach(state)));
  const shown =
    state.escalating && !state.outcome ? escalationScreen : (inFront(state) ?? SCREENS[state.screen]);
  const screen = shown(state);
  return state.outcome ? { ...screen, question: wait('wait:ended', 'Leaving…'), actions: [] } : screen;
}

/** The one question of the moment. */
export const questionOf = (state: State): Question => screenOf(state).question;
