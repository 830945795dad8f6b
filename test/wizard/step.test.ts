import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { RECORD, hashOf } from './procedures.ts';
import { SERVER, SQL, Walk, failure, result, sqlIn, survey } from './support.ts';

const option = (walk: Walk, value: string) => {
  const { question } = walk;
  return question.kind === 'choice' ? question.options.find((entry) => entry.value === value) : undefined;
};

describe('what is found after a step', () => {
  test('and not met any more keeps the next one from being confirmed, and is told', () => {
    const planted = { ...result('hostile-code', 'fail'), items: ['trigger planted on orders'] };
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied'], { again: [planted] }))
      .answer('next');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop' });
    expect(walk.words).toContain('trigger planted on orders');
    expect(walk.started('run-step')).toBe(1);
  });

  test('as it was before changes nothing', () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied'], { again: [result('privileges', 'pass')] }))
      .answer('next');
    expect(walk.question).toMatchObject({ flag: '--confirm', subject: 'step-2' });
  });
});

describe('confirming a step', () => {
  test('without data at risk: a yes to the question that shows the SQL and the hash', () => {
    const walk = new Walk().atStep();
    expect(walk.question).toMatchObject({ kind: 'confirm', flag: '--confirm', subject: 'step-1' });
    const hash = hashOf('hash-one-0123456789', 'step-1');
    const values = `-- $1 = r1\n-- $2 = step\n-- $3 = {"form":"as-written"}`;
    expect(sqlIn(walk.screen.blocks)).toEqual([...(SQL[0] ?? []), `${RECORD}\n${values}`]);
    expect(walk.words).toContain(`bound to ${hash.slice(0, 12)}`);
    walk.answer('yes');
    expect(walk.last).toEqual([
      {
        type: 'record',
        event: {
          type: 'step-confirmed',
          step: 'step-1',
          title: 'Restore events',
          hash,
          typed: null,
          form: 'as-written',
        },
      },
      {
        type: 'run-step',
        step: 'step-1',
        attempt: 1,
        confirmed: hash,
        forms: { 'step-1': 'as-written' },
      },
    ]);
  });

  test("with data at risk: the database's name has to be typed", () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .answer('next');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'orders', flag: '--confirm' });
    expect(walk.words).toContain('12,400');
    for (const typed of ['', 'yes', 'Orders', 'orders ']) {
      walk.answer(typed);
      expect(walk.question).toMatchObject({ kind: 'choice', default: 'again' });
      walk.answer('again');
    }
    expect(walk.started('run-step')).toBe(1);
    walk.answer('orders');
    expect(walk.last.at(-1)).toMatchObject({ type: 'run-step', step: 'step-2' });
  });

  test.each(['', 'bestellungen\u202e', 'ордер', ' orders', 'a'.repeat(64)])(
    'a name that cannot be typed safely (%j) is replaced by a word of the run',
    (database) => {
      const seen = survey(['applied']);
      const walk = new Walk();
      walk.send({ type: 'start' }, { type: 'connected', server: { ...SERVER, database } }).answer('next');
      walk.send({ type: 'prerequisite', result: result('primary', 'pass') });
      walk.send({ type: 'prerequisites-done', survey: seen }).answer('next');
      walk
        .send({ type: 'evidence', evidence: [], toAsk: [] })
        .answer('rollback')
        .answer('because')
        .answer('next');
      const { question } = walk;
      expect(question.kind === 'typed' && question.expected).toMatch(/^[a-z]{8}$/);
      expect(question.kind === 'typed' && question.prompt).toContain('this word');
    },
  );

  test('what was not understood or not checked is confirmed by typing, too', () => {
    const seen = survey();
    seen.risk.unchecked.push({ step: 'step-1', index: 2, what: 'the update', why: 'no privilege' });
    const walk = new Walk().atStep(seen);
    expect(walk.question).toMatchObject({ kind: 'typed' });
    expect(walk.words).toContain('no privilege');
  });

  test('no runs nothing and asks what now: stopping there is exit status 11', () => {
    const walk = new Walk().atStep().answer('no');
    expect(walk.started('run-step')).toBe(0);
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'again' });
    expect(walk.answer('again').question).toMatchObject({ kind: 'confirm' });
    walk.answer('no').answer('stop');
    expect(walk.state.ending).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
  });

  test('a second yes does not run the step twice, nor answer anything after it', () => {
    const walk = new Walk().atStep();
    const { id } = walk.question;
    const yes = { type: 'answer', question: id, value: 'yes' } as const;
    walk.send(
      yes,
      yes,
      { type: 'step-failed', step: 'step-1', seconds: 1, error: failure(), cancelled: false },
      yes,
    );
    expect(walk.started('run-step')).toBe(1);
    expect(walk.state.steps[0]?.status).toBe('failed');
  });

  test('a step of which the survey says nothing cannot be confirmed', () => {
    const seen = survey();
    seen.position.steps.shift();
    const walk = new Walk().atStep(seen);
    expect(walk.step).toBe('step-1');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop' });
    expect(walk.answer('yes').started('run-step')).toBe(0);
  });

  test('a step in conflict cannot be confirmed', () => {
    const walk = new Walk().running().voided(survey(['conflict'], { hash: 'other' }));
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop' });
    walk.answer('yes');
    expect(walk.started('run-step')).toBe(1);
    walk.answer('look');
    expect(walk.last).toEqual([{ type: 'check' }]);
    walk.send({ type: 'prerequisites-done', survey: survey([], { hash: 'mended' }) });
    expect(walk.question).toMatchObject({ kind: 'confirm' });
    expect(walk.answer('yes').last.at(-1)).toMatchObject({
      confirmed: hashOf('mended', 'step-1'),
      attempt: 2,
    });
  });
});

