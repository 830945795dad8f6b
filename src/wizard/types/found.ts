/** What is found beside the steps themselves: locks that are held, other runs, what a broken-off run left. */
import type { RunKind } from '../../journal/types.ts';

export type Found = 'done' | 'not-done' | 'still-running';

/** A session that holds a lock we wait for. Texts are sanitised. */
export interface Blocker {
  pid: number;
  /** With the pid, what tells this session from a later one with the same pid. */
  backendStart: string;
  user: string;
  application: string;
  address: string;
  /** pg_stat_activity.state. */
  state: string;
  /** Of its transaction. */
  ageSeconds: number | null;
  query: string;
  /** e.g. `ACCESS SHARE on codebase_snapshots`. */
  holds: string[];
  mayCancel: boolean;
  mayTerminate: boolean;
  /** It waits for a lock that the waiting session holds: neither can go on before the other ends. */
  waitsForUs: boolean;
}

export interface LockWait {
  step: string;
  /**
   * What it waits with: a look before the step, the step itself, a statement of it outside of transactions, or the look
   * after its COMMIT.
   */
  during: 'look' | 'step' | 'outside' | 'after';
  /** Sanitised, as `level`. */
  table: string;
  level: string;
  /** From 1. */
  attempt: number;
  attempts: number;
  /** ms since the epoch: when the first try began. */
  since: number;
  /** ms since the epoch: between two tries; null while a try is under way. */
  nextTryAt: number | null;
  /** Length of the pause before the next try, in seconds; null while a try is under way. */
  pauseSeconds: number | null;
  blockers: Blocker[];
  /** What is being done to a blocker right now, in words. */
  acting: string | null;
}

/** Another run that the database knows of: at work, or broken off. Texts are sanitised. */
export interface OtherRun {
  run: string;
  kind: RunKind;
  operator: string;
  host: string;
  startedAt: string;
  ageSeconds: number;
  /** Its session is still there. */
  live: boolean;
  pid: number | null;
  /** Ids of its steps that are committed. */
  stepsDone: string[];
  /** What its session does now. */
  activity: string;
  /** The run that it takes back; null for a rollback. */
  undoes: string | null;
  /** Hash of its plan, and the title of its runbook; null where its row cannot be read. */
  plan: string | null;
  runbook: string | null;
}

/** A run that is gone on with under its own id. */
export interface Resumed {
  run: string;
  /** Ids of the steps that it had committed. */
  doneBefore: string[];
  /** Titles of those steps, by id. */
  titles: Record<string, string>;
  host: string;
  operator: string;
}
