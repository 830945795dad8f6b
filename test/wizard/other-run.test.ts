import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import type { OtherRun, Resumed } from '../../src/wizard/types.ts';
import { otherRun } from './found.ts';
import { hashOf } from './procedures.ts';
import { Walk, failure, result, survey, verification } from './support.ts';

const RESUMED: Resumed = {
  run: '20261120-0301-q8xz',
  doneBefore: ['step-1'],
  titles: { 'step-1': 'Restore snapshots' },
  host: 'ops2',
  operator: 'mia',
};

/** The check finds another run before it ends. */
function found(other: Partial<OtherRun> = {}, walk = new Walk()): Walk {
  walk.connected().answer('next');
  walk.send({ type: 'prerequisite', result: result('other-run', 'fail') });
  walk.send({ type: 'other-run', other: otherRun(other) });
  return walk.send({ type: 'prerequisites-done', survey: survey(['applied']) });
}

const takenOver = (resumed = RESUMED, seen = survey(['applied'])): Walk =>
  found().answer('take-over').send({ type: 'taken-over', run: RESUMED.run, resumed, survey: seen });

describe('another run', () => {
  test('is told with its owner, host, age, steps done and what its session does', () => {
    const { words } = found({ live: true, pid: 31, activity: 'waits for a lock' });
    expect(words).toContain('Another run of backout is at work here');
    expect(words).toContain('Run 20261120-0301-q8xz, a rollback by mia on ops2');
    expect(words).toContain('Age: 66 min 40 s');
    expect(words).toContain('Steps done: Step 1');
    expect(words).toContain('Now, pid 31: waits for a lock');
  });

  test('that is live can be watched and waited for, not taken over', () => {
    const walk = found({ live: true });
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'leave', unattended: 'leave' });
    expect(walk.answer('take-over').started('take-over')).toBe(0);
    expect(walk.answer('watch').last).toEqual([{ type: 'watch' }]);
    walk.send({ type: 'other-run', other: otherRun({ live: true, activity: 'COMMIT' }) });
    expect(walk.words).toContain('Now: COMMIT');
    expect(walk.act('cancel').last).toEqual([{ type: 'unwatch' }]);
    expect(walk.question.kind).toBe('choice');
  });

  test('that ends while it is watched has everything checked anew', () => {
    const walk = found({ live: true }).answer('watch').send({ type: 'other-run', other: null });
    expect(walk.last).toEqual([{ type: 'unwatch' }, { type: 'check' }]);
    expect(walk.words).toContain('The other run has ended.');
    expect(walk.state.otherRun).toBeNull();
  });

  test('that ends while a backup is proved lets the proof come to its end first', () => {
    const backup = { path: '/backups/named.dump', wanted: { take: false, prove: true, place: null } };
    const walk = found({}, new Walk({ backup }));
    expect(walk.last.at(-1)).toEqual({ type: 'prove-backup', path: '/backups/named.dump' });
    expect(walk.send({ type: 'other-run', other: null }).last).toEqual([]);
    expect(walk.state).toMatchObject({ otherRun: null, backup: { at: 'proving' } });
  });

  test('whose session goes while it is watched has everything checked anew, and can then be taken over', () => {
    const walk = found({ live: true }).answer('watch').send({ type: 'other-run', other: otherRun() });
    expect(walk.last).toEqual([{ type: 'unwatch' }, { type: 'check' }]);
    expect(walk.words).toContain('The session of the other run is gone.');
    walk.send({ type: 'prerequisite', result: result('other-run', 'fail') });
    walk.send({ type: 'other-run', other: otherRun() });
    walk.send({ type: 'prerequisites-done', survey: survey(['applied']) });
    expect(walk.words).toContain('A run of backout was broken off here');
    expect(walk.answer('take-over').last).toEqual([{ type: 'take-over', run: RESUMED.run }]);
  });

  test('left at work is exit status 75; left broken off, 10', () => {
    expect(found({ live: true }).answer('leave').state.outcome?.exitStatus).toBe(EXIT.busy);
    expect(found().answer('leave').state.outcome?.exitStatus).toBe(EXIT.prerequisiteFailed);
  });

  test.each([
    [
      'of the other kind',
      { kind: 'undo', undoes: 'r1' },
      'It is an undo of run r1: "backout resume 20261120',
    ],
    ['of another runbook', { plan: 'x', runbook: 'Other' }, 'another runbook, or with this one as it was'],
    ['of another runbook, with a step done', { plan: 'x' }, '"backout undo 20261120-0301-q8xz" takes back'],
  ] as const)('%s cannot be taken over here: why, and by which command', (_, other, why) => {
    const walk = found(other);
    const options = walk.question.kind === 'choice' ? walk.question.options : [];
    expect(options.find(({ value }) => value === 'take-over')?.disabled).toContain(why);
    expect(walk.words).toContain('It cannot be taken over from here.');
    expect(walk.words).toContain(why);
    expect(walk.answer('take-over').started('take-over')).toBe(0);
  });

  test('that was broken off can be left as it is: its warning is accepted, and the journal says so', () => {
    const walk = new Walk().connected().answer('next');
    walk.send({ type: 'prerequisite', result: result('other-run', 'warn') });
    walk.send({ type: 'other-run', other: otherRun({ plan: 'x' }) });
    walk.send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'leave', flag: '--accept other-run' });
    walk.answer('begin');
    expect(walk.last).toEqual([]);
    expect(walk.question).toMatchObject({ kind: 'confirm', subject: 'other-run' });
    walk.answer('yes');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'consent', id: 'other-run' });
    expect(walk.answer('next').state.screen).toBe('decision');
    expect(walk.state.run).not.toBe(RESUMED.run);
  });

  test('at work is not left aside', () => {
    const walk = found({ live: true });
    expect(walk.answer('begin').question.kind).toBe('choice');
    expect(walk.state.otherRun).not.toBeNull();
  });

  test('found by a run that goes on with another one is left for later', () => {
    const walk = takenOver();
    walk.send({ type: 'other-run', other: otherRun({ run: 'r9' }) });
    expect(walk.words).toContain('This goes on with run 20261120-0301-q8xz already: "backout resume r9"');
    expect(walk.answer('begin').question.kind).not.toBe('choice');
  });

  test('that the operator named is offered first', () => {
    const walk = found({}, new Walk({ run: RESUMED.run }));
    expect(walk.question).toMatchObject({ default: 'take-over', unattended: 'take-over' });
  });

  test('that could not be taken over after all is asked about again', () => {
    const walk = found().answer('take-over');
    expect(walk.last).toEqual([{ type: 'take-over', run: RESUMED.run }]);
    walk.send({ type: 'other-run', other: otherRun({ live: true }) });
    expect(walk.words).toContain('It was not taken over');
    expect(walk.question).toMatchObject({ kind: 'choice' });
    const failed = found().answer('take-over');
    failed.send({ type: 'trouble', what: 'take-over', error: failure({ message: 'gone' }) });
    expect(failed.question).toMatchObject({ kind: 'choice' });
  });

  test('is not taken over unasked', () => {
    const walk = found();
    walk.send({ type: 'taken-over', run: RESUMED.run, resumed: RESUMED, survey: survey() });
    expect(walk.state.run).not.toBe(RESUMED.run);
  });
});

