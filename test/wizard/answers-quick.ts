/** What a quick rollback may come to, for the random walk. */
import type { QuickFinding, QuickLook } from '../../src/quick/types.ts';
import type { Event, Survey, Task } from '../../src/wizard/types.ts';
import { failure } from './support.ts';

type QuickTask = Extract<
  Task,
  { type: 'look-quick' } | { type: 'run-quick' } | { type: 'stop-quick' } | { type: 'settle-quick' }
>;

export const quickFinding = (id: string, status: QuickFinding['status']): QuickFinding => ({
  id,
  title: `Title of ${id}`,
  status,
  detail: `Found ${id}.`,
  items: [],
});

export const quickLook = (more: Partial<QuickLook> = {}): QuickLook => ({
  written: 'cd app && mix ecto.rollback --step 1',
  folder: '/srv/app',
  folderFrom: '--project',
  findings: [quickFinding('mix', 'pass')],
  commands: [
    {
      id: 'written',
      command: 'mix ecto.rollback --step 1',
      takes: [{ version: '20250101000014', file: '20250101000014_align.exs' }],
      passedOver: [],
    },
  ],
  asksFolder: false,
  keeps: [{ table: 'snapshots', rows: 12, bytes: 8192 }],
  mayGiveUrl: true,
  ...more,
});

function lookOf(n: number): QuickLook | null {
  switch (n % 8) {
    case 0:
      return null;
    case 1:
      return quickLook({ findings: [quickFinding('mix', 'fail')], commands: [] });
    case 2:
      return quickLook({ findings: [quickFinding('latest', 'warn')], mayGiveUrl: false });
    case 3:
      return quickLook({ asksFolder: true, folder: null, folderFrom: '', commands: [] });
    default:
      return quickLook();
  }
}

/** It has ended, by itself or because it was asked to. */
function ended(n: number, survey: Survey): Event[] {
  const settling: Event = { type: 'quick-settling' };
  if (n % 5 === 0) return [settling, { type: 'quick-unsettled', error: failure() }];
  const changed = n % 3 > 0;
  const result = {
    command: 'mix ecto.rollback --step 1',
    exitStatus: n % 7 === 0 ? null : n % 2,
    signal: n % 7 === 0 ? 'SIGTERM' : null,
    seconds: 2,
    tail: ['Migrated'],
  };
  const found = {
    changed,
    recorded: !changed,
    words: [changed ? 'It changed this database.' : 'Nothing changed here.'],
    notUndoable: [],
    undoable: changed,
  };
  return [settling, { type: 'quick-ended', end: { result, found, archived: [] }, survey }];
}

/** Where it hangs, only its beginning is told: what stops it tells the end. */
export function answersOfQuick(task: QuickTask, n: number, survey: Survey): Event[] {
  switch (task.type) {
    case 'look-quick':
      return n % 9 === 4
        ? [{ type: 'quick-look-failed', error: failure() }]
        : [{ type: 'quick-looked', look: lookOf(n) }];
    case 'run-quick': {
      if (n % 10 === 0) return [{ type: 'quick-failed', error: failure() }];
      if (n % 10 === 1) return [{ type: 'quick-changed', look: quickLook(), survey }];
      const begun: Event[] = [
        { type: 'quick-started', at: n },
        { type: 'quick-line', line: '[info] == Running' },
      ];
      return n % 10 < 5 ? begun : [...begun, ...ended(n, survey)];
    }
    case 'stop-quick':
    case 'settle-quick':
      return ended(n, survey);
  }
}
