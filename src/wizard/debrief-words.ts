/** The words of a debrief, the same on the screen and in the files. Pure. */
import type { Decision } from '../practice/drill/types.ts';
import type { Debrief, Mark, Score, ScoreItem, ScoreKind } from '../practice/score/types.ts';

export const DECISION_WORDS: Record<Decision, string> = {
  rollback: 'roll back, step by step',
  'fix-forward': 'fix forward',
  quick: "roll back by the framework's own command",
  stop: 'stop, and run nothing',
};

/** Right, or one of what is right: 'to stop, and run nothing; or to fix forward'. */
export const rightWords = ({ decision: { right, alsoRight } }: Pick<Debrief, 'decision'>): string =>
  [right, ...alsoRight].map((one) => `to ${DECISION_WORDS[one]}`).join('; or ');

/** `15:49:02`, UTC as the journal has it. */
export const clock = ({ at }: Pick<Mark, 'at'>): string => at.slice(11, 19);

/** `15:49:02, line 12 of the journal` */
export const momentWords = (mark: Mark): string => `${clock(mark)}, line ${mark.seq} of the journal`;

export const KIND_TITLES: Record<ScoreKind, string> = {
  data: 'Data',
  decision: 'Decision',
  outcome: 'Carried through',
  risk: 'Risks noticed',
  confirmation: 'Confirmations',
  check: 'Checks',
  time: 'Time',
  hint: 'Hints',
  slip: 'Typing',
};

/** `12 of 15`; what only costs: `-5`. */
export const pointsWords = ({ points, of }: Pick<ScoreItem, 'points' | 'of'>): string =>
  of === 0 ? String(points) : `${points} of ${of}`;

/** `72 of 100 points.`, or why there are none. */
export const verdictWords = ({ points, of, unjudged }: Score): string =>
  unjudged ?? `${points} of ${of} points.`;

export interface ScoreGroup {
  what: ScoreKind;
  title: string;
  points: number;
  of: number;
  items: ScoreItem[];
}

/** By kind, in the order of the score. */
export function scoreGroups(items: readonly ScoreItem[]): ScoreGroup[] {
  return [...new Set(items.map(({ what }) => what))].map((what) => {
    const own = items.filter((item) => item.what === what);
    const sum = (of: 'points' | 'of'): number => own.reduce((total, item) => total + item[of], 0);
    return { what, title: KIND_TITLES[what], points: sum('points'), of: sum('of'), items: own };
  });
}

export const minutesWords = ({ minutes, expertMinutes }: Debrief): string =>
  minutes === null ? '' : `${Math.max(1, Math.round(minutes))} min taken, ${expertMinutes} min by an expert`;

/** One sentence for each thing that is not all there any more, or that all is. */
export function keptLines({ kept }: Pick<Debrief, 'kept'>): { good: boolean; text: string }[] {
  const number = (value: number | null): string =>
    value === null ? 'not counted' : value.toLocaleString('en-US');
  return kept.map(({ title, before, after, inArchive, lost }) => ({
    good: lost === 0 && inArchive === 0,
    text:
      `${title}: ${number(before)} before, ${number(after)} after` +
      (lost > 0 ? `, ${lost.toLocaleString('en-US')} lost for good` : '') +
      (inArchive > 0 ? `, ${inArchive.toLocaleString('en-US')} only in the archive` : ''),
  }));
}
