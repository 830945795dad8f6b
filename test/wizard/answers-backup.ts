/** What finding, taking, proving and dropping backups may come to, for the random walk. */
import type { Event, Task } from '../../src/wizard/types.ts';
import { failure } from './support.ts';

type BackupTask = Extract<
  Task,
  | { type: 'find-backups' }
  | { type: 'take-backup' }
  | { type: 'prove-backup' }
  | { type: 'drop-scratch' }
  | { type: 'cancel-backup' }
>;

const PATH = '/backups/orders.dump';

/** Work may only have begun: what cancels it tells the end. */
export function answersOfBackup(task: BackupTask, n: number): Event[] {
  const begun: Event[] = [
    { type: 'backup-begun', at: n },
    { type: 'backup-progress', words: 'snapshots, 8 kB', line: n % 2 > 0 },
  ];
  if (task.type !== 'find-backups' && task.type !== 'cancel-backup' && n % 6 === 0) return begun;
  if (n % 5 === 0) return [{ type: 'backup-failed', error: failure() }];
  switch (task.type) {
    case 'find-backups': {
      const proposal = n % 2 ? { path: PATH, words: 'An hour old.' } : null;
      const leftOvers = n % 3 ? [] : ['backout_proof_1'];
      return [{ type: 'backups-found', found: { folder: '/backups', proposal, leftOvers } }];
    }
    case 'take-backup':
      return [...begun, { type: 'backup-taken', path: PATH, bytes: 9, seconds: 1, words: 'Taken.' }];
    case 'prove-backup': {
      const verdict = (['equal', 'changed', 'failed'] as const)[n % 3] ?? 'failed';
      return [
        ...begun,
        { type: 'backup-proved', proof: { path: task.path, verdict, words: ['Proved.'] }, seconds: 1 },
      ];
    }
    case 'drop-scratch':
      return [{ type: 'scratch-dropped', names: n % 2 ? ['backout_proof_1'] : [] }];
    case 'cancel-backup':
      return [{ type: 'backup-failed', error: failure({ message: 'stopped' }) }];
  }
}
