/** A rehearsal: what is asked, and what came of it. Sizes in bytes, times in seconds unless a name says otherwise. */
import type { ExplainedError } from '../postgres/types.ts';
import type { Form } from '../sql/procedure/types.ts';
import type { Failing, LockLevel, Verification } from '../sql/types.ts';

/**
 * schema: a scratch schema of the same database, in one transaction that is rolled back. database: a scratch database of
 * the same server, made by pg_dump. embedded: the embedded PostgreSQL of this machine; the database is only read.
 */
export type Way = 'schema' | 'database' | 'embedded';

/** Which is tried first: what can leave nothing behind, then what can do most, then what says least of the server. */
export const WAYS: readonly Way[] = ['schema', 'database', 'embedded'];

export interface RehearsalOptions {
  /** Absent: the first that is possible. */
  way?: Way;
  /** Percent of the rows of large tables; absent: all rows, or as many as the size limit allows. */
  sample?: number;
  timeLimitSeconds: number;
  /** What the rehearsal may write, tables and indexes. */
  sizeLimit: number;
  /** By step; absent: the form that is recommended. */
  forms: Readonly<Record<string, Form>>;
}

export const DEFAULT_LIMITS = { timeLimitSeconds: 600, sizeLimit: 2 * 1024 ** 3 } as const;

/** One table that was copied. */
export interface CopiedTable {
  table: string;
  /** In the copy. */
  rows: number;
  /** Of the rows asked for: 1 is all of them. */
  share: number;
  /** Of the copy, with its indexes. */
  bytes: number;
  /** Null where all tables were copied at once. */
  seconds: number | null;
}

export interface RehearsedLock {
  table: string;
  level: LockLevel;
  /** From taking it to the end of the step. */
  seconds: number;
}

export interface RehearsedStatement {
  index: number;
  /** The statements of the runbook that it carries out. */
  carries: number[];
  command: string;
  sql: string;
  rows: number | null;
  seconds: number;
}

export interface Estimate {
  /** Seconds. */
  low: number;
  high: number;
  basis: string;
}

export type StepOutcome = 'ok' | 'failed' | 'not-reached' | 'nothing-to-do' | 'refused';

export interface RehearsedStep {
  id: string;
  title: string;
  form: Form | null;
  outcome: StepOutcome;
  /** On the copy. */
  seconds: number;
  /** On the database; null where nothing was measured. */
  estimate: Estimate | null;
  statements: RehearsedStatement[];
  locks: RehearsedLock[];
  /** Bytes of what the archive would keep of the copy. */
  archiveBytes: number;
  archivedRows: number;
  error: ExplainedError | null;
  /** Rows of the copy, by their keys, on which a statement of this step fails. */
  failing: Failing[];
  /** Why it was refused; what else is to be said. */
  words: string[];
}

/** What it was going to cost, said before it begins. */
export interface Needed {
  /** Disk for the copy, and for what the steps write anew. */
  bytes: number;
  /** Write-ahead log, at most. */
  wal: number;
  /** Free on the server's disk; null where that cannot be seen from here. */
  free: number | null;
  /** Of the rows of large tables: 1 is all. */
  share: number;
}

export type RehearsalOutcome =
  'ok' | 'sql-failed' | 'verification-failed' | 'undo-failed' | 'limit' | 'stopped' | 'refused';

/** The undo of all steps, on the copy, after its verification. */
export interface RehearsedUndo {
  /** same: everything is as it was before the first step. */
  outcome: 'same' | 'different' | 'failed' | 'refused' | 'not-rehearsed';
  seconds: number;
  /** What is different, why it was refused or not rehearsed: one sentence each. */
  words: string[];
  /** The step whose undo failed, and why. */
  step: string | null;
  error: ExplainedError | null;
}

export interface Rehearsal {
  outcome: RehearsalOutcome;
  /** Null when it was refused. */
  way: Way | null;
  /** Ways that were not taken, and why. */
  refused: { way: Way; reasons: string[] }[];
  /** What it holds for: the plan, and the look that its procedures rest on. */
  plan: string;
  look: string;
  needed: Needed | null;
  tables: CopiedTable[];
  steps: RehearsedStep[];
  verification: Verification | null;
  /** Null where the steps did not run to their end. */
  undo: RehearsedUndo | null;
  /** One sentence each. */
  notRehearsed: string[];
  /** A scratch database that could not be dropped; the next rehearsal does. Null: nothing is left. */
  left: string | null;
  /** Of a limit, or of what stopped it: one sentence. */
  stopped: string;
  /** All of it, the copy included. */
  seconds: number;
}

/** What is told while it works. */
export type RehearsalNews =
  | { type: 'way'; way: Way; needed: Needed }
  | { type: 'copying'; table: string }
  | { type: 'copied'; table: CopiedTable }
  | { type: 'step'; step: string; title: string; form: Form }
  | { type: 'statement'; step: string; command: string; rows: number | null; seconds: number }
  | { type: 'step-over'; step: RehearsedStep }
  | { type: 'verifying' }
  | { type: 'undoing' }
  /** Scratch databases of rehearsals that were killed. */
  | { type: 'dropped'; names: string[] }
  /** A scratch database that could not be dropped. */
  | { type: 'left'; name: string };