describe('a running step', () => {
  test('shows statements, rows, seconds and notices, and none of it as done before the commit', () => {
    const walk = new Walk().running();
    expect(walk.question).toMatchObject({ kind: 'wait', since: 1_000 });
    const step = 'step-1';
    walk.send(
      { type: 'statement-started', step, index: 1 },
      { type: 'statement-notice', step, index: 1, text: 'NOTICE: skipping' },
      { type: 'statement-done', step, index: 1, rows: 12400, seconds: 3.21 },
      { type: 'statement-started', step, index: 2 },
    );
    expect(walk.words).toContain('12,400 rows, 3.2 s, not committed yet');
    expect(walk.words).toContain('1: NOTICE: skipping');
    expect(walk.screen.blocks).toContainEqual(expect.objectContaining({ kind: 'item', mark: 'running' }));
    expect(walk.state.steps[0]?.status).toBe('running');
  });

  test('statements found applied are passed over and said to be', () => {
    const walk = new Walk().atStep(survey(['partial']));
    expect(walk.words).toContain('2 statements, 1 already applied');
    expect(walk.words).toMatch(
      /skipped Statement 1 of the runbook: .* already applied, is passed over: found partial/,
    );
    expect(sqlIn(walk.screen.blocks)).not.toContain(SQL[0]?.[0]);
    walk.answer('yes');
    expect(walk.state.steps[0]?.statements.map(({ sql }) => sql)).toEqual([SQL[0]?.[1], RECORD]);
  });

  test('cancel asks the server once; the second press says what is going on', () => {
    const walk = new Walk().running().act('cancel');
    expect(walk.last).toEqual([{ type: 'cancel-step' }]);
    const cancel = walk.screen.actions.find(({ id }) => id === 'cancel');
    expect(cancel).toMatchObject({ enabled: false });
    expect(cancel?.reason).toContain('already committed');
    expect(walk.act('cancel').last).toEqual([]);
    walk.send({ type: 'step-failed', step: 'step-1', seconds: 2, error: failure(), cancelled: true });
    expect(walk.words).toContain('Cancelled, as you asked.');
    expect(walk.answer('stop').state.ending).toEqual({ outcome: 'stopped', exitStatus: EXIT.stopped });
  });

  test('a cancel that did not arrive leaves the step running, to be cancelled again', () => {
    const walk = new Walk().running().act('cancel');
    walk.send({ type: 'trouble', what: 'cancel-step', error: failure({ message: 'no route' }) });
    expect(walk.state.steps[0]?.status).toBe('running');
    expect(walk.words).toContain('no route');
    expect(walk.act('cancel').last).toEqual([{ type: 'cancel-step' }]);
  });

  test('a cancel that came too late is told as such', () => {
    const walk = new Walk()
      .running()
      .act('cancel')
      .carriesOut(survey(['applied']));
    expect(walk.state.steps[0]?.status).toBe('done');
    expect(walk.words).toContain('committed before the request to cancel reached it');
  });

  test('cannot be left, and says why', () => {
    const walk = new Walk().running().act('leave').act('back').act('stop');
    expect(walk.state).toMatchObject({ leaving: false, screen: 'step', ending: null });
    expect(walk.screen.actions.find(({ id }) => id === 'leave')?.reason).toContain('running');
  });

  test('events of another step, or after its end, change nothing', () => {
    const walk = new Walk().running();
    const { state } = walk;
    walk.send({ type: 'step-done', step: 'step-2', seconds: 1, survey: null });
    expect(walk.state).toBe(state);
    walk.carriesOut(survey(['applied']));
    const after = walk.state;
    walk.send({ type: 'step-failed', step: 'step-1', seconds: 1, error: failure(), cancelled: false });
    expect(walk.state).toBe(after);
  });
});

