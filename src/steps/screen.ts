/** What the screens have in common. */
import { actionsOf } from '../wizard/actions.ts';
import type { Block, Question, Screen, ScreenId, State } from '../wizard/types.ts';
import { gap, safe, text } from './blocks.ts';

/** A screen from its parts; a sentence on the last answer comes first. */
export function screen(
  state: State,
  id: ScreenId,
  title: string,
  blocks: Block[],
  question: Question,
): Screen {
  const notice = state.notice === null ? [] : [text(state.notice, 'warn'), gap];
  return { id, title: safe(title), blocks: [...notice, ...blocks], question, actions: actionsOf(state) };
}
