import { describe, expect, test } from 'vitest';
import type { Blocker, LockWait } from '../../src/wizard/types.ts';
import { blocker, lockWait } from './found.ts';
import { Walk, survey } from './support.ts';

const waiting = (more: Partial<LockWait> = {}): Walk =>
  new Walk().running().send({ type: 'lock-waiting', wait: lockWait('step-1', 2, more) });

const options = (walk: Walk) => (walk.question.kind === 'choice' ? walk.question.options : []);
const reason = (walk: Walk, value: string) => options(walk).find((one) => one.value === value)?.disabled;
const blockedBy = (...blockers: Blocker[]): Walk => waiting({ blockers });

describe('a step that waits for a lock', () => {
  test('says for which, how often it was tried, and who holds it', () => {
    const { words } = waiting();
    expect(words).toContain('Waiting for ACCESS EXCLUSIVE on snapshots try 3 of 20, next in 1.2 s');
    expect(words).toContain('pid 4711, user app, web, 10.0.0.3 active, transaction open for 1 min 15 s.');
    expect(words).toContain('Holds ACCESS SHARE on snapshots.');
    expect(words).toContain('Its query: SELECT * FROM snapshots');
  });

  test.each([
    ['look', 'The look before Step 1 waits for', 'Nothing of the step has been run'],
    ['after', 'Step 1 is committed; the look at what it left waits for', 'The step is committed.'],
  ] as const)('is told apart from a %s that waits', (during, prompt, words) => {
    const walk = waiting({ during });
    expect(walk.question.prompt).toContain(prompt);
    expect(walk.words).toContain(words);
  });

  test('says of a session that waits for it in turn that neither goes on', () => {
    expect(blockedBy(blocker({ waitsForUs: true })).words).toContain('It waits for you: it wants what this');
    expect(blockedBy(blocker()).words).not.toContain('It waits for you');
  });

  test('asks with waiting as the harmless answer, which no operator gives too', () => {
    const walk = waiting();
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'wait', unattended: 'wait' });
    walk.answer('wait');
    expect(walk.last).toEqual([]);
    expect(walk.question).toMatchObject({ kind: 'wait', since: 1_000 });
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 3) });
    expect(walk.question.kind).toBe('wait');
    expect(walk.act('blockers').question.kind).toBe('choice');
  });

  test('asks again when somebody else blocks', () => {
    const walk = waiting().answer('wait');
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 3, { blockers: [blocker({ pid: 5 })] }) });
    expect(walk.question.kind).toBe('choice');
  });

  test('is tried again at once when asked', () => {
    expect(waiting().answer('retry').last).toEqual([{ type: 'lock-action', action: 'retry-now' }]);
    expect(waiting().answer('wait').act('retry').last).toEqual([
      { type: 'lock-action', action: 'retry-now' },
    ]);
  });

  test('cancels the query of the one that was meant, told by pid and start', () => {
    const walk = waiting().answer('cancel:4711');
    expect(walk.last).toEqual([
      { type: 'lock-action', action: 'cancel', pid: 4711, backendStart: '2026-11-22 10:00:00.1' },
    ]);
    walk.send({ type: 'lock-acted', text: 'Its query was cancelled.' });
    expect(walk.words).toContain('Its query was cancelled.');
    expect(walk.journal.at(-1)).toEqual({ type: 'lock-acted', text: 'Its query was cancelled.' });
  });

  test('a key meant for one session never reaches another', () => {
    const walk = waiting();
    const { id } = walk.question;
    const other = blocker({ backendStart: 'later' });
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 2, { blockers: [other] }) });
    walk.send({ type: 'answer', question: id, value: 'cancel:4711' });
    expect(walk.started('lock-action')).toBe(0);
  });

  test('terminates only after its pid was typed', () => {
    const walk = waiting().answer('terminate:4711');
    expect(walk.started('lock-action')).toBe(0);
    expect(walk.question).toMatchObject({ kind: 'typed', expected: '4711' });
    expect(walk.question.id).toContain('terminate:4711');
    walk.answer('471');
    expect(walk.words).toContain('No session was terminated.');
    expect(walk.started('lock-action')).toBe(0);
    walk.answer('terminate:4711').answer('4711');
    expect(walk.last).toEqual([
      { type: 'lock-action', action: 'terminate', pid: 4711, backendStart: '2026-11-22 10:00:00.1' },
    ]);
  });

  test('asks for no pid of a session that has let go meanwhile', () => {
    const walk = waiting().answer('terminate:4711');
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 3, { blockers: [blocker({ pid: 9 })] }) });
    expect(walk.question).toMatchObject({ kind: 'choice' });
    expect(walk.answer('4711').started('lock-action')).toBe(0);
  });

  test('offers nothing that would do nothing or is not allowed, and says why', () => {
    const idle = blockedBy(blocker({ state: 'idle in transaction' }));
    expect(reason(idle, 'cancel:4711')).toContain('It runs no query');
    expect(reason(idle, 'terminate:4711')).toBeUndefined();
    expect(idle.answer('cancel:4711').started('lock-action')).toBe(0);
    const foreign = blockedBy(blocker({ mayCancel: false, mayTerminate: false }));
    expect(reason(foreign, 'cancel:4711')).toContain('may not cancel');
    expect(reason(foreign, 'terminate:4711')).toContain('may not terminate');
  });

  test('has nothing to ask where nobody is seen to block, or while something is being done', () => {
    expect(waiting({ blockers: [] }).question.kind).toBe('wait');
    const acting = waiting({ acting: 'Cancelling the query of pid 4711.' });
    expect(acting.question.kind).toBe('wait');
    expect(acting.words).toContain('Cancelling the query of pid 4711.');
  });

  test('can be cancelled as any running step, and is not left otherwise', () => {
    const walk = waiting().act('leave').act('cancel');
    expect(walk.last).toEqual([{ type: 'cancel-step' }]);
    expect(walk.question.kind).toBe('wait');
  });

  test('writes one line into the journal for each try', () => {
    const walk = waiting();
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 2, { pauseSeconds: null, nextTryAt: null }) });
    walk.send({ type: 'lock-waiting', wait: lockWait('step-1', 3) });
    const lines = walk.journal.filter((event) => event.type === 'lock-waiting');
    expect(lines.map(({ attempt }) => attempt)).toEqual([3, 4]);
    expect(lines[0]?.blockers[0]).toContain('pid 4711, user app, web, active: SELECT');
  });

  test('goes on as soon as it is taken; what is told of another step is nothing to it', () => {
    const walk = waiting();
    walk.send({ type: 'lock-waiting', wait: lockWait('step-2', 5) });
    expect(walk.state.waiting?.step).toBe('step-1');
    walk.send({ type: 'lock-taken', step: 'step-1' });
    expect(walk.state.waiting).toBeNull();
    expect(walk.question).toMatchObject({ kind: 'wait', since: 1_000 });
    const done = waiting().carriesOut(survey(['applied']));
    expect(done.state.waiting).toBeNull();
  });
});
