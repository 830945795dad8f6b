/** The score of a drill: 100 points over judgement, each with the moment that earned or cost it. Pure. */
import type { JournalEvent } from '../../journal/types.ts';
import type { EndState } from '../drill/types.ts';
import { costItems, dataItem, decisionItems, hasRules, riskItems, ruleItems, timeItem } from './items.ts';
import { leftUndecided, NOT_JUDGED } from './left.ts';
import { shares } from './share.ts';
import type { JudgedDrill, Score } from './types.ts';
import { WEIGHTS } from './weights.ts';

/**
 * @param events of all runs of the drill, one after the other; may still be growing, what did not happen yet then counts
 *   as not done
 * @param end what the drill's `keeps` counted before and after; without them nothing is known to be lost
 */
export function scoreOf(drill: JudgedDrill, events: readonly JournalEvent[], end: EndState): Score {
  if (leftUndecided(drill, events)) return { points: 0, of: 100, unjudged: NOT_JUDGED, items: [] };
  const [data = 0, decision = 0, outcome = 0, risk = 0, confirmation = 0, check = 0] = shares(
    100 - WEIGHTS.time,
    [
      WEIGHTS.data,
      WEIGHTS.decision,
      WEIGHTS.outcome,
      drill.risks.length > 0 ? WEIGHTS.risk : 0,
      hasRules(drill, 'confirmation') ? WEIGHTS.confirmation : 0,
      hasRules(drill, 'check') ? WEIGHTS.check : 0,
    ],
  );
  const items = [
    dataItem(data, drill, events, end),
    ...decisionItems([decision, outcome], drill, events),
    ...riskItems(risk, drill.risks, events),
    ...ruleItems(confirmation, 'confirmation', drill, events),
    ...ruleItems(check, 'check', drill, events),
    timeItem(WEIGHTS.time, drill, events),
    ...costItems(events),
  ];
  const points = items.reduce((sum, item) => sum + item.points, 0);
  return { points: Math.min(100, Math.max(0, points)), of: 100, items };
}
