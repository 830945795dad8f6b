/** What a rehearsal may come to, for the random walk. */
import type { Rehearsal } from '../../src/rehearse/types.ts';
import type { Event, RehearsalTask } from '../../src/wizard/types.ts';
import { failure, PLAN, survey } from './support.ts';

/** One that ran to its end, of the plan as `survey()` found it. */
export const rehearsal = (more: Partial<Rehearsal> = {}): Rehearsal => ({
  outcome: 'ok',
  way: 'schema',
  refused: [],
  plan: PLAN.hash,
  look: survey().hash,
  needed: null,
  tables: [],
  steps: [
    {
      ...{ id: 'step-1', title: 'One', form: 'as-written', outcome: 'ok', seconds: 1, estimate: null },
      ...{ statements: [], locks: [], archiveBytes: 0, archivedRows: 0, error: null, failing: [], words: [] },
    },
  ],
  verification: null,
  undo: null,
  notRehearsed: [],
  left: null,
  stopped: '',
  seconds: 3,
  ...more,
});

/** Work may only have begun: what stops it tells the end. */
export function answersOfRehearsal(task: RehearsalTask, n: number): Event[] {
  const stopped: Event = {
    type: 'rehearsed',
    rehearsal: rehearsal({ outcome: 'stopped', stopped: 'It was stopped.' }),
    words: ['It was stopped.'],
  };
  if (task.type === 'cancel-rehearsal') return n % 2 ? [stopped] : [];
  const begun: Event[] = [
    { type: 'rehearsal-begun', at: n },
    { type: 'rehearsal-progress', words: 'Copied orders.' },
  ];
  if (n % 5 === 0) return begun;
  if (n % 4 === 0) return [...begun, { type: 'rehearsal-failed', error: failure() }];
  return [...begun, { type: 'rehearsed', rehearsal: rehearsal(), words: ['Rehearsed.'] }];
}
