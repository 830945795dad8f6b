/** What the executor is given, what it tells while it works, and what comes of it. */
import type { Action, Procedure, StepLocks } from '../procedure/types.ts';
import type { Session } from '../session.ts';
import type { LockLevel } from '../types.ts';
import type { LockPolicy } from './lock-policy.ts';

/** One try to get a lock. */
export interface LockTry {
  /** The step that asks for it. */
  step: string;
  table: string;
  level: LockLevel;
  /** From 1. */
  attempt: number;
  attempts: number;
  /** When the first try began, as `now` told it. */
  since: number;
  /** True when the step has done work already, and is holding locks while it pauses. */
  amid: boolean;
}

/** What identifies the transaction that is about to be committed. */
export interface TransactionId {
  /** pg_current_xact_id(), with its epoch. */
  xid: string;
  /** pg_backend_pid(): not what BackendKeyData says behind a pooler. */
  backendPid: number;
}

export interface StepHooks {
  /** Heard at every try, right before the LOCK is sent, with the pid of the session that will wait. */
  lockTrying(tried: LockTry, backendPid: number): void;
  /** The try is over without the lock; `pauseMs` until the next, null when it was the last. */
  lockMissed(tried: LockTry, pauseMs: number | null): void;
  /** All locks of this place are held. */
  lockTaken(tried: LockTry | null): void;
  actionStarted(step: string, action: Action): void;
  notice(step: string, action: Action, text: string): void;
  actionDone(step: string, action: Action, rows: number | null, seconds: number): void;
  actionFailed(step: string, action: Action): void;
  /** The journal's intent: must be on disk before it resolves. */
  committing(transaction: TransactionId): Promise<void>;
  /**
   * Something is about to be sent outside of transactions, from the backend of that pid: from here on only the catalog
   * knows what came of it. Must be on disk before it resolves.
   */
  leaving?(backendPid: number): Promise<void>;
  /** What was sent so waits, and for whom; told until the next event of the step. */
  atWork?(step: string, action: Action, backendPid: number): void;
}

export interface StepRequest {
  session: Session;
  schema: string;
  /** One; several, in order, when the whole plan is one transaction. */
  procedures: Procedure[];
  /** Taken first, in the order given (`lockOrder`). */
  locks: StepLocks[];
  /** Milliseconds any lock that a statement takes by itself may be waited for. */
  lockTimeoutMs: number;
  /** The same outside of transactions, for each of those that have to end first; absent: {@link LONE_WAIT_MS}. */
  loneWaitMs?: number;
  policies: { before: LockPolicy; amid: LockPolicy };
  /**
   * Asked once the first locks are held, about all procedures, and again about one procedure when a stronger lock was
   * taken in its middle: is what it rests on still what was confirmed?
   */
  unchanged(procedure: Procedure | null): Promise<boolean>;
  /**
   * Whether somebody seen in the way of our last try waits for what we hold; null when nobody could be seen. Asked in the
   * middle of the work only.
   */
  deadlocked?(): boolean | null;
  hooks: StepHooks;
  /** True once the operator asked to stop: checked between actions and before COMMIT. */
  stopped(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Resolves after that many milliseconds, or sooner when the operator wants the next try now, or to stop. */
  pause(ms: number): Promise<void>;
}

/** Where it was: the action that failed, null between actions (BEGIN, locks, COMMIT). */
export interface Place {
  step: string;
  action: Action | null;
}

export type StepResult =
  /** `warnings` came with COMMIT: for example that no standby has it yet. */
  | { kind: 'committed'; seconds: number; warnings: string[] }
  /** Nothing ran: the database is not as it was when this was confirmed. */
  | { kind: 'changed'; step: string }
  /** Rolled back, by us or by the server when the connection went before COMMIT was sent. */
  | {
      kind: 'rolled-back';
      seconds: number;
      error: unknown;
      at: Place;
      /** The lock that could not be had in time. */
      lock: LockTry | null;
      cancelled: boolean;
    }
  /** COMMIT was sent and its answer never came, or what ran outside of transactions was not heard of again. */
  | { kind: 'unknown'; seconds: number; error: unknown }
  /** The server refused or ended what ran outside of transactions: something of it may be left. */
  | { kind: 'broken-off'; seconds: number; error: unknown; at: Place; cancelled: boolean };
