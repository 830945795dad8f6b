/** The things that are judged, each on its own. Pure. */
import { counted } from '../../journal/words.ts';
import type { EndState, RiskToNotice, Rule } from '../drill/types.ts';
import { DECISION_WORDS } from '../../wizard/debrief-words.ts';
import { keptOf, withoutCopy } from './kept.ts';
import {
  actedAt,
  canComeBefore,
  decided,
  endedAs,
  firstOf,
  markOf,
  minutesTaken,
  type Events,
} from './read.ts';
import { evenly } from './share.ts';
import type { JudgedDrill, Kept, ScoreItem, ScoreKind } from './types.ts';
import { ANY_LOSS, NOTICED_LATE, OUT_OF_REACH, SLIP, SLOWEST } from './weights.ts';

const sum = (numbers: number[]): number => numbers.reduce((one, other) => one + other, 0);

/** The share of `part` in `whole`, 0 to 1; all of it where the whole is not known. */
const portion = (part: number, whole: number): number => (whole <= 0 ? 1 : Math.min(1, part / whole));

/** How much of its weight the data costs, 0 to 1. */
function lossOf(kept: readonly Kept[], uncopied: boolean): number {
  const before = sum(kept.map((one) => one.before ?? 0));
  const lost = sum(kept.map((one) => one.lost));
  const away = sum(kept.map((one) => one.inArchive));
  const gone = lost > 0 ? ANY_LOSS + (1 - ANY_LOSS) * portion(lost, before) : 0;
  const { any, all } = OUT_OF_REACH;
  const outOfReach = away > 0 ? any + (all - any) * portion(away, before) : 0;
  return Math.max(gone, outOfReach, uncopied ? ANY_LOSS : 0);
}

/** One sentence, or none where nothing is missing. */
function keptWords({ title, before, after, lost, inArchive }: Kept): string[] {
  const became = [
    ...(lost > 0 ? [`${lost.toLocaleString('en-US')} lost for good`] : []),
    ...(inArchive > 0
      ? [`${inArchive.toLocaleString('en-US')} only in the archive, out of the application's reach`]
      : []),
  ];
  if (became.length === 0) return [];
  const was = (before ?? 0).toLocaleString('en-US');
  const now = after === null ? 'cannot be counted now' : `${after.toLocaleString('en-US')} now`;
  return [`${title}: ${was} before, ${now}; ${became.join(', ')}.`];
}

export function dataItem(of: number, drill: JudgedDrill, events: Events, end: EndState): ScoreItem {
  const kept = keptOf(drill, events, end);
  const uncopied = withoutCopy(events);
  const cost = Math.ceil(of * lossOf(kept, uncopied !== null));
  const lines = [
    ...kept.flatMap(keptWords),
    ...(uncopied
      ? [
          `${counted(uncopied.rows, 'value or row', 'values and rows')} went without a copy, as was agreed to.`,
        ]
      : []),
  ];
  const lost = cost > 0 ? (uncopied?.event ?? events[actedAt(events)]) : undefined;
  return {
    id: 'data',
    what: 'data',
    points: of - cost,
    of,
    moment: lost ? markOf(lost) : null,
    text: lines.length === 0 ? 'Nothing was lost.' : lines.join(' '),
  };
}

export function decisionItems(
  [forDecision, forOutcome]: readonly [number, number],
  { right }: JudgedDrill,
  events: Events,
): ScoreItem[] {
  const taken = decided(events);
  const ended = endedAs(events);
  const good = taken !== null && [right.decision, ...right.alsoRight].includes(taken.decision);
  const through = good && ended !== null && right.outcomes.includes(ended.outcome);
  const was = taken ? `You decided to ${DECISION_WORDS[taken.decision]}.` : 'Nothing was decided.';
  const wanted = good ? 'That was right' : `Right was to ${DECISION_WORDS[right.decision]}`;
  return [
    {
      id: 'decision',
      what: 'decision',
      points: good ? forDecision : 0,
      of: forDecision,
      moment: taken ? markOf(taken.event) : null,
      text: `${was} ${wanted}: ${right.why}`,
    },
    {
      id: 'outcome',
      what: 'outcome',
      points: through ? forOutcome : 0,
      of: forOutcome,
      moment: ended ? markOf(ended.event) : null,
      text: through
        ? `It was carried through: the run ended ${ended.outcome}.`
        : `The run ended ${ended?.outcome ?? 'without a result'}; it should have ended ${right.outcomes.join(' or ')}.`,
    },
  ];
}

