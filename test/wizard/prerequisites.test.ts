import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { NOTHING_FOUND, Walk, failure, result, survey, verification } from './support.ts';

test('tables that somebody keeps everybody out of are a failed check, and nothing goes on', () => {
  const walk = new Walk().connected().answer('next');
  const held = { ...result('activity', 'fail'), detail: 'The tables cannot be looked at.' };
  walk.send({ type: 'prerequisite', result: held }, { type: 'prerequisites-done', survey: null });
  expect(walk.words).toContain('1 prerequisite failed, so the rollback does not start.');
  const options = walk.question.kind === 'choice' ? walk.question.options.map(({ value }) => value) : [];
  expect(options).toEqual(['retry', 'leave']);
  expect(walk.answer('retry').last).toEqual([{ type: 'check' }]);
});

describe('prerequisites', () => {
  test('stream in, one with a known id in the place of the earlier', () => {
    const walk = new Walk().connected().answer('next');
    walk.send(
      { type: 'prerequisite', result: result('disk', 'warn') },
      { type: 'prerequisite', result: result('primary', 'pass') },
      { type: 'prerequisite', result: result('disk', 'pass') },
    );
    expect(walk.state.prerequisites.results.map(({ id, status }) => [id, status])).toEqual([
      ['disk', 'pass'],
      ['primary', 'pass'],
    ]);
    expect(walk.words).toContain('Found disk.');
    expect(walk.question.kind).toBe('wait');
  });

  test('each warning is consented to by itself, recorded, and names its flag', () => {
    const walk = new Walk().checked([
      result('backup', 'warn'),
      result('primary', 'pass'),
      result('disk', 'warn'),
    ]);
    expect(walk.question).toMatchObject({
      kind: 'confirm',
      id: 'accept:backup',
      flag: '--accept backup',
      subject: 'backup',
    });
    walk.answer('yes');
    expect(walk.last).toEqual([
      { type: 'record', event: { type: 'consent', id: 'backup', detail: 'Found backup.' } },
    ]);
    expect(walk.question).toMatchObject({ id: 'accept:disk', flag: '--accept disk' });
    expect(walk.answer('yes').question.kind).toBe('continue');
  });

  test('a second yes to the first warning does not accept the next', () => {
    const walk = new Walk().checked([result('backup', 'warn'), result('disk', 'warn')]);
    const { id } = walk.question;
    walk.send({ type: 'answer', question: id, value: 'yes' }, { type: 'answer', question: id, value: 'yes' });
    expect(walk.state.prerequisites.accepted).toEqual(['backup']);
  });

  test('a warning that is not accepted asks what now; leaving there is exit status 11', () => {
    const walk = new Walk().checked([result('backup', 'warn')]).answer('no');
    expect(walk.journal.some(({ type }) => type === 'consent')).toBe(false);
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'again' });
    expect(walk.answer('again').question.id).toBe('accept:backup');
    walk.answer('no').answer('leave');
    expect(walk.state.outcome).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
  });

  test('checking again voids every consent, and asks under another id', () => {
    const walk = new Walk()
      .checked([result('backup', 'warn')])
      .answer('yes')
      .act('retry');
    expect(walk.last).toEqual([{ type: 'check' }]);
    walk.send(
      { type: 'prerequisite', result: result('backup', 'warn') },
      { type: 'prerequisites-done', survey: survey() },
    );
    expect(walk.question).toMatchObject({ kind: 'confirm', id: 'accept:backup@2', flag: '--accept backup' });
  });

  test('a failure stops the run with exit status 10; no step can be reached', () => {
    const walk = new Walk().checked([result('privileges', 'fail'), result('disk', 'warn')]);
    expect(walk.words).toContain('Mend privileges.');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'leave', unattended: 'leave' });
    walk.answer('next');
    expect(walk.state.screen).toBe('prerequisites');
    walk.answer('leave');
    expect(walk.state.outcome).toEqual({
      outcome: 'prerequisite-failed',
      exitStatus: EXIT.prerequisiteFailed,
    });
  });

  test('a failure can be read forward, which still ends with exit status 10', () => {
    const walk = new Walk()
      .checked([result('objects', 'fail')], survey(['conflict']))
      .answer('forward')
      .send(NOTHING_FOUND);
    expect(walk.screen.id).toBe('forward');
    expect(walk.words).toContain('conflict Step 1, 1: found conflict');
    expect(walk.act('back').state.screen).toBe('prerequisites');
    walk.answer('forward').send(NOTHING_FOUND).answer('report');
    expect(walk.state.ending).toEqual({
      outcome: 'prerequisite-failed',
      exitStatus: EXIT.prerequisiteFailed,
    });
  });

  test('nothing to roll back is said, can be verified, and is exit status 10', () => {
    const walk = new Walk().checked(undefined, survey(['applied', 'applied', 'applied']));
    expect(walk.words).toContain('There is nothing to roll back');
    walk
      .answer('verify')
      .send({ type: 'verified', verification: verification(true) })
      .answer('next');
    expect(walk.state.screen).toBe('report');
    expect(walk.state.ending).toEqual({ outcome: 'nothing-to-do', exitStatus: EXIT.prerequisiteFailed });
  });

  test('checks that could not be carried out are explained and can be tried again', () => {
    const walk = new Walk()
      .connected()
      .answer('next')
      .send({ type: 'prerequisites-failed', error: failure() });
    expect(walk.words).toContain('A value does not fit.');
    expect(walk.answer('retry').last).toEqual([{ type: 'check' }]);
  });

  test('results that come after the checks ended change nothing', () => {
    const walk = new Walk().checked();
    const { state } = walk;
    walk.send({ type: 'prerequisite', result: result('late', 'fail') });
    walk.send({ type: 'prerequisites-done', survey: survey(['conflict']) });
    expect(walk.state).toBe(state);
  });
});
