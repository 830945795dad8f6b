/**
 * The journal of a run: what happened, in order, one JSON object a line, only ever appended to.
 * `backout run --json` prints the same events. Everything in a report is derived from them alone.
 */
import type { RunbookOfRun } from '../runbook/types.ts';
import type { Rehearsal } from '../rehearse/types.ts';
import type { ItemCheck } from '../checklist/types.ts';
import type {
  Attachment,
  Evidence,
  ExplainedError,
  Prerequisite,
  Recommendation,
  ServerInfo,
} from '../postgres/types.ts';
import type { JudgedDrill } from '../practice/score/types.ts';
import type { QuickFound } from '../quick/types.ts';
import type { ActionRole, ArchiveEntry, Form } from '../sql/procedure/types.ts';
import type { DataAtRisk, Invented, Lock, Position, Verification } from '../sql/types.ts';

/** broken-off: it ran outside of transactions and failed, so that something of it may be left. */
export type StepOutcome = 'done' | 'rolled-back' | 'broken-off' | 'not-run' | 'unknown';

export type Outcome =
  | 'verified'
  | 'prerequisite-failed'
  | 'declined'
  | 'fix-forward'
  | 'sql-failed'
  | 'stopped'
  | 'verification-failed'
  | 'unknown'
  | 'nothing-to-do'
  | 'error';

/** A repair mends what was found wrong, by SQL of its own: fixing forward, or clearing the way for a rollback. */
export type RunKind = 'rollback' | 'undo' | 'repair';

/** One thing in schema backout_archive, or a definition that is kept, as the report lists it. */
export interface ArchivedObject {
  step: string;
  seq: number;
  kind: ArchiveEntry['kind'];
  /** Its name before the step. */
  object: string;
  /** Its name in schema backout_archive; null where only a definition is kept. */
  archived: string | null;
  rows: number | null;
  words: string;
}

/** How a step is to be carried out, and what that costs. */
export interface PlannedForm {
  step: string;
  form: Form;
  /** Level and duration of the strongest lock, in words. */
  lock: string;
  archiveBytes: number;
  notUndoable: string[];
}

