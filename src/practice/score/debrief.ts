/** The debrief of a drill: the road taken beside the expert's, what was seen when, what it cost. Pure. */
import type { JournalBody, JournalEvent } from '../../journal/types.ts';
import type { Drill, EndState } from '../drill/types.ts';
import { evidenceShown, measuredCost } from './evidence.ts';
import { keptOf } from './kept.ts';
import { decided, endedAs, firstOf, markOf, minutesTaken } from './read.ts';
import { roadTaken } from './road.ts';
import { scoreOf } from './score.ts';
import type { Debrief, JudgedDrill } from './types.ts';

/** The part of a drill that is judged by; what the operator must not see beforehand stands in the journal as well. */
export const judgedBy = (drill: Drill): JudgedDrill => ({
  id: drill.id,
  title: drill.title,
  level: drill.level,
  minutes: drill.minutes,
  fault: drill.fault,
  right: drill.right,
  risks: drill.risks,
  must: drill.must,
  mustNot: drill.mustNot,
  keeps: drill.keeps,
  debrief: drill.debrief,
  expert: drill.expert,
});

/** The journal's line with which a drill begins, in each of its runs. */
export const drillStarted = (drill: Drill, person: string, simulated: string[]): JournalBody => ({
  type: 'drill-started',
  drill: drill.id,
  title: drill.title,
  person,
  simulated,
  judged: judgedBy(drill),
});

/** @param events of all runs of the drill, one after the other */
export function debriefOf(drill: JudgedDrill, events: readonly JournalEvent[], end: EndState): Debrief {
  const started = events.find((event) => event.type === 'drill-started');
  const { right } = drill;
  return {
    schema: 'backout.debrief/1',
    drill: drill.id,
    title: drill.title,
    level: drill.level,
    person: started?.person ?? '',
    startedAt: started?.at ?? events[0]?.at ?? null,
    endedAt: events.findLast(({ type }) => type === 'result')?.at ?? events.at(-1)?.at ?? null,
    minutes: minutesTaken(events),
    expertMinutes: drill.minutes,
    outcome: endedAs(events)?.outcome ?? null,
    score: scoreOf(drill, events, end),
    fault: drill.fault.text,
    decision: {
      taken: decided(events)?.decision ?? null,
      right: right.decision,
      alsoRight: right.alsoRight,
      why: right.why,
    },
    kept: keptOf(drill, events, end),
    road: roadTaken(events),
    expert: drill.expert.map(({ text, moment }) => {
      const met = moment ? firstOf(events, [moment]) : null;
      return { text, met: met ? markOf(met) : null, shown: moment !== null };
    }),
    evidence: evidenceShown(events),
    told: drill.debrief,
    measured: measuredCost(events),
    injected: events.flatMap((event) =>
      event.type === 'injected'
        ? [{ ...markOf(event), title: event.title, by: event.by, simulated: event.simulated }]
        : [],
    ),
    simulated: started?.simulated ?? [],
    hints: events.filter((event) => event.type === 'coach' && event.what === 'hint').length,
  };
}

/**
 * The debrief that a journal holds by itself; null: it is of no drill, or of one that did not come to its end.
 * @param events of the drill's last run, those of its earlier runs in front
 */
export function debriefIn(events: readonly JournalEvent[]): Debrief | null {
  const started = events.findLast((event) => event.type === 'drill-started');
  const ended = events.findLast((event) => event.type === 'drill-ended');
  if (!started?.judged || !ended) return null;
  return debriefOf(started.judged, events, { keeps: ended.keeps });
}
