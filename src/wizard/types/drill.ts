/** Practice: the drill's story, the coach, and the list that drills are chosen from. */
import type { CoachNote, CoachQuestion, Hint, Level } from '../../practice/drill/types.ts';

/** What the coach says of a screen in any practice: the same for every drill, so it gives none away. */
export interface GeneralNote {
  why: string;
  look: string[];
}

/** The coach, as it stands in front: what it was asked about stays while the wizard goes on behind it. */
export interface CoachOpen {
  /** The screen's id, or `escalation`, and the name of its question. */
  screen: string;
  asked: string;
  /** Indexes into `notes`. */
  notes: number[];
  /** The id of the question that comes before the note; null: none, or it was answered before. */
  asking: string | null;
  /** The id of the one that was answered since the coach was opened. */
  answered: string | null;
}

export interface Coach {
  /** By `screen/question`, or by `screen` alone. */
  general: Readonly<Record<string, GeneralNote>>;
  /** The drill's own. */
  notes: CoachNote[];
  questions: CoachQuestion[];
  hints: Hint[];
  /** What fits this moment: indexes of notes, ids of questions. Kept by src/practice/coach/follow.ts. */
  now: { notes: number[]; questions: string[] };
  /** Indexes of the hints whose moment has come. */
  offered: number[];
  /** Indexes, in the order in which they were taken. */
  taken: number[];
  /** By the question's id: the option that was chosen; null: none, the coach just told. */
  answered: Record<string, number | null>;
  open: CoachOpen | null;
}

/** A line of the list. */
export interface ListedDrill {
  id: string;
  title: string;
  level: Level;
  minutes: number;
  attempts: number;
  /** Points; null: never tried. */
  best: number | null;
}

/** What is begun from the list. */
export type ListChoice = { kind: 'drill'; id: string } | { kind: 'random' } | { kind: 'free' };

export interface DrillList {
  drills: ListedDrill[];
  /** Pointed at when the list opens: the calm one, or the one after the one just done. */
  first: string | null;
  /** Files that could not be read, a sentence each. */
  broken: string[];
  chosen: ListChoice | null;
}

/** There in practice only. */
export interface DrillState {
  /** The drill's id; null: the plain walk, or the list. */
  id: string | null;
  /** What it is called; '' where it was drawn at random and is not named. */
  title: string;
  level: Level | null;
  minutes: number;
  /** Markdown. */
  story: string;
  /** What of it is simulated, a sentence each. */
  simulated: string[];
  /** The story was read. */
  told: boolean;
  /** The id of the drill that comes after it in the list. */
  following: string | null;
  coach: Coach;
  /** The list stands in front; there is no run behind it. */
  list: DrillList | null;
}
