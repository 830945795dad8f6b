/** A small drill and journals made by hand: times are minutes after the beginning. */
import type { JournalBody, JournalEvent, Outcome } from '../../../src/journal/types.ts';
import { parseMoment } from '../../../src/practice/drill/moment.ts';
import type { EndState, Rule } from '../../../src/practice/drill/types.ts';
import type { JudgedDrill } from '../../../src/practice/score/types.ts';

export const rule = (text: string, moment: string, more: Partial<Rule> = {}): Rule => ({
  text,
  moments: [parseMoment(moment)],
  about: 'check',
  beforeActing: true,
  ...more,
});

/** Right is to fix forward; there are two risks, a check, a wrong confirmation and two things to keep. */
export const DRILL: JudgedDrill = {
  id: 'empty-backup',
  title: 'The backup is empty',
  level: 'seasoned',
  minutes: 6,
  fault: { text: 'The backup holds nothing.', met: parseMoment('at prerequisites'), words: ['empty'] },
  right: {
    decision: 'fix-forward',
    alsoRight: ['stop'],
    why: 'Nothing could be brought back.',
    outcomes: ['fix-forward', 'declined'],
  },
  risks: [
    { id: 'backup', text: 'the backup is empty', noticed: [parseMoment('coach ask:backup right')] },
    { id: 'blocker', text: 'a report holds a lock', noticed: [parseMoment('waiting step-1')] },
  ],
  must: [rule('Look into the backup.', 'action prerequisites/backup')],
  mustNot: [
    rule('Accept the backup as it is.', 'consent backup', { about: 'confirmation', beforeActing: false }),
  ],
  keeps: [
    { id: 'events', title: 'Events', sql: 'SELECT count(*) FROM codebase_snapshots', sqlAfter: null },
    {
      id: 'summaries',
      title: 'Summaries',
      sql: 'SELECT count(summary) FROM codebase_snapshots',
      sqlAfter: null,
    },
  ],
  debrief: 'On the real database **24 min** of nobody writing.',
  expert: [
    { text: 'Looks into the backup.', moment: parseMoment('action prerequisites/backup') },
    { text: 'Calls the owner.', moment: null },
    { text: 'Decides to fix forward.', moment: parseMoment('answered decision/choose=fix-forward') },
  ],
};

export type Line = JournalBody & { after?: number };

/** The journal of these lines, a tenth of a minute apart where no time is given. */
export function journal(lines: readonly Line[]): JournalEvent[] {
  let minutes = 0;
  return lines.map(({ after, ...body }, at) => {
    minutes = after ?? minutes + 0.1;
    return {
      schema: 'backout.event/1',
      seq: at + 1,
      at: new Date(Date.UTC(2026, 10, 22, 3, 0, 0) + minutes * 60_000).toISOString(),
      ...(body as JournalBody),
    };
  });
}

export const started: Line = {
  type: 'drill-started',
  drill: DRILL.id,
  title: DRILL.title,
  person: 'ada',
  simulated: [],
  judged: DRILL,
  after: 0,
};

/** The drill's fault comes into view. */
export const MET: Line = { type: 'shown', screen: 'prerequisites', asked: 'accept', subject: 'backup' };

export const answered = (screen: string, asked: string, value: string): Line => ({
  type: 'answered',
  screen,
  asked,
  subject: null,
  value,
});

export const coach = (id: string, right: boolean): Line => ({
  type: 'coach',
  what: 'ask',
  id,
  right,
  cost: 0,
});
export const hint = (id: string, cost: number): Line => ({
  type: 'coach',
  what: 'hint',
  id,
  right: null,
  cost,
});
export const consent = (id: string): Line => ({ type: 'consent', id, detail: `about ${id}` });
export const action = (screen: string, name: string): Line => ({ type: 'action-used', screen, action: name });
export const confirmed = (step: string): Line => ({
  type: 'step-confirmed',
  step,
  title: `Title of ${step}`,
  hash: 'h',
  typed: null,
});
export const finished = (step: string, outcome: 'done' | 'rolled-back' = 'done'): Line => ({
  type: 'step-finished',
  step,
  outcome,
  seconds: 0.2,
  error: null,
});
export const waiting = (step: string): Line => ({
  type: 'lock-waiting',
  step,
  table: 'codebase_snapshots',
  level: 'ACCESS EXCLUSIVE',
  attempt: 1,
  blockers: ['reporting, pid 7'],
});

export const decision = (choice: 'rollback' | 'fix-forward', path?: 'quick'): Line => ({
  type: 'decision',
  choice,
  recommendation: { choice: 'fix-forward', reasons: [], evidence: [] },
  evidence: [
    { id: 'writes', title: 'Writes since', supports: 'fix-forward', detail: '9 rows.', source: 'database' },
  ],
  reason: null,
  ...(path ? { path } : {}),
});

export const plan = (more: Partial<Extract<JournalBody, { type: 'plan' }>> = {}): Line => ({
  type: 'plan',
  hash: 'h',
  position: { steps: [] },
  locks: [],
  dataAtRisk: [],
  invented: [],
  baseline: { codebase_snapshots: 240 },
  ...more,
});

export const archived = (kind: 'table' | 'columns', rows: number, words: string): Line => ({
  type: 'archived',
  step: 'step-1',
  objects: [{ step: 'step-1', seq: 1, kind, object: 'codebase_snapshots', archived: 'a1', rows, words }],
});

export const result = (outcome: Outcome, after?: number): Line => ({
  type: 'result',
  outcome,
  exitStatus: 0,
  run: '20261122-0300-k3f9',
  steps: [],
  ...(after === undefined ? {} : { after }),
});

export const RIGHT: Line[] = [
  started,
  coach('backup', true),
  action('prerequisites', 'backup'),
  decision('fix-forward'),
  result('fix-forward', 5),
];

export const WRONG: Line[] = [
  started,
  consent('backup'),
  decision('rollback'),
  plan(),
  confirmed('step-1'),
  waiting('step-1'),
  finished('step-1'),
  result('verified', 2),
];

export const end = (events: number | null, summaries: number | null = 240): EndState => ({
  keeps: [
    { id: 'events', before: 240, after: events },
    { id: 'summaries', before: 240, after: summaries },
  ],
});

export const WHOLE = end(240);
