/** What a database, a machine and a child process may say to a task: it works, fails, changes or goes silent. */
import type { PositionState } from '../../src/sql/types.ts';
import type { Event, Found, Task } from '../../src/wizard/types.ts';
import { answersOfBackup } from './answers-backup.ts';
import { answersOfRehearsal } from './answers-rehearsal.ts';
import { answersOfQuick, quickLook } from './answers-quick.ts';
import { escalationDone, escalationFacts, OPEN, prepared } from './escalation.ts';
import { lockWait, otherRun } from './found.ts';
import { failure, PLAN, repair, result, SERVER, survey, verification } from './support.ts';

const FOUND: Found[] = ['done', 'not-done', 'still-running'];
const STATES: PositionState[] = ['applied', 'pending', 'partial', 'conflict'];

export const pick = <T>(list: readonly T[], n: number): T => {
  const found = list[n % list.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

/** A survey in one of many shapes; the hash says which. */
export const surveyOf = (n: number) => {
  const mostly = (shift: number): PositionState =>
    (n >> shift) % 9 === 0 ? pick(STATES, Math.floor(n / 40) >> shift) : 'pending';
  const seen = survey([mostly(0), mostly(2), mostly(4)], { hash: `hash-${n % 97}-xxxxxxxxxxxx` });
  if (n % 3 === 0) seen.risk.dataAtRisk = [];
  if (n % 17 === 0) seen.offers.splice(n % 3, 1);
  return seen;
};

/** The events with which a task may end, or go on. */
export function answersOf(task: Task, n: number): Event[] {
  switch (task.type) {
    case 'connect':
      return n % 5 === 0
        ? [{ type: 'connect-failed', error: failure() }]
        : [
            { type: 'connecting', settings: [] },
            { type: 'connected', server: SERVER },
          ];
    case 'check':
      if (n % 7 === 0) return [{ type: 'prerequisites-failed', error: failure() }];
      return [
        { type: 'prerequisite', result: result('primary', 'pass') },
        { type: 'prerequisite', result: result('backup', n % 3 === 0 ? 'warn' : 'pass') },
        { type: 'prerequisite', result: result('other-run', n % 11 === 0 ? 'fail' : 'pass') },
        ...(n % 5 === 0 && task.withoutArchive !== true
          ? [{ type: 'prerequisite', result: result('archive', 'fail') } as const]
          : []),
        ...(n % 4 === 0 ? [{ type: 'other-run', other: otherRun({ live: n % 8 === 0 }) } as const] : []),
        ...(n % 3 === 0
          ? [{ type: 'step-found', step: `step-${(n % 2) + 1}`, found: pick(FOUND, n) } as const]
          : []),
        { type: 'prerequisites-done', survey: n % 13 === 0 ? null : surveyOf(n) },
      ];
    case 'gather-evidence':
      return n % 6 === 0
        ? [{ type: 'evidence-failed', error: failure() }]
        : [
            {
              type: 'evidence',
              evidence: [],
              toAsk: n % 2 ? [{ id: 'deployed', text: 'Not deployed', supports: 'rollback' }] : [],
            },
          ];
    case 'escalate':
      return escalated(task, n);
    case 'find-repairs':
      return n % 5 === 0
        ? [{ type: 'repairs-failed', error: failure() }]
        : [{ type: 'repairs', found: [repair('one'), repair('two', n % 2 > 0)].slice(n % 3) }];
    case 'write-skeleton':
      return n % 3 === 0
        ? [{ type: 'skeleton-failed', error: failure() }]
        : [{ type: 'skeleton-written', paths: ['/fix.exs', '/fix.sql'] }];
    case 'run-step':
      return task.steps ? answersOfWhole(task.steps, n) : answersOfStep(task.step, n);
    case 'watch':
      return [{ type: 'other-run', other: n % 3 === 0 ? null : otherRun({ live: n % 2 === 0 }) }];
    case 'take-over':
      return n % 4 === 0
        ? [{ type: 'other-run', other: otherRun({ live: true }) }]
        : [
            {
              type: 'taken-over',
              run: task.run,
              resumed: {
                run: task.run,
                doneBefore: n % 2 ? ['step-1'] : [],
                titles: {},
                host: 'h',
                operator: 'o',
              },
              survey: survey(n % 2 ? ['applied'] : []),
            },
          ];
    case 'lock-action':
      return [{ type: 'lock-acted', text: 'Done.' }];
    case 'verify':
      return n % 4 === 0
        ? [{ type: 'verify-failed', error: failure() }]
        : [{ type: 'verified', verification: verification(n % 3 > 0) }];
    case 'run-command':
      return [
        { type: 'command-output', item: task.item, line: 'out' },
        {
          type: 'command-done',
          item: task.item,
          result: { command: 'c', exitStatus: n % 2, signal: null, seconds: 1, tail: [] },
        },
      ];
    case 'cancel-step':
      return n % 2 ? [{ type: 'trouble', what: 'cancel-step', error: failure() }] : [];
    case 'write-report':
      return n % 3 === 0
        ? [{ type: 'report-failed', error: failure() }]
        : [{ type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: ['s'] }];
    case 'look-quick':
    case 'run-quick':
    case 'stop-quick':
    case 'settle-quick':
      return answersOfQuick(task, n, surveyOf(n));
    case 'find-backups':
    case 'take-backup':
    case 'prove-backup':
    case 'drop-scratch':
    case 'cancel-backup':
      return answersOfBackup(task, n);
    case 'rehearse':
    case 'cancel-rehearsal':
      return answersOfRehearsal(task, n);
    case 'scan-application':
      return n % 3 === 0
        ? [{ type: 'application-failed', error: failure() }]
        : [{ type: 'application-scanned', scan: null }];
    default:
      return [];
  }
}

/** One transaction: told step by step, decided once. */
function escalated(task: Extract<Task, { type: 'escalate' }>, n: number): Event[] {
  switch (task.do) {
    case 'look':
      return n % 3 === 0
        ? [{ type: 'escalate-blind', why: 'no' }]
        : [
            {
              type: 'escalate-looked',
              facts: escalationFacts({ stopped: n % 2 ? { at: 'now', by: 'ada' } : null }),
            },
          ];
    case 'prepare':
      return n % 4 === 0
        ? [{ type: 'escalate-failed', error: failure() }]
        : [
            {
              type: 'escalate-prepared',
              prepared: prepared(task.act, {
                confirm: n % 3 ? 'orders' : null,
                questions: n % 5 ? [] : [OPEN],
              }),
            },
          ];
    case 'carry-out':
      return n % 3 === 0
        ? [
            { type: 'escalate-begun', at: n },
            { type: 'escalate-failed', error: failure() },
          ]
        : [
            { type: 'escalate-begun', at: n },
            { type: 'escalate-output', line: 'x' },
            { type: 'escalate-done', done: escalationDone({ exchanged: n % 7 === 1 }) },
          ];
    case 'cancel':
      return [];
  }
}

function answersOfWhole(steps: string[], n: number): Event[] {
  const begun = steps.flatMap((step): Event[] => [
    { type: 'step-started', step, at: n },
    { type: 'statement-started', step, index: 1 },
    { type: 'statement-done', step, index: 1, rows: n, seconds: 1 },
  ]);
  const last = pick(steps, n);
  switch (n % 5) {
    case 0:
      return [...begun, { type: 'step-failed', step: last, seconds: 1, error: failure(), cancelled: false }];
    case 1:
      return [...begun, { type: 'step-unknown', step: last, seconds: 1, error: failure() }];
    case 2:
      return [{ type: 'survey-changed', step: last, survey: surveyOf(n) }];
    default:
      return [
        ...begun,
        ...steps.map((step, index): Event => ({
          type: 'step-done',
          step,
          seconds: 1,
          survey: index < steps.length - 1 || n % 2 ? null : survey(['applied', 'applied', 'applied']),
        })),
      ];
  }
}

function answersOfStep(step: string, n: number): Event[] {
  const begun: Event[] = [
    { type: 'step-started', step, at: n },
    { type: 'statement-started', step, index: 1 },
  ];
  const done = PLAN.steps.findIndex(({ id }) => id === step) + 1;
  if (n % 4 === 3) begun.push({ type: 'lock-waiting', wait: lockWait(step, n) });
  // Somebody holds the lock and goes on holding it.
  if (n % 16 === 7) return [...begun.slice(0, 1), { type: 'lock-waiting', wait: lockWait(step, n) }];
  switch (n % 8) {
    case 0:
      return [{ type: 'survey-changed', step, survey: n % 3 ? surveyOf(n) : survey(['conflict']) }];
    case 1:
      return [...begun, { type: 'step-failed', step, seconds: 1, error: failure(), cancelled: n % 3 === 0 }];
    case 2:
      return [...begun, { type: 'step-unknown', step, seconds: 1, error: failure() }];
    case 3:
      return [...begun, { type: 'step-done', step, seconds: 1, survey: null }];
    default: {
      const after = survey(
        PLAN.steps.map((_, index) => (index < done ? 'applied' : 'pending')),
        {
          hash: `hash-after-${done}-${n}`,
        },
      );
      return [
        ...begun,
        { type: 'statement-done', step, index: 1, rows: 1, seconds: 0.1 },
        { type: 'step-done', step, seconds: 1, survey: after },
      ];
    }
  }
}

/** Events that nothing asked for. */
export function garbage(n: number): Event {
  const step = pick(['step-1', 'step-2', 'step-3', 'step-9'], n >> 3);
  return pick<Event>(
    [
      { type: 'start' },
      { type: 'connected', server: SERVER },
      { type: 'connect-failed', error: failure() },
      { type: 'prerequisite', result: result('stray', 'fail') },
      { type: 'prerequisites-done', survey: surveyOf(n) },
      { type: 'evidence', evidence: [], toAsk: [] },
      { type: 'step-started', step, at: n },
      { type: 'statement-done', step, index: n % 4, rows: null, seconds: 1 },
      { type: 'statement-notice', step, index: 1, text: 'NOTICE' },
      { type: 'step-done', step, seconds: 1, survey: n % 2 ? null : surveyOf(n) },
      { type: 'step-failed', step, seconds: 1, error: failure(), cancelled: false },
      { type: 'step-unknown', step, seconds: 1, error: failure() },
      { type: 'survey-changed', step, survey: surveyOf(n) },
      { type: 'verified', verification: verification(true) },
      {
        type: 'command-done',
        item: 'tests',
        result: { command: '', exitStatus: 0, signal: null, seconds: 0, tail: [] },
      },
      { type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: [] },
      { type: 'report-failed', error: failure() },
      { type: 'trouble', what: 'record', error: failure() },
      { type: 'trouble', what: 'take-over', error: failure() },
      { type: 'lock-waiting', wait: lockWait(step, n) },
      { type: 'lock-taken', step },
      { type: 'archived', step, objects: [] },
      { type: 'step-found', step, found: pick(FOUND, n) },
      { type: 'other-run', other: n % 2 ? null : otherRun() },
      { type: 'quick-looked', look: quickLook() },
      { type: 'quick-changed', look: quickLook(), survey: surveyOf(n) },
      { type: 'quick-failed', error: failure() },
      { type: 'quick-line', line: 'stray' },
      ...answersOfQuick({ type: 'stop-quick' }, n, surveyOf(n)),
      { type: 'backup-failed', error: failure() },
      { type: 'backup-taken', path: '/stray', bytes: 1, seconds: 1, words: 'Stray.' },
      { type: 'scratch-dropped', names: [] },
    ],
    n,
  );
}
