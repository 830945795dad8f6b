/** What a drill is judged by, and what the judgement says. */
import type { Outcome } from '../../journal/types.ts';
import type { Decision, Drill, Level } from '../drill/types.ts';

/**
 * The part of a drill that judging and debriefing need. It is written into the journal when the drill starts, so that
 * a report can be had from the journal alone, whatever becomes of the drill's file.
 */
export type JudgedDrill = Pick<
  Drill,
  | 'id'
  | 'title'
  | 'level'
  | 'minutes'
  | 'fault'
  | 'right'
  | 'risks'
  | 'must'
  | 'mustNot'
  | 'keeps'
  | 'debrief'
  | 'expert'
>;

export type ScoreKind =
  'data' | 'decision' | 'outcome' | 'risk' | 'confirmation' | 'check' | 'time' | 'hint' | 'slip';

/** A line of the journal. */
export interface Mark {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
}

/** One thing that was judged. */
export interface ScoreItem {
  /** Stable within a drill, e.g. `risk:empty-backup`. */
  id: string;
  what: ScoreKind;
  /** Got of `of`; below 0 where something only costs (hints, slips), and `of` is 0 then. */
  points: number;
  of: number;
  /** When it happened; null: it never did, or there is no one moment for it. */
  moment: Mark | null;
  /** One or two sentences. */
  text: string;
}

export interface Score {
  /** 0 to 100. */
  points: number;
  of: 100;
  /** Why nothing was judged, a sentence: the points are 0 then and count nowhere, and there are no items. Absent: it was. */
  unjudged?: string;
  /** In the order of their weight. */
  items: ScoreItem[];
}

/** What became of one thing that had to stay. */
export interface Kept {
  id: string;
  title: string;
  before: number | null;
  after: number | null;
  /** Missing, and in an archive of the run: out of the application's reach, and not lost. */
  inArchive: number;
  /** Missing, and nowhere any more. */
  lost: number;
}

/** A line of the road that was taken. */
export interface RoadLine extends Mark {
  text: string;
  tone: 'plain' | 'good' | 'bad' | 'quiet';
}

/** What the database or the operator's files said, and when it was on the screen. */
export interface EvidenceShown extends Mark {
  title: string;
  lines: string[];
}

export interface Debrief {
  schema: 'backout.debrief/1';
  drill: string;
  title: string;
  level: Level;
  person: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Minutes taken, and what an expert takes. */
  minutes: number | null;
  expertMinutes: number;
  outcome: Outcome | null;
  score: Score;
  fault: string;
  decision: { taken: Decision | null; right: Decision; alsoRight: Decision[]; why: string };
  kept: Kept[];
  road: RoadLine[];
  /** Beside it the expert's: `met` is where the journal shows the same; `shown` whether the journal could show it. */
  expert: { text: string; met: Mark | null; shown: boolean }[];
  evidence: EvidenceShown[];
  /** Markdown of the drill: what it would have cost on the real database. */
  told: string;
  /** The same in this run: rows, locks, waits. */
  measured: string[];
  /** What happened to the operator without their doing. */
  injected: (Mark & { title: string; by: 'drill' | 'instructor'; simulated: boolean })[];
  simulated: string[];
  hints: number;
}
