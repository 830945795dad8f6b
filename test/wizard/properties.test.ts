import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { screenOf } from '../../src/steps/index.ts';
import { withValues } from '../../src/steps/procedure.ts';
import { askedOf } from '../../src/wizard/asked.ts';
import { isBackupBusy } from '../../src/wizard/backup.ts';
import { procedureOf } from '../../src/wizard/procedure.ts';
import { isQuickBusy } from '../../src/wizard/quick.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import { initialState } from '../../src/wizard/state.ts';
import type { Event, Question, Task } from '../../src/wizard/types.ts';
import { wholeHash } from '../../src/wizard/whole.ts';
import { answersOf } from './answers.ts';
import { beginningOf, moves, play } from './play.ts';
import { keepsActions, keepsQuestion, keepsUnattended } from './promises.ts';
import { SERVER, sqlIn, wordsIn } from './support.ts';

const RUNS = { numRuns: 100 };

describe('whatever arrives', () => {
  test('a step runs only on the right answer to the question that showed its SQL and the hash', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (before, event, _, tasks) => {
          for (const task of tasks) {
            if (task.type !== 'run-step') continue;
            const screen = screenOf(before);
            const { question } = screen;
            expect(question.subject).toBe((task.steps ?? [task.step]).at(-1));
            expect(['confirm', 'typed']).toContain(question.kind);
            const right = question.kind === 'typed' ? question.expected : 'yes';
            expect(event).toEqual({ type: 'answer', question: question.id, value: right });
            const own = procedureOf(before, question.subject ?? '');
            expect(wordsIn(screen.blocks)).toContain(own?.hash.slice(0, 12));
            expect(wordsIn(screen.blocks)).toContain(task.confirmed.slice(0, 12));
            expect(sqlIn(screen.blocks)).toEqual(own?.actions.map(withValues));
            expect(tasks.filter(({ type }) => type === 'run-step')).toHaveLength(1);
            expect(tasks[0]).toMatchObject({
              type: 'record',
              event: { type: 'step-confirmed', step: question.subject, hash: own?.hash },
            });
            const steps = task.steps ?? [task.step];
            const hashes = steps.map((id) => procedureOf(before, id)?.hash ?? '');
            expect(task.confirmed).toBe(task.steps ? wholeHash(hashes) : hashes[0]);
            expect(Object.keys(task.forms)).toEqual(steps);
            // Each of the others was confirmed before, on its own screen, as it stands now.
            for (const [index, id] of steps.slice(0, -1).entries()) {
              expect(before.steps.find((step) => step.id === id)?.confirmed).toBe(hashes[index]);
            }
          }
        });
      }),
      RUNS,
    );
  });

  test('no step runs before all steps ahead of it are done or found applied, nor while another runs', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (before, _, __, tasks) => {
          for (const task of tasks) {
            if (task.type !== 'run-step') continue;
            if (task.steps) {
              const open = before.steps.filter(
                ({ status }) => status !== 'done' && status !== 'already-applied',
              );
              expect(task.steps).toEqual(open.map(({ id }) => id));
            }
            const index = before.steps.findIndex(({ id }) => id === task.step);
            const ahead = before.steps.slice(0, index).map(({ status }) => status);
            expect(ahead.filter((status) => status !== 'done' && status !== 'already-applied')).toEqual([]);
            expect(before.steps.map(({ status }) => status)).not.toContain('running');
            expect(before.steps.map(({ status }) => status)).not.toContain('unknown');
            expect(before.prerequisites.results.some(({ status }) => status === 'fail')).toBe(false);
          }
        });
      }),
      RUNS,
    );
  });

  test('the quick command runs only on the typed name, from the screen that showed it, and beside no step', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (before, event, after, tasks) => {
          for (const task of tasks) {
            if (task.type === 'run-step') expect(isQuickBusy(before)).toBe(false);
            if (task.type !== 'run-quick') continue;
            const { question } = screenOf(before);
            expect(question).toMatchObject({ kind: 'typed', expected: SERVER.database });
            expect(event).toEqual({ type: 'answer', question: question.id, value: SERVER.database });
            expect(sqlIn(screenOf(before).blocks)).toEqual([task.command]);
            expect(before.steps.some(({ attempt }) => attempt > 0)).toBe(false);
            expect(before.prerequisites.results.some(({ status }) => status === 'fail')).toBe(false);
            expect(task.survey).toBe(before.survey?.hash);
            expect(tasks.slice(0, 2)).toMatchObject([
              { type: 'record', event: { type: 'step-confirmed', step: 'quick', typed: SERVER.database } },
              { type: 'record', event: { type: 'step-started', step: 'quick' } },
            ]);
          }
          // What is under way is told to its end: no other screen is entered, and nothing ends the run.
          if (isQuickBusy(after)) expect([after.screen, after.ending]).toEqual(['quick', null]);
        });
      }),
      RUNS,
    );
  });

  test('a backup is worked on only where it was asked for, one thing at a time, and never beside a step', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (before, event, after, tasks) => {
          const worked = tasks.filter(({ type }) =>
            ['take-backup', 'prove-backup', 'drop-scratch'].includes(type),
          );
          expect(worked.length).toBeLessThanOrEqual(1);
          if (worked.length > 0) {
            const { wanted } = before.backup;
            expect(isBackupBusy(before) && event.type !== 'backup-taken').toBe(false);
            if (event.type !== 'answer') expect(wanted.take || wanted.prove).toBe(true);
          }
          if (isBackupBusy(after)) {
            expect(after.screen).toBe('prerequisites');
            expect(after.steps.map(({ status }) => status)).not.toContain('running');
          }
        });
      }),
      RUNS,
    );
  });

  test('the outcome is set once, the result recorded once and last, with the same ending', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const { state, tasks } = play(list, (before, _, after) => {
          if (before.outcome) expect(after.outcome).toBe(before.outcome);
          if (before.ending) expect(after.ending).toBe(before.ending);
        });
        const records = tasks.flatMap((task) => (task.type === 'record' ? [task.event] : []));
        const results = records.filter(({ type }) => type === 'result');
        expect(results).toHaveLength(state.ending ? 1 : 0);
        if (state.ending) expect(records.at(-1)).toMatchObject({ type: 'result', ...state.ending });
        if (state.outcome) expect(state.outcome).toMatchObject({ ...state.ending });
      }),
      RUNS,
    );
  });

  test('every state has a screen with a question, its id and its answers as the reducer takes them', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (_, __, after) => {
          keepsQuestion(after);
        });
      }),
      RUNS,
    );
  });

  test('a question without a flag has an answer for a run without an operator, and it is one that is taken', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (_, __, after) => {
          keepsUnattended(after);
        });
      }),
      RUNS,
    );
  });

  test('every enabled action does something, and a disabled one nothing but give its reason', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(list, (_, __, after) => {
          keepsActions(after);
        });
      }),
      RUNS,
    );
  });

  test('a question id is never asked again once it was answered, but for one that names what it is about', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const answered = new Set<string>();
        play(list, (before, event, after) => {
          if (event.type !== 'answer' || after === before) return;
          answered.add(event.question);
          expect(askedOf(after).id).not.toBe(event.question);
          const { id, name } = askedOf(after);
          if (name !== 'accept' && name !== 'criterion' && askedOf(after).kind !== 'wait') {
            expect(answered.has(id)).toBe(false);
          }
        });
      }),
      RUNS,
    );
  });

  test('the moves do reach every screen and every question', () => {
    const missing = new Set([
      'target/connect-failed',
      'target/url',
      'prerequisites/accept',
      'prerequisites/declined',
      'prerequisites/blocked',
      'prerequisites/check-failed',
      'decision/criterion',
      'decision/choose',
      'decision/reason',
      'decision/evidence-failed',
      'forward/forward',
      'plan/plan',
      'plan/form',
      'step/confirm',
      'step/no-form',
      'step/not-met',
      'step/form',
      'step/lock',
      'step/terminate',
      'prerequisites/other-run',
      'prerequisites/watching',
      'prerequisites/taking-over',
      'prerequisites/without-archive',
      'step/running',
      'step/cancelling',
      'step/paused',
      'step/failed',
      'step/unknown',
      'step/stale',
      'step/conflict',
      'step/look',
      'step/after',
      'verification/verification',
      'verification/not-verified',
      'verification/verify-failed',
      'checklist/item',
      'checklist/note',
      'checklist/command',
      'checklist/run-command',
      'checklist/own-command',
      'checklist/checklist',
      'report/close',
      'report/report-failed',
      'report/ended',
      'plan/leave',
      'step/escalation-menu',
      'quick/quick-folder',
      'quick/quick-ready',
      'quick/quick-confirm',
      'quick/quick-keeping',
      'quick/quick-running',
      'quick/quick-stopping',
      'quick/quick-settling',
      'quick/quick-unsettled',
      'quick/quick-nothing',
      'quick/quick-done',
      'prerequisites/backup',
      'prerequisites/backup-looking',
      'prerequisites/backup-path',
      'prerequisites/backup-place',
      'prerequisites/backup-taking',
      'prerequisites/backup-proving',
      'prerequisites/backup-dropping',
      'step/escalation-preparing',
    ]);
    fc.assert(
      fc.property(moves, (list) => {
        if (missing.size === 0) return;
        for (const place of play(list, () => undefined).reached) missing.delete(place);
      }),
      { numRuns: 1200, seed: 7 },
    );
    expect([...missing]).toEqual([]);
  });
});

/** Tasks that change something, here or on this machine. */
const DOES: readonly Task['type'][] = [
  'run-step',
  'run-quick',
  'take-backup',
  'prove-backup',
  'drop-scratch',
  'run-command',
  'edit-application',
];

test('Enter alone, on every question, never runs anything, whatever the database says', () => {
  const enter = (question: Question): string => {
    if (question.kind === 'choice') return question.default;
    if (question.kind === 'confirm') return 'no';
    return question.kind === 'continue' ? 'next' : '';
  };
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 20, maxLength: 80 }), (numbers) => {
      const [first = 0] = numbers;
      // What the command line asks for by a flag is no matter of Enter.
      let state = initialState({ ...beginningOf(first), backup: {} });
      const open: Task[] = [];
      const send = (event: Event): void => {
        const next = reduce(state, event);
        state = next.state;
        open.push(...next.tasks);
        for (const { type } of next.tasks) expect(DOES).not.toContain(type);
      };
      send({ type: 'start' });
      for (const n of numbers) {
        for (const task of open.splice(0)) for (const event of answersOf(task, n)) send(event);
        const { question } = screenOf(state);
        send({ type: 'answer', question: question.id, value: enter(question) });
      }
    }),
    RUNS,
  );
});
