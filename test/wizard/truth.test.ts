import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { hashOf } from './procedures.ts';
import { Walk, failure, result, survey } from './support.ts';

describe('a database that changed since the confirmation', () => {
  test('voids it, shows what changed, and asks again', () => {
    const fresh = survey(['partial'], { hash: 'second' });
    fresh.risk.invented = [
      { step: 'step-1', index: 2, table: 'events', column: 'kind', value: 'x', rows: 9 },
    ];
    const walk = new Walk().running().send({ type: 'survey-changed', step: 'step-1', survey: fresh });
    expect(walk.question).toMatchObject({ kind: 'wait' });
    expect(walk.last.at(-1)).toEqual({ type: 'check' });
    expect(walk.words).toContain('The confirmation of Step 1 is void');
    expect(walk.words).toContain('Step 1, statement 1 was pending and is now applied');
    expect(walk.words).toContain('invented values in events.kind: 7 before, 9 now.');
    expect(walk.state.steps[0]?.confirmed).toBeNull();
    expect(walk.journal.slice(-3)).toMatchObject([
      { type: 'step-finished', outcome: 'not-run' },
      { type: 'note', text: expect.stringContaining('7 before, 9 now.') as string },
      { type: 'plan', hash: 'second' },
    ]);
    expect(walk.answer('yes').started('run-step')).toBe(1);
    walk.send({ type: 'prerequisites-done', survey: fresh });
    expect(walk.words).toContain('7 before, 9 now.');
    expect(walk.answer('yes').last.at(-1)).toMatchObject({
      confirmed: hashOf('second', 'step-1'),
      attempt: 2,
    });
    expect(walk.state.changes).toEqual([]);
  });

  test('what the prerequisites warn of now is told, and kept in the journal', () => {
    const before = { ...result('hostile-code', 'warn'), items: ['old trigger'] };
    const walk = new Walk()
      .checked([before, result('backup', 'pass')])
      .answer('yes')
      .answer('next');
    walk
      .send({ type: 'evidence', evidence: [], toAsk: [] })
      .answer('rollback')
      .answer('reason')
      .answer('next');
    walk
      .answer('yes')
      .voided(survey([], { hash: 'second' }), [
        { ...before, items: ['old trigger', 'new trigger'] },
        result('backup', 'warn'),
      ]);
    expect(walk.state.changes.slice(-2)).toEqual([
      'The prerequisite hostile-code warns of more: Found hostile-code. new trigger',
      'The prerequisite backup warns now: Found backup.',
    ]);
    expect(walk.words).toContain('new trigger');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'prerequisites', results: [{}, { status: 'warn' }] });
    expect(walk.answer('yes').started('run-step')).toBe(2);
  });

  test('a prerequisite that fails now keeps the step from being confirmed, until it is met again', () => {
    const walk = new Walk().running();
    walk.voided(survey([], { hash: 'second' }), [result('privileges', 'fail')]);
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop', unattended: 'stop' });
    expect(walk.words).toContain('Not met any more');
    expect(walk.answer('yes').started('run-step')).toBe(1);
    walk.answer('look').send({ type: 'prerequisite', result: result('privileges', 'pass') });
    walk.send({ type: 'prerequisites-done', survey: survey([], { hash: 'second' }) });
    expect(walk.answer('yes').started('run-step')).toBe(2);
  });

  test('where it cannot be checked anew, it has to be looked at before it is confirmed', () => {
    const walk = new Walk().running();
    walk.send({ type: 'survey-changed', step: 'step-1', survey: survey([], { hash: 'second' }) });
    walk.send({ type: 'prerequisites-failed', error: failure({ message: 'gone' }) });
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'look', unattended: 'stop' });
    expect(walk.answer('yes').started('run-step')).toBe(1);
  });

  test('stopping there is exit status 13, and of the step nothing was run', () => {
    const walk = new Walk()
      .running()
      .voided(survey([], { hash: 'second' }))
      .act('stop');
    expect(walk.state.ending).toEqual({ outcome: 'stopped', exitStatus: EXIT.stopped });
    expect(walk.journal.at(-1)).toMatchObject({ steps: [{ outcome: 'not-run' }, {}, {}] });
  });

  test('attachments, which only the prerequisites look at, are not taken for gone', () => {
    const view = {
      table: 'events',
      kind: 'view',
      name: 'v',
      detail: '',
      outcome: 'breaks',
      words: 'breaks',
    } as const;
    const walk = new Walk()
      .running(survey([], { attachments: [view] }))
      .send({ type: 'survey-changed', step: 'step-1', survey: survey(['partial'], { hash: 'second' }) });
    expect(walk.state.changes.join()).not.toContain('Gone');
    expect(walk.state.survey?.attachments).toEqual([view]);
  });

  test('a hash that changed without a visible difference still says that something did', () => {
    const walk = new Walk()
      .running()
      .send({ type: 'survey-changed', step: 'step-1', survey: survey([], { hash: 'second' }) });
    expect(walk.state.changes).toHaveLength(1);
  });

  test('a step that others applied meanwhile is passed over', () => {
    const walk = new Walk().running().voided(survey(['applied'], { hash: 'second' }));
    expect(walk.step).toBe('step-2');
    expect(walk.question).toMatchObject({ kind: 'typed' });
  });
});

