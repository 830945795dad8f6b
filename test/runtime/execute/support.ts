/** A step made by hand and the executor on it, with time and chance in the test's hands. */
import type { LockPolicy } from '../../../src/sql/execute/lock-policy.ts';
import { runStep, type LockTry, type StepRequest, type StepResult } from '../../../src/sql/execute.ts';
import type { Action, ActionRole, Procedure, StepLocks } from '../../../src/sql/procedure/types.ts';
import type { Session } from '../../../src/sql/session.ts';

/** Long enough for a lock that is free, short enough for a test; the pauses are the test's own. */
export const QUICK: LockPolicy = {
  tryMs: 100,
  firstPauseMs: 10,
  longestPauseMs: 10,
  tries: 4,
  totalMs: 60_000,
};

export interface Made {
  step?: string;
  locks?: StepLocks[];
  guarded?: string[];
}

/** Actions as `[role, sql]`, or plain SQL for a statement of the runbook. */
export function procedureOf(actions: readonly (string | [ActionRole, string])[], made: Made = {}): Procedure {
  return {
    step: made.step ?? 'step-1',
    title: 'Made by hand',
    form: 'as-written',
    actions: actions.map((given, at): Action => {
      const [role, sql] = typeof given === 'string' ? (['statement', given] as const) : given;
      return { index: at + 1, role, carries: [], sql, command: sql.split(' ')[0] ?? '', words: '' };
    }),
    locks: made.locks ?? [],
    guarded: made.guarded ?? [],
    archive: [],
    cost: { lock: '', readers: true, writers: true, bytes: 0, basis: '', archiveBytes: 0 },
    notUndoable: [],
    hash: 'made by hand',
  };
}

export interface Ran {
  result: StepResult;
  /** What was told, in order: `trying codebase 1`, `missed codebase 1`, `taken`, `started 1`, `done 1`, `committing`. */
  told: string[];
}

export interface Running extends Partial<
  Pick<StepRequest, 'unchanged' | 'stopped' | 'locks' | 'schema' | 'policies' | 'deadlocked'>
> {
  /** In each pause, from 1: nothing else happens until it resolves. */
  pause?(count: number): Promise<void>;
  trying?(tried: LockTry): void;
  /** Before COMMIT. */
  committing?(): Promise<void>;
}

export async function run(session: Session, procedures: Procedure[], running: Running = {}): Promise<Ran> {
  const told: string[] = [];
  let pauses = 0;
  const result = await runStep({
    session,
    schema: running.schema ?? 'public',
    procedures,
    locks: running.locks ?? procedures.flatMap(({ locks }) => locks),
    lockTimeoutMs: 1000,
    policies: running.policies ?? { before: QUICK, amid: QUICK },
    ...(running.deadlocked === undefined ? {} : { deadlocked: running.deadlocked }),
    unchanged: running.unchanged ?? (() => Promise.resolve(true)),
    hooks: {
      lockTrying: (tried) => {
        told.push(`trying ${tried.table} ${tried.attempt}`);
        running.trying?.(tried);
      },
      lockMissed: ({ table, attempt }) => told.push(`missed ${table} ${attempt}`),
      lockTaken: () => told.push('taken'),
      actionStarted: (_step, { index }) => told.push(`started ${index}`),
      notice: (_step, { index }, text) => told.push(`notice ${index} ${text}`),
      actionDone: (_step, { index }) => told.push(`done ${index}`),
      actionFailed: (_step, { index }) => told.push(`failed ${index}`),
      committing: async () => {
        told.push('committing');
        await running.committing?.();
      },
    },
    stopped: running.stopped ?? (() => false),
    now: () => Date.now(),
    random: () => 0.5,
    pause: async () => {
      pauses += 1;
      await running.pause?.(pauses);
    },
  });
  return { result, told };
}
