/** The screens, in the order the operator meets them, and the one that is shown now. */
import type { Question, Screen, State } from '../wizard/types.ts';
import { checklistScreen } from './checklist.ts';
import { decisionScreen } from './decision.ts';
import { forwardScreen } from './forward.ts';
import { escalationScreen, leavingScreen } from './overlays.ts';
import { planScreen } from './plan.ts';
import { prerequisitesScreen } from './prerequisites.ts';
import { quickScreen } from './quick.ts';
import { reportScreen } from './report.ts';
import { stepScreen } from './step.ts';
import { targetScreen } from './target.ts';
import { verificationScreen } from './verification.ts';
import { mendScreen } from './trouble.ts';
import { mayMend } from '../wizard/mending.ts';
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

/** What every surface shows for a state: blocks, one question, the keys beside it. Pure, never throws. */
export function screenOf(state: State): Screen {
  if (state.leaving && !state.outcome) return leavingScreen(state);
  const shown = state.mending && mayMend(state) ? mendScreen : SCREENS[state.screen];
  const beneath = shown(state.escalating ? { ...state, escalating: false } : state);
  if (state.outcome) return { ...beneath, question: wait('wait:ended', 'Leaving…'), actions: [] };
  return state.escalating ? escalationScreen(state, beneath) : beneath;
}

/** The one question of the moment. */
export const questionOf = (state: State): Question => screenOf(state).question;