describe('a run that was taken over', () => {
  test('goes on under its id, with its steps done, past the decision', () => {
    const walk = takenOver();
    expect(walk.state.run).toBe(RESUMED.run);
    expect(walk.journal.at(-1)).toEqual({
      type: 'resumed',
      from: { operator: 'mia', host: 'ops2' },
      stepsDone: ['step-1'],
      titles: { 'step-1': 'Restore snapshots' },
    });
    expect(walk.words).toContain('Run 20261120-0301-q8xz is taken over. Done by it: Step 1');
    walk.answer('next');
    expect(walk.state.screen).toBe('plan');
    expect(walk.words).toContain('This goes on with run 20261120-0301-q8xz, begun by mia on ops2');
    walk.answer('next');
    expect(walk.step).toBe('step-2');
    const { question } = walk;
    walk.answer(question.kind === 'typed' ? question.expected : 'yes');
    expect(walk.last.at(-1)).toMatchObject({ confirmed: hashOf('hash-one-0123456789', 'step-2') });
  });

  test('has what it kept before in this journal too: its own may be on another machine', () => {
    const objects = [
      { step: 'step-1', seq: 1, kind: 'table', object: 'a', archived: 'b', rows: 2, words: '' } as const,
    ];
    const walk = takenOver().send({ type: 'archived', step: 'step-1', objects: [...objects] });
    expect(walk.journal.at(-1)).toEqual({ type: 'archived', step: 'step-1', objects });
    expect(walk.state.archived).toEqual(objects);
  });

  test('without a step done is decided on as any other', () => {
    const walk = takenOver({ ...RESUMED, doneBefore: [] }, survey()).answer('next');
    expect(walk.state.screen).toBe('decision');
  });

  test('with every step done is verified, and ends as rolled back', () => {
    const all = ['applied', 'applied', 'applied'] as const;
    const doneBefore = ['step-1', 'step-2', 'step-3'];
    const walk = takenOver({ ...RESUMED, doneBefore }, survey([...all]));
    expect(walk.words).toContain('Every step of this run is done.');
    walk
      .answer('verify')
      .send({ type: 'verified', verification: verification(true) })
      .answer('next');
    expect(walk.state.screen).toBe('checklist');
    walk.answer('done').answer('done').answer('next');
    expect(walk.state.ending).toEqual({ outcome: 'verified', exitStatus: EXIT.ok });
  });

  test('left again is stopped between steps, and frees its lock', () => {
    const walk = takenOver().act('leave').answer('yes');
    expect(walk.state.outcome).toEqual({ outcome: 'stopped', exitStatus: EXIT.stopped });
    expect(walk.tasks).toContainEqual({ type: 'end-run', outcome: 'stopped' });
  });
});
