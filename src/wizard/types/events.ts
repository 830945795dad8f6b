/** What the wizard is told: by the operator, and by the tasks under way. */
import type { ApplicationEvent } from './application.ts';
import type { ArchivedObject, JournalBody } from '../../journal/types.ts';
import type {
  Evidence,
  ExplainedError,
  Prerequisite,
  ResolvedSetting,
  ServerInfo,
} from '../../postgres/types.ts';
import type { Repair, RepairNote } from '../../repair/types.ts';
import type { Verification } from '../../sql/types.ts';
import type { State, Survey } from '../types.ts';
import type { ChecklistEvent } from './checklist.ts';
import type { DebriefEvent } from './debrief.ts';
import type { ForwardPlace } from './forward.ts';
import type { InstructorEvent } from './drill.ts';
import type { EscalationEvent } from './escalate.ts';
import type { Found, LockWait, OtherRun, Resumed } from './found.ts';
import type { QuickEvent } from './quick.ts';
import type { BackupEvent } from './backup.ts';
import type { RehearsalEvent } from './rehearsal.ts';
import type { ActionId } from './shown.ts';

export type Event =
  | ApplicationEvent
  | InstructorEvent
  | { type: 'start' }
  | EscalationEvent
  /** `question` is the id the answer was given to: an answer to a question no longer asked is dropped. */
  | { type: 'answer'; question: string; value: string }
  | { type: 'action'; action: ActionId }
  // from tasks
  | QuickEvent
  | { type: 'connecting'; settings: ResolvedSetting[] }
  | { type: 'connected'; server: ServerInfo }
  | { type: 'connect-failed'; error: ExplainedError }
  | { type: 'prerequisite'; result: Prerequisite }
  /** `survey` is null where a lock kept it from being read: a failed prerequisite says whose. */
  | { type: 'prerequisites-done'; survey: Survey | null }
  | { type: 'prerequisites-failed'; error: ExplainedError }
  | { type: 'evidence'; evidence: Evidence[]; toAsk: State['decision']['toAsk'] }
  | { type: 'evidence-failed'; error: ExplainedError }
  /** `unasked`: looked for because of a failure; comes before the event that tells of it. */
  | BackupEvent
  | RehearsalEvent
  | { type: 'repairs'; found: Repair[]; notes?: RepairNote[]; unasked?: true; place?: ForwardPlace }
  | { type: 'repairs-failed'; error: ExplainedError; unasked?: true }
  | { type: 'skeleton-written'; paths: string[] }
  | { type: 'skeleton-failed'; error: ExplainedError }
  /**
   * Whole plan: `step-started`, the statements and `archived` come by step, in order; after the COMMIT a `step-done`
   * for each step, in order, the last of them with the survey. One `step-failed`, `step-unknown` or `survey-changed`
   * speaks for all of them.
   */
  | { type: 'step-started'; step: string; at: number }
  /** `index`: the action's. */
  | { type: 'statement-started'; step: string; index: number }
  /** Not told any more: a procedure holds only what is still to run. */
  | { type: 'statement-skipped'; step: string; index: number }
  | { type: 'statement-notice'; step: string; index: number; text: string }
  | { type: 'statement-done'; step: string; index: number; rows: number | null; seconds: number }
  | { type: 'statement-failed'; step: string; index: number }
  /** At each try, before and after its pause, and when the blockers change. The journal's line is written by the reducer. */
  | { type: 'lock-waiting'; wait: LockWait }
  | { type: 'lock-taken'; step: string }
  /** What came of cancelling or terminating. The journal's line is written by the reducer. */
  | { type: 'lock-acted'; text: string }
  /** What a committed step keeps, with its counts; before its `step-done`. The journal's line is written by the reducer. */
  | { type: 'archived'; step: string; objects: ArchivedObject[] }
  /** During a check, before `prerequisites-done`: what became of a step whose COMMIT was not answered. */
  | { type: 'step-found'; step: string; found: Found }
  /** During a check, and again while watching; null when it is over. */
  | { type: 'other-run'; other: OtherRun | null }
  /** The journal's line is written by the reducer. */
  | { type: 'taken-over'; run: string; resumed: Resumed; survey: Survey }
  /**
   * Committed. `survey` is read anew after the commit, so that the next step is confirmed against the catalog as it
   * now is: the reducer replaces state.survey with it, but keeps the first survey's baseline, risk and locks of the
   * steps already done for the report. Null when it could not be read (the next confirmation must re-check first).
   */
  | { type: 'step-done'; step: string; seconds: number; survey: Survey | null }
  /**
   * Rolled back: the database is as it was before the step. With `left` it ran outside of transactions and broke off:
   * what is left of it, a sentence each.
   */
  | {
      type: 'step-failed';
      step: string;
      seconds: number;
      error: ExplainedError;
      cancelled: boolean;
      left?: string[];
    }
  /** COMMIT was sent and no answer came. */
  | { type: 'step-unknown'; step: string; seconds: number; error: ExplainedError }
  /** What the catalog says differs from what was confirmed: the step did not run; here is the new survey. */
  | { type: 'survey-changed'; step: string; survey: Survey }
  | { type: 'verified'; verification: Verification }
  | { type: 'verify-failed'; error: ExplainedError }
  | ChecklistEvent
  | { type: 'report-written'; markdownPath: string; jsonPath: string; summary: string[] }
  | { type: 'report-failed'; error: ExplainedError }
  | DebriefEvent
  /** A cancel or a journal entry (`entry`) that failed: shown as a notice; the step itself refuses to commit without its journal. */
  | { type: 'trouble'; what: TroubleWith; error: ExplainedError; entry?: JournalBody };

export type TroubleWith =
  'cancel-step' | 'cancel-command' | 'record' | 'lock-action' | 'watch' | 'take-over' | 'end-run';
