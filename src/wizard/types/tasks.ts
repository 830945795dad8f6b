/** What the reducer wants done; src/runtime does it. */
import type { ApplicationTask } from './application.ts';
import type { JournalBody, Outcome } from '../../journal/types.ts';
import type { RepairAbout } from '../../repair/find.ts';
import type { Repair, RepairNote } from '../../repair/types.ts';
import type { ChecklistTask } from './checklist.ts';
import type { QuickTask } from './quick.ts';
import type { InstructorTask } from './drill.ts';
import type { Form } from '../../sql/procedure/types.ts';
import type { BackupTask } from './backup.ts';
import type { RehearsalTask } from './rehearsal.ts';
import type { DebriefTask } from './debrief.ts';
import type { EscalationTask } from './escalate.ts';

export type Task =
  | InstructorTask
  | ApplicationTask
  /** `url` when the operator typed another one. */
  | { type: 'connect'; url?: string }
  /** What it says of the archive holds until the next check, for the surveys after each step as well. */
  | { type: 'check'; withoutArchive?: boolean; backup?: string }
  | BackupTask
  | RehearsalTask
  | { type: 'gather-evidence' }
  /** Looks for what could be mended; ends in `repairs` or `repairs-failed`. Reads only. */
  | { type: 'find-repairs'; about: RepairAbout }
  /** Writes two files, and over none; ends in `skeleton-written` or `skeleton-failed`. */
  | { type: 'write-skeleton'; path: string; repairs: Repair[]; left: Repair[]; notes: RepairNote[] }
  /** Runs only if `confirmed` equals what a fresh look makes of the same forms. */
  | {
      type: 'run-step';
      /** The first of them. */
      step: string;
      /** The whole plan in one transaction: all steps, in order. */
      steps?: string[];
      attempt: number;
      /** The procedure's hash; with `steps`, the `wholeHash` of theirs (src/wizard/whole.ts). */
      confirmed: string;
      /** The form of every step named here. */
      forms: Record<string, Form>;
    }
  | { type: 'cancel-step' }
  | { type: 'lock-action'; action: 'retry-now' }
  | { type: 'lock-action'; action: 'cancel' | 'terminate'; pid: number; backendStart: string }
  /** Looks at the other run every 2 s until `unwatch`, and counts as under way as long. */
  | { type: 'watch' }
  | { type: 'unwatch' }
  /** Of a run whose session is gone. Ends in `taken-over`, or in `other-run` when it is not so any more. */
  | { type: 'take-over'; run: string }
  /**
   * With the result, when a step was tried: frees the lock of the run. Whether an outcome ends the run in the database
   * too is for the runtime to say: after 'stopped', 'sql-failed' and 'unknown' it can be gone on with.
   */
  | { type: 'end-run'; outcome: Outcome }
  | QuickTask
  | { type: 'verify' }
  | ChecklistTask
  | { type: 'record'; event: JournalBody }
  | EscalationTask
  | DebriefTask
  | { type: 'write-report' };