/** Fields with a question mark came later: journals without them stay readable. */
export type JournalBody =
  | {
      /** Again at the beginning of each session that goes on with the run. */
      type: 'run-started';
      version: string;
      surface: 'tui' | 'plain' | 'unattended' | 'self-play';
      environment: 'PRACTICE' | 'PRODUCTION';
      runbook: RunbookOfRun;
      operator: { user: string; host: string };
      kind?: RunKind;
      /** The run that an undo takes back. */
      undoes?: string | null;
    }
  /** The run is gone on with, under its own id, by another session or another operator. */
  | {
      type: 'resumed';
      from: { operator: string; host: string };
      stepsDone: string[];
      /** Of those steps, by id: their confirmations may be in a journal elsewhere. */
      titles?: Record<string, string>;
    }
  | { type: 'connected'; server: ServerInfo }
  | { type: 'prerequisites'; results: Prerequisite[]; attachments: Attachment[] }
  | { type: 'consent'; id: string; detail: string }
  /** What of a backup the run falls back on was done in it; that one was looked at is among the prerequisites. */
  | {
      type: 'backup';
      what: 'taken' | 'proved';
      path: string;
      bytes?: number;
      seconds: number;
      verdict?: 'equal' | 'changed' | 'failed';
      /** The first says what it came to. */
      words: string[];
    }
  /** The plan on a copy; nothing of it is in the database. */
  | {
      type: 'rehearsal';
      way: Rehearsal['way'];
      outcome: Rehearsal['outcome'];
      /** What it held for: the plan, and the look that its procedures rested on. */
      plan: string;
      look: string;
      seconds: number;
      /** The first says what it came to. */
      words: string[];
    }
  | {
      type: 'decision';
      choice: 'rollback' | 'fix-forward';
      recommendation: Recommendation;
      evidence: Evidence[];
      /** Typed by the operator when going against the recommendation. */
      reason: string | null;
      /** By the command of the quick rollback; absent: step by step. */
      path?: 'quick';
    }
  | {
      type: 'plan';
      hash: string;
      position: Position;
      locks: Lock[];
      dataAtRisk: DataAtRisk[];
      invented: Invented[];
      baseline: Record<string, number>;
      forms?: PlannedForm[];
      /** False: the operator typed that they go without the archive. */
      archive?: boolean;
      /** All steps in one transaction. */
      wholePlan?: boolean;
      /** Of a repair: what each of its steps is for. */
      repairs?: { step: string; title: string; found: string }[];
    }
  | { type: 'step-confirmed'; step: string; title: string; hash: string; typed: string | null; form?: Form }
  | { type: 'step-started'; step: string; attempt: number }
  | {
      type: 'statement';
      step: string;
      index: number;
      sql: string;
      command: string;
      rows: number | null;
      seconds: number;
      notices: string[];
      role?: ActionRole;
      /** Indexes of the runbook's statements that it carries out. */
      carries?: number[];
    }
  /** Each try at a lock that somebody else holds; `blockers` are told one a line, sanitised. */
  | { type: 'lock-waiting'; step: string; table: string; level: string; attempt: number; blockers: string[] }
  /** What came of cancelling or terminating a blocker. */
  | { type: 'lock-acted'; text: string }
  /** Written and synced to disk right before COMMIT is sent: what asks for the truth if no answer comes. */
  | {
      type: 'step-committing';
      step: string;
      /** The whole plan in one transaction: all of its steps. */
      steps?: string[];
      /** It is about to be sent outside of transactions; there is no COMMIT that could be asked for. */
      outside?: true;
      xid?: string;
      backendPid?: number;
      systemIdentifier?: string;
      timeline?: number;
    }
  /** What the database's own record said of a step whose COMMIT had no answer. */
  | { type: 'step-found'; step: string; found: 'done' | 'not-done' | 'still-running' }
  | { type: 'archived'; step: string; objects: ArchivedObject[] }
  | {
      type: 'step-finished';
      step: string;
      outcome: StepOutcome;
      seconds: number;
      error: ExplainedError | null;
    }
  /** Written and synced to disk before the command of the quick rollback is started; `kept`: tables copied before it. */
  | {
      type: 'quick-started';
      command: string;
      folder: string;
      kept: number;
      give: 'nothing' | 'url';
      typed?: string;
    }
  /** The command has ended, and this is what the database says. */
  | { type: 'quick'; command: string; result: CommandResult; found: QuickFound }
  | { type: 'verification'; verification: Verification }
  | {
      type: 'checklist';
      item: string;
      text: string;
      done: boolean;
      note: string;
      command: CommandResult | null;
    }
  /** What came of a check of an item: a command, a log, a probe. */
  | { type: 'item-check'; item: string; text: string; check: ItemCheck }
  /** What was found wrong with the migrated state, and what of it `run` carries out; null: nothing. */
  | {
      type: 'repairs';
      run: string | null;
      found: { id: string; title: string; found: string; chosen: boolean }[];
      notes: { title: string; lines: string[] }[];
    }
  /** Practice: which drill it is, who does it, and what of it is simulated. */
  | {
      type: 'drill-started';
      drill: string;
      title: string;
      person: string;
      simulated: string[];
      /** What it is judged by, so that the journal alone gives the score. */
      judged?: JudgedDrill;
    }
  /** Practice: what came into view, and what was answered or pressed. Nothing secret. */
  | { type: 'shown'; screen: string; asked: string; subject: string | null }
  | { type: 'answered'; screen: string; asked: string; subject: string | null; value: string }
  | { type: 'action-used'; screen: string; action: string }
  | { type: 'coach'; what: 'opened' | 'ask' | 'hint'; id: string; right: boolean | null; cost: number }
  | { type: 'injected'; id: string; title: string; by: 'drill' | 'instructor'; simulated: boolean }
  /** Practice: what stood there in the end. */
  | {
      type: 'drill-ended';
      keeps: { id: string; before: number | null; after: number | null }[];
      /** Ids of earlier runs of the same drill, in their order: what came before repairs or an undo. */
      earlier?: string[];
    }
  | { type: 'note'; text: string }
  /** What was done when it had gone wrong: writes stopped, a backup restored, names exchanged, a command run. */
  | { type: 'escalated'; act: string; ok: boolean; text: string }
  | {
      type: 'result';
      outcome: Outcome;
      exitStatus: number;
      run: string;
      steps: { id: string; outcome: StepOutcome }[];
    };

export type JournalEvent = JournalBody & {
  schema: 'backout.event/1';
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
};

/** One that the journal could not take: only told on standard output, so that whoever reads along still hears it. */
export type UnwrittenEvent = JournalBody & {
  schema: 'backout.event/1';
  /** The journal does not hold it, so it has no number there. */
  seq: null;
  at: string;
  unwritten: true;
};

export interface CommandResult {
  command: string;
  exitStatus: number | null;
  signal: string | null;
  seconds: number;
  /** The last lines, sanitised. */
  tail: string[];
}
