/** What is found beside the steps: who blocks, and other runs. */
import type { Blocker, LockWait, OtherRun } from '../../src/wizard/types.ts';

export const blocker = (more: Partial<Blocker> = {}): Blocker => ({
  pid: 4711,
  backendStart: '2026-11-22 10:00:00.1',
  user: 'app',
  application: 'web',
  address: '10.0.0.3',
  state: 'active',
  ageSeconds: 75,
  query: 'SELECT * FROM snapshots',
  holds: ['ACCESS SHARE on snapshots'],
  mayCancel: true,
  mayTerminate: true,
  waitsForUs: false,
  ...more,
});

/** `n` chooses who blocks, and how often it was tried. */
export const lockWait = (step = 'step-1', n = 1, more: Partial<LockWait> = {}): LockWait => ({
  step,
  during: 'step',
  table: 'snapshots',
  level: 'ACCESS EXCLUSIVE',
  attempt: (n % 20) + 1,
  attempts: 20,
  since: 1_000,
  nextTryAt: 5_200,
  pauseSeconds: 1.2,
  blockers:
    n % 7 === 0
      ? []
      : [
          blocker(n % 5 === 0 ? { state: 'idle in transaction' } : {}),
          blocker({ pid: 4800, mayTerminate: n % 3 > 0 }),
        ],
  acting: null,
  ...more,
});

export const otherRun = (more: Partial<OtherRun> = {}): OtherRun => ({
  run: '20261120-0301-q8xz',
  kind: 'rollback',
  operator: 'mia',
  host: 'ops2',
  startedAt: '2026-11-20 03:01:12 UTC',
  ageSeconds: 4000,
  live: false,
  pid: null,
  stepsDone: ['step-1'],
  activity: '',
  undoes: null,
  plan: null,
  runbook: null,
  ...more,
});
