/** The quick rollback, as far as it has come. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { QuickEnd, QuickLook } from '../../quick/types.ts';
import type { Survey } from '../types.ts';

/** What is given to the command on top of what backout's own environment holds. */
export type QuickGive = 'nothing' | 'url';

export interface Quick {
  /**
   * ready: the operator chooses how it is run. confirming: they type the database's name. keeping: the tables are
   * copied. running, stopping: the command is under way. unsettled: it has ended, and what it did could not be read.
   */
  status:
    | 'idle'
    | 'looking'
    | 'ready'
    | 'confirming'
    | 'keeping'
    | 'running'
    | 'stopping'
    | 'settling'
    | 'unsettled'
    | 'ended';
  look: QuickLook | null;
  error: ExplainedError | null;
  /** The path the operator decided on. */
  chosen: boolean;
  /** The operator is typing the project's folder. */
  asking: boolean;
  /** Index into `look.commands`. */
  command: number;
  give: QuickGive;
  /** How often it was begun. */
  attempt: number;
  startedAt: number | null;
  /** Asked to stop this often. */
  stops: number;
  output: string[];
  end: QuickEnd | null;
}

export type QuickTask =
  /** Ends in `quick-looked` or `quick-look-failed`. `folder`: as the operator typed it. Reads only. */
  | { type: 'look-quick'; folder?: string }
  /**
   * Copies the tables, runs the command, looks at what it did. Only if a fresh look finds the same command, the same
   * findings and the same database: else `quick-changed`, and nothing was run.
   */
  | {
      type: 'run-quick';
      command: string;
      folder: string;
      give: QuickGive;
      /** The hash of the survey, and the look, that the operator confirmed. */
      survey: string;
      look: QuickLook;
    }
  /** First SIGTERM to everything it started, then SIGKILL. */
  | { type: 'stop-quick' }
  /** Looks again at what it did. */
  | { type: 'settle-quick' };

export type QuickEvent =
  /** Null: the runbook names no command. */
  | { type: 'quick-looked'; look: QuickLook | null }
  | { type: 'quick-look-failed'; error: ExplainedError }
  /** Nothing was run. */
  | { type: 'quick-changed'; look: QuickLook; survey: Survey }
  | { type: 'quick-failed'; error: ExplainedError }
  | { type: 'quick-line'; line: string }
  | { type: 'quick-started'; at: number }
  /** It has ended; what it did is looked at, or could not be. */
  | { type: 'quick-settling' }
  | { type: 'quick-unsettled'; error: ExplainedError }
  | { type: 'quick-ended'; end: QuickEnd; survey: Survey };