describe('a step that failed', () => {
  const failed = (error = failure()): Walk =>
    new Walk()
      .running()
      .send({ type: 'statement-started', step: 'step-1', index: 2 })
      .send({ type: 'statement-failed', step: 'step-1', index: 2 })
      .send({ type: 'step-failed', step: 'step-1', seconds: 1, error, cancelled: false });

  test('says what the server said, where, in what state the database is, and what the runbook knows', () => {
    const walk = failed(
      failure({
        detail: 'Token "high".',
        hint: 'Look closer.',
        statement: 'UPDATE events\n\tSET kind = x',
        position: 17,
        troubleshooting: 'Rollback fails with "table does not exist"',
      }),
    );
    expect(walk.words).toContain('SQLSTATE 22P02: invalid input syntax');
    expect(walk.words).toContain('Detail: Token "high".');
    expect(walk.words).toContain('Hint: Look closer.');
    expect(walk.words).toContain('The step was rolled back; the database is as before it.');
    expect(walk.words).toContain('Already partly rolled back.');
    const shown = walk.screen.blocks.find((block) => block.kind === 'sql');
    // The tab became spaces, so the caret moved with what it points at.
    expect(shown).toEqual({ kind: 'sql', sql: 'UPDATE events\n        SET kind = x', caret: 24 });
  });

  test('is recorded as rolled back; stopping is exit status 12', () => {
    const walk = failed();
    expect(walk.journal.at(-1)).toMatchObject({ type: 'step-finished', outcome: 'rolled-back' });
    expect(walk.question).toMatchObject({ default: 'stop', unattended: 'stop' });
    expect(walk.answer('stop').state.ending).toEqual({ outcome: 'sql-failed', exitStatus: EXIT.sqlFailed });
    expect(walk.journal.at(-1)).toMatchObject({
      steps: [{ outcome: 'rolled-back' }, { outcome: 'not-run' }, { outcome: 'not-run' }],
    });
  });

  test('a lock that was not granted is worth trying later: exit status 75', () => {
    const walk = failed(failure({ sqlstate: '55P03' })).answer('stop');
    expect(walk.state.ending).toEqual({ outcome: 'sql-failed', exitStatus: EXIT.busy });
  });

  test('trying again asks for a new confirmation under another id', () => {
    const walk = failed().answer('retry');
    expect(walk.question).toMatchObject({ kind: 'confirm' });
    expect(walk.question.id).toContain('step-1:2');
    expect(walk.words).toContain('Attempt 1 was rolled back: invalid input syntax');
    expect(walk.started('run-step')).toBe(1);
    expect(walk.answer('yes').last.at(-1)).toMatchObject({ type: 'run-step', attempt: 2 });
  });

  test('leads back to the plan while nothing is committed', () => {
    const walk = failed().answer('back');
    expect(walk.state.screen).toBe('plan');
    expect(walk.answer('next').question).toMatchObject({ kind: 'confirm' });
  });

  test('does not lead back once a step is committed, and says why', () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .answer('next')
      .answer('orders');
    walk.send({ type: 'step-failed', step: 'step-2', seconds: 1, error: failure(), cancelled: false });
    expect(option(walk, 'back')?.disabled).toContain('committed');
    expect(walk.answer('back').state.screen).toBe('step');
    expect(walk.words).toContain('Step 1 stay done.');
  });
});

describe('between steps', () => {
  test('a step that is done is shown, then the next is asked for', () => {
    const walk = new Walk().running().carriesOut(survey(['applied']));
    expect(walk.words).toContain('Committed: 2 statements of the runbook, by 3 actions in 1.5 s.');
    expect(walk.question).toMatchObject({ kind: 'continue' });
    walk.answer('next');
    expect(walk.words).toContain('Step 1 is done.');
  });

  test('stopping there is exit status 13, and says what is done', () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .act('stop');
    expect(walk.state.ending).toEqual({ outcome: 'stopped', exitStatus: EXIT.stopped });
    expect(walk.journal.at(-1)).toMatchObject({
      steps: [{ outcome: 'done' }, { outcome: 'not-run' }, { outcome: 'not-run' }],
    });
  });

  test('steps found applied are passed over', () => {
    const walk = new Walk().atStep(survey(['applied', 'applied', 'pending']));
    expect(walk.step).toBe('step-3');
    expect(walk.words).toContain('Step 1 was found applied and is passed over.');
  });

  test('without a survey after the commit the database is looked at before anything is confirmed', () => {
    const walk = new Walk().running().carriesOut(null).answer('next');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'look', unattended: 'look' });
    walk.answer('look');
    expect(walk.last).toEqual([{ type: 'check' }]);
    walk.send({ type: 'prerequisites-failed', error: failure({ message: 'server gone' }) });
    expect(walk.words).toContain('server gone');
    expect(walk.question).toMatchObject({ unattended: 'stop' });
    walk.answer('look').send({ type: 'prerequisites-done', survey: survey(['applied'], { hash: 'fresh' }) });
    expect(walk.question).toMatchObject({ kind: 'typed' });
    expect(walk.answer('orders').last.at(-1)).toMatchObject({ confirmed: hashOf('fresh', 'step-2') });
  });
});
