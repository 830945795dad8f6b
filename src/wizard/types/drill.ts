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
  /** Points; null: no attempt was judged. */
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

/** A drill that runs on this machine, as its instructor finds it. */
export interface RunningDrill {
  /** Its control socket. */
  path: string;
  person: string;
  title: string;
}

/** An event of the drill that has not happened yet. */
export interface WaitingEvent {
  id: string;
  title: string;
  /** The moment at which it happens by itself; null: only at the instructor's key. */
  when: string | null;
}

/** What the instructor sees of a drill that somebody else is in. Kept by src/practice/instructor/view.ts. */
export interface Instructor {
  at: 'looking' | 'choosing' | 'watching' | 'over';
  found: RunningDrill[];
  /** Null until the drill has said which it is. */
  drill: { title: string; person: string; fault: string; right: string; minutes: number } | null;
  waiting: WaitingEvent[];
  /** Where the trainee is; null: not known yet. */
  place: string | null;
  /** What happened, a line each, the newest last. */
  lines: string[];
  /** When the fault was met, as a time of the day; null: not yet. */
  met: string | null;
  /** So far, and what it is made of. */
  score: { points: number; items: string[] } | null;
  /** What came of the last event that was asked for. */
  said: string | null;
}

export type InstructorEvent =
  | { type: 'instructor-found'; found: RunningDrill[] }
  /** A message of the drill, as src/practice/instructor/protocol.ts reads it. */
  | { type: 'instructor-news'; news: unknown }
  | { type: 'instructor-over' };

export type InstructorTask =
  /** Ends in `instructor-found`, once there is one. */
  | { type: 'instruct'; do: 'find' }
  /** News until `instructor-over`. */
  | { type: 'instruct'; do: 'watch'; path: string }
  | { type: 'instruct'; do: 'inject'; id: string };

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
  /** Only at the instructor's own terminal; there is no run behind it. */
  instructor: Instructor | null;
}
