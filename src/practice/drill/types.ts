/**
 * A drill: a practice scenario with a hidden fault and a score, read from a Markdown file beside its runbook
 * (`runbooks/<id>/drills/*.md`). The same file is practised, demonstrated and played by the tests.
 */
import type { Outcome } from '../../journal/types.ts';

/** From the first day on call to an expert's. */
export const LEVELS = ['first day', 'first weeks', 'seasoned', 'expert'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * A moment of a run, matched against its journal. In a file it is one line:
 *
 *     at decision                       a screen is reached
 *     at step/confirm:step-1            a question of it is asked (screen/name:subject)
 *     answered decision/choice=rollback
 *     action mend                       a key beside the question was used
 *     coach ask:backup right            a question of the coach was answered rightly (or `wrong`)
 *     started step-2                    | statement step-2:3 | committing step-2 | finished step-2=done
 *     waiting step-1                    a lock is waited for
 *     consent backup                    a warning was consented to
 *     injected blocker                  the event of that id happened
 *     result verified
 *
 * Parts after the first word may be left out: then any fits.
 */
export interface Moment {
  kind:
    | 'at'
    | 'answered'
    | 'action'
    | 'coach'
    | 'started'
    | 'statement'
    | 'committing'
    | 'finished'
    | 'waiting'
    | 'consent'
    | 'injected'
    | 'result';
  /** As written, for messages. */
  text: string;
  screen?: string;
  name?: string;
  subject?: string;
  value?: string;
}

/** What happens to the operator, without their doing. Each happens once. */
export interface Injection {
  id: string;
  when: Moment;
  /** Told in the debrief, and to the instructor beforehand. */
  title: string;
  /** Only when the instructor presses its key. */
  byInstructor: boolean;
  act: InjectedAct;
}

export type InjectedAct =
  /** Committed by another session. */
  | { kind: 'sql'; sql: string }
  /** Run in another session's transaction, which stays open: a blocker. Ends when terminated, or at `until`. */
  | { kind: 'hold'; sql: string; application: string; until: Moment | null }
  /** The connection is lost; at COMMIT: before it reached the server, or after the server has carried it out. */
  | { kind: 'cut'; commit: 'before' | 'after' }
  /** Another operator's run of the same runbook is there; `live`: with a session of its own. */
  | { kind: 'operator'; name: string; host: string; live: boolean };

/** A file of the drill's own folder, in which the wizard works while it lasts. */
export interface DrillFile {
  path: string;
  content: string;
  /** Set back by so many hours. */
  ageHours: number;
}

export type Decision = 'rollback' | 'fix-forward' | 'quick' | 'stop';

/** A risk that is there, and by which moments it shows that the operator has noticed it before acting. */
export interface RiskToNotice {
  id: string;
  text: string;
  noticed: Moment[];
}

/** Something that has to be done, or must not be. */
export interface Rule {
  text: string;
  /** Any of them counts. */
  moments: Moment[];
  /** A check that was skipped, or a confirmation that was wrong. */
  about: 'check' | 'confirmation';
  /** Has to happen (or not) before the first step is confirmed; else at any time. */
  beforeActing: boolean;
}

/** What must still be there in the end. */
export interface Keep {
  id: string;
  title: string;
  /** One number: how many are there, with the application's eyes. */
  sql: string;
  /** The same after a rollback, where the tables are called otherwise; absent: `sql`. */
  sqlAfter: string | null;
}

/** Said on a screen when the coach is asked. */
export interface CoachNote {
  at: Moment;
  /** Why this screen, and what an expert looks at here. Markdown. */
  text: string;
}

/** The coach asks before it tells. */
export interface CoachQuestion {
  id: string;
  at: Moment;
  question: string;
  options: { text: string; right: boolean; why: string }[];
}

export interface Hint {
  text: string;
  /** Points. */
  cost: number;
  /** Offered from then on. */
  from: Moment;
}

/** A way through the drill, for the tests and for showing it. */
export interface Play {
  name: string;
  /** Exactly one play is the expert's road; it gets the most points of all. */
  right: boolean;
  /**
   * In order; each is used up when its question is asked. What is not named is answered as practice answers by itself.
   * An action is a key pressed when that question is asked, instead of an answer.
   */
  answers: { at: Moment; say: string | { action: string } }[];
  expect: { outcome: Outcome; score: { from: number; to: number } };
}

export interface Drill {
  /** The file's name without number and ending. */
  id: string;
  /** The number before it, as written: `09`; '' without one. Names it too: `backout practice 9`. */
  number: string;
  path: string;
  title: string;
  level: Level;
  /** What an expert takes, in minutes. */
  minutes: number;
  /** Markdown: what the operator is told. */
  story: string;
  /** Hours since the migration ran. */
  migratedHoursAgo: number;
  /** Run in the prepared, migrated database, in order. */
  setup: string[];
  /** The role the operator connects as; absent: the owner. Made by the setup. */
  role: string | null;
  /** 'server': a real server of the machine where there is one; else the embedded database, and what of it is simulated. */
  stage: 'embedded' | 'server';
  /** Sentences: what is simulated on the embedded database. */
  simulated: string[];
  files: DrillFile[];
  /** Options of the command line that the story gives, e.g. `{backup: 'yesterday.dump', project: 'app'}`; paths as in `files`. */
  options: Record<string, string>;
  events: Injection[];
  /** The fault in a sentence, when it is met, and the words that would give it away before. */
  fault: { text: string; met: Moment; words: string[] };
  right: { decision: Decision; alsoRight: Decision[]; why: string; outcomes: Outcome[] };
  risks: RiskToNotice[];
  must: Rule[];
  mustNot: Rule[];
  keeps: Keep[];
  coach: CoachNote[];
  questions: CoachQuestion[];
  hints: Hint[];
  /** Markdown: what the evidence said when, and what it would have cost on the real database. */
  debrief: string;
  /** The road an expert takes, in order; `moment`: where the journal shows it. */
  expert: { text: string; moment: Moment | null }[];
  plays: Play[];
}

/** What stood in the database in the end, beside what stood there at the beginning. */
export interface EndState {
  keeps: { id: string; before: number | null; after: number | null }[];
}