describe('an outcome that is not known', () => {
  const unknown = (): Walk =>
    new Walk()
      .running()
      .send({ type: 'step-unknown', step: 'step-1', seconds: 2, error: failure({ sqlstate: '08006' }) });

  test('is called unknown until the database has answered', () => {
    const walk = unknown();
    expect(walk.words).toContain('It is not known whether this step was committed.');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'step-finished', outcome: 'unknown' });
    expect(walk.question).toMatchObject({ default: 'look', unattended: 'look' });
    expect(walk.answer('look').last).toEqual([{ type: 'check' }]);
    expect(walk.state.steps[0]?.status).toBe('unknown');
    walk.send({ type: 'prerequisites-failed', error: failure({ message: 'still down' }) });
    expect(walk.words).toContain('still down');
    expect(walk.state.steps[0]?.status).toBe('unknown');
  });

  test('without an operator it is looked at three times, with growing pauses, then given up', () => {
    const walk = unknown();
    const asked = [0, 1, 2].map(() => {
      const { unattended, unattendedPauseMs } = walk.question;
      walk.answer('look').send({ type: 'prerequisites-failed', error: failure({ message: 'still down' }) });
      return [unattended, unattendedPauseMs];
    });
    expect(asked).toEqual([500, 2_000, 5_000].map((ms) => ['look', ms]));
    expect(walk.question).toMatchObject({ default: 'look', unattended: 'stop' });
    expect(walk.question.unattendedPauseMs).toBeUndefined();
  });

  test('once it is known, the next one is looked at three times again', () => {
    const walk = unknown().answer('look').send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.state.look.tries).toBe(0);
    expect(walk.question).toMatchObject({ unattended: 'stop' });
  });

  test('stopping with it is exit status 15', () => {
    const walk = unknown().answer('stop');
    expect(walk.state.ending).toEqual({ outcome: 'unknown', exitStatus: EXIT.unknown });
    expect(walk.journal.at(-1)).toMatchObject({ steps: [{ outcome: 'unknown' }, {}, {}] });
  });

  test('found applied: the step is done', () => {
    const walk = unknown()
      .answer('look')
      .send({ type: 'prerequisites-done', survey: survey(['applied']) });
    expect(walk.state.steps[0]?.status).toBe('done');
    expect(walk.journal).toContainEqual(expect.objectContaining({ type: 'step-finished', outcome: 'done' }));
    expect(walk.answer('next').step).toBe('step-2');
  });

  test('found as before: it was rolled back, and has to be confirmed again', () => {
    const walk = unknown().answer('look').send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.state.steps[0]?.status).toBe('failed');
    expect(walk.answer('retry').question).toMatchObject({ kind: 'confirm' });
    expect(walk.started('run-step')).toBe(1);
  });

  test('found as before, and an earlier step undone by others: that one comes first', () => {
    const walk = new Walk().running(survey(['applied'])).send({
      type: 'step-unknown',
      step: 'step-2',
      seconds: 2,
      error: failure(),
    });
    walk.answer('look').send({ type: 'prerequisites-done', survey: survey() }).answer('retry');
    expect(walk.step).toBe('step-1');
    expect(walk.question).toMatchObject({ kind: 'confirm', subject: 'step-1' });
  });

  test.each(['partial', 'conflict'] as const)('found %s: it stays unknown', (state) => {
    const walk = unknown()
      .answer('look')
      .send({ type: 'prerequisites-done', survey: survey([state]) });
    expect(walk.state.steps[0]?.status).toBe('unknown');
    expect(walk.words).toContain('neither');
  });

  test('while another session of backout is at work it stays unknown, whatever is found', () => {
    const walk = unknown().answer('look');
    walk.send({ type: 'prerequisite', result: result('other-run', 'fail') });
    walk.send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.state.steps[0]?.status).toBe('unknown');
    expect(walk.words).toContain('Found other-run.');
  });

  test('cannot be left for the plan', () => {
    const walk = unknown().act('back');
    expect(walk.state.screen).toBe('step');
    expect(walk.screen.actions.find(({ id }) => id === 'back')).toMatchObject({ enabled: false });
  });
});

describe("the journal's row in the database", () => {
  const looking = (): Walk =>
    new Walk()
      .running()
      .send({ type: 'step-unknown', step: 'step-1', seconds: 2, error: failure({ sqlstate: '08006' }) })
      .answer('look');

  test('is there: the step was committed, whatever the catalog looks like', () => {
    const walk = looking().send({ type: 'step-found', step: 'step-1', found: 'done' });
    walk.send({ type: 'prerequisite', result: result('other-run', 'fail') });
    walk.send({ type: 'prerequisites-done', survey: survey(['conflict']) });
    expect(walk.state.steps[0]?.status).toBe('done');
    expect(walk.words).toContain("The journal's row is in the database: it was committed.");
    expect(walk.journal).toContainEqual({ type: 'step-found', step: 'step-1', found: 'done' });
    expect(walk.journal).toContainEqual(expect.objectContaining({ type: 'step-finished', outcome: 'done' }));
  });

  test('is not there and the transaction is over: it was rolled back, even if the catalog looks applied', () => {
    const walk = looking().send({ type: 'step-found', step: 'step-1', found: 'not-done' });
    walk.send({ type: 'prerequisites-done', survey: survey(['applied']) });
    expect(walk.state.steps[0]?.status).toBe('failed');
    expect(walk.words).toContain('the transaction is over: it was rolled back.');
  });

  test('cannot be there yet while the transaction runs: not known, look again', () => {
    const walk = looking().send({ type: 'step-found', step: 'step-1', found: 'still-running' });
    walk.send({ type: 'prerequisites-done', survey: survey(['applied']) });
    expect(walk.state.steps[0]?.status).toBe('unknown');
    expect(walk.words).toContain('The transaction is still running on the server.');
    walk.answer('look');
    expect(walk.state.look.found).toBeNull();
  });

  test('is asked for only of a step that is not known', () => {
    const walk = new Walk().running().carriesOut(null).answer('next').answer('look');
    walk.send({ type: 'step-found', step: 'step-1', found: 'not-done' });
    walk.send({ type: 'prerequisites-done', survey: survey(['applied']) });
    expect(walk.state.steps[0]?.status).toBe('done');
  });
});