export function riskItems(of: number, risks: readonly RiskToNotice[], events: Events): ScoreItem[] {
  const parts = evenly(of, risks.length);
  const acted = actedAt(events);
  return risks.map(({ id, text, noticed }, at) => {
    const part = parts[at] ?? 0;
    const later = noticed.filter((moment) => !canComeBefore(moment));
    const inTime = firstOf(events, noticed, { to: acted }) ?? firstOf(events, later);
    const late = inTime ? null : firstOf(events, noticed, { from: acted });
    const seen = inTime ?? late;
    const became = inTime ? 'Noticed' : late ? 'Noticed only when the steps had begun' : 'Not noticed';
    return {
      id: `risk:${id}`,
      what: 'risk',
      points: inTime ? part : late ? Math.floor(part * NOTICED_LATE) : 0,
      of: part,
      moment: seen ? markOf(seen) : null,
      text: `${became}: ${text}`,
    };
  });
}

interface Ruled extends Rule {
  id: string;
  must: boolean;
}

const rulesAbout = (drill: Pick<JudgedDrill, 'must' | 'mustNot'>, about: Rule['about']): Ruled[] =>
  [
    ...drill.must.map((rule, at) => ({ ...rule, id: `must:${at + 1}`, must: true })),
    ...drill.mustNot.map((rule, at) => ({ ...rule, id: `must-not:${at + 1}`, must: false })),
  ].filter((rule) => rule.about === about);

export const hasRules = (drill: JudgedDrill, about: Rule['about']): boolean =>
  rulesAbout(drill, about).length > 0;

/** What was to be done, or was not to be. */
export function ruleItems(of: number, about: Rule['about'], drill: JudgedDrill, events: Events): ScoreItem[] {
  const rules = rulesAbout(drill, about);
  const parts = evenly(of, rules.length);
  const acted = actedAt(events);
  return rules.map(({ id, text, moments, beforeActing, must }, at) => {
    const found = firstOf(events, moments, beforeActing ? { to: acted } : {});
    const good = (found !== null) === must;
    const became = must
      ? good
        ? 'Done'
        : 'Skipped'
      : good
        ? 'Not done, rightly'
        : 'Done, and should not have been';
    return {
      id,
      what: about,
      points: good ? (parts[at] ?? 0) : 0,
      of: parts[at] ?? 0,
      moment: found ? markOf(found) : null,
      text: `${became}: ${text}`,
    };
  });
}

export function timeItem(of: number, { minutes }: JudgedDrill, events: Events): ScoreItem {
  const taken = minutesTaken(events);
  const over = taken === null ? 0 : (taken - minutes) / (minutes * (SLOWEST - 1));
  const last = events.findLast(({ type }) => type === 'result');
  const points = taken === null ? 0 : Math.round(of * Math.min(1, Math.max(0, 1 - over)));
  const was = taken === null ? 'Not measured' : `${Math.max(1, Math.round(taken))} min`;
  return {
    id: 'time',
    what: 'time',
    points,
    of,
    moment: last ? markOf(last) : null,
    text: `${was}; an expert takes ${minutes} min.`,
  };
}

const costs = (
  what: ScoreKind,
  id: string,
  points: number,
  rest: Pick<ScoreItem, 'moment' | 'text'>,
): ScoreItem => ({
  id,
  what,
  points: points === 0 ? 0 : -points,
  of: 0,
  ...rest,
});

/** What only costs: hints, each at its price, and what was mistyped. */
export function costItems(events: Events): ScoreItem[] {
  const hints = events.flatMap((event) =>
    event.type === 'coach' && event.what === 'hint'
      ? [
          costs('hint', `hint:${event.id}`, Math.max(0, event.cost), {
            moment: markOf(event),
            text: 'A hint was taken.',
          }),
        ]
      : [],
  );
  const slips = events
    .filter((event) => event.type === 'answered' && event.value === 'wrong')
    .slice(0, SLIP.most)
    .map((event, at) =>
      costs('slip', `slip:${at + 1}`, SLIP.points, {
        moment: markOf(event),
        text: 'What was typed to confirm was not what was asked for.',
      }),
    );
  return [...hints, ...slips];
}
