import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { roadOf } from '../../src/steps/index.ts';
import type { ArchivedObject, Event, OtherRun } from '../../src/wizard/types.ts';
import { otherRun } from './found.ts';
import { Walk, failure, result, survey, verification } from './support.ts';

const KEPT: ArchivedObject = {
  step: 'step-1',
  seq: 1,
  kind: 'columns',
  object: 'snapshots',
  archived: 'r1_s1_1_snapshots',
  rows: 12400,
  words: 'The values of kind.',
};

const written: Event = { type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: [] };

/** One step committed, then stopped; the report is written. */
function stopped(walk = new Walk()): Walk {
  walk.running().send({ type: 'archived', step: 'step-1', objects: [KEPT] });
  return walk
    .carriesOut(survey(['applied']))
    .act('stop')
    .send(written);
}

describe('the archive of a run', () => {
  test('is told after the step and listed with its counts on the report, with what can be done with it', () => {
    const walk = new Walk().running().send({ type: 'archived', step: 'step-1', objects: [KEPT] });
    walk.carriesOut(survey(['applied']));
    expect(walk.words).toContain('Kept in the archive: 1 object.');
    expect(walk.journal).toContainEqual({ type: 'archived', step: 'step-1', objects: [KEPT] });
    const { words, state } = walk.act('stop').send(written);
    expect(words).toContain('Step 1: columns of snapshots, 12,400 rows  As r1_s1_1_snapshots.');
    for (const command of ['resume', 'undo', 'purge'])
      expect(words).toContain(`backout ${command} ${state.run}`);
  });

  test('told of a step that was then rolled back counts for nothing', () => {
    const walk = new Walk().running().send({ type: 'archived', step: 'step-1', objects: [KEPT] });
    walk.send({ type: 'step-failed', step: 'step-1', seconds: 1, error: failure(), cancelled: false });
    expect(walk.state.archived).toEqual([]);
  });

  test('can be gone without only by typing the words, and then everything says so', () => {
    const walk = new Walk().checked([result('archive', 'fail')]);
    expect(walk.question).toMatchObject({ default: 'leave', unattended: 'leave' });
    walk.answer('without-archive');
    expect(walk.question).toMatchObject({
      kind: 'typed',
      expected: 'without archive',
      flag: '--without-archive',
    });
    walk.answer('yes');
    expect(walk.state.withoutArchive).toBe(false);
    walk.answer('without-archive').answer('without archive');
    expect(walk.last.map(({ type }) => type)).toEqual(['record', 'check']);
    expect(walk.last.at(-1)).toEqual({ type: 'check', withoutArchive: true });
    expect(walk.journal.at(-1)).toMatchObject({ type: 'consent', id: 'archive' });
    walk.send({ type: 'prerequisite', result: result('archive', 'warn') });
    walk.send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.question).toMatchObject({ kind: 'confirm', flag: '--accept archive' });
    walk.answer('yes').answer('next').send({ type: 'evidence', evidence: [], toAsk: [] });
    walk.answer('rollback').answer('because');
    expect(walk.words).toContain('Without an archive, as you typed: nothing that is destroyed is kept');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'plan', archive: false });
    walk.answer('next');
    expect(walk.words).toContain('Without an archive, as you typed');
    walk.answer('yes').send({ type: 'step-started', step: 'step-1', at: 1 });
    walk.carriesOut(survey(['applied'])).answer('next');
    expect(walk.question.prompt).toContain('nothing of it is kept');
    walk.act('stop').send(written);
    expect(walk.words).toContain('Without an archive, as you typed');
    expect(walk.words).not.toContain('backout undo');
    expect(walk.screen.actions.find(({ id }) => id === 'undo')).toMatchObject({ enabled: false });
  });

  test('is offered to be gone without for no other failure, and not twice', () => {
    const offered = (walk: Walk): boolean =>
      walk.question.kind === 'choice' &&
      walk.question.options.some(({ value }) => value === 'without-archive');
    expect(offered(new Walk().checked([result('privileges', 'fail')]))).toBe(false);
    const walk = new Walk().checked([result('archive', 'fail')]);
    expect(offered(walk)).toBe(true);
    walk.answer('without-archive').answer('without archive');
    walk.send({ type: 'prerequisite', result: result('archive', 'fail') });
    expect(offered(walk.send({ type: 'prerequisites-done', survey: survey() }))).toBe(false);
  });
});

describe('undo from the report', () => {
  test('leaves with the outcome as it is, and with what is to begin next', () => {
    const walk = stopped().act('undo');
    expect(walk.state.outcome).toEqual({
      outcome: 'stopped',
      exitStatus: EXIT.stopped,
      next: { kind: 'undo', run: walk.state.run },
    });
  });

  test('is not offered where nothing was committed, nor before it is known what was', () => {
    const none = new Walk().atStep().act('stop').send(written);
    expect(none.act('undo').state.outcome).toBeNull();
    const unknown = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .answer('next')
      .answer('orders');
    unknown.send({ type: 'step-unknown', step: 'step-2', seconds: 1, error: failure() }).answer('stop');
    unknown.send(written);
    expect(unknown.screen.actions.find(({ id }) => id === 'undo')).toMatchObject({ enabled: false });
    expect(unknown.act('undo').state.outcome).toBeNull();
  });
});

describe('the wizard of an undo', () => {
  const undo = (): Walk => new Walk({ purpose: 'undo', undoes: 'r-before', run: 'r-undo' });

  test('has the road of a rollback without decision, fix forward and checklist', () => {
    expect(roadOf(undo().state).map(({ label }) => label)).toEqual([
      'Target',
      'Prerequisites',
      'Plan',
      'Undo of Step 1: Restore events',
      'Undo of Step 2: Restore sessions',
      'Undo of Step 3: Remove the version',
      'Verification',
      'Report',
    ]);
  });

  test('goes from the checks to the plan, each step confirmed, to a verified report', () => {
    const walk = undo().checked();
    walk.answer('next');
    expect(walk.state.screen).toBe('plan');
    expect(walk.screen.title).toBe('Plan of the undo');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'plan' });
    const states: 'applied'[] = [];
    walk.answer('next');
    expect(walk.screen.title).toBe('Undo of Step 1: Restore events');
    while (walk.state.screen === 'step') {
      const { question } = walk;
      expect(question.prompt).toContain(`Undo of Step ${states.length + 1}`);
      states.push('applied');
      walk
        .answer(question.kind === 'typed' ? question.expected : 'yes')
        .send({ type: 'step-started', step: walk.step, at: 1 })
        .carriesOut(survey([...states], { hash: `undone-${states.length}` }))
        .answer('next');
    }
    walk
      .send({ type: 'verified', verification: verification(true) })
      .answer('next')
      .send(written);
    expect(walk.state.ending).toEqual({ outcome: 'verified', exitStatus: EXIT.ok });
    expect(walk.words).toContain('Undone and verified');
    expect(walk.screen.actions.find(({ id }) => id === 'undo')).toMatchObject({ enabled: false });
    expect(walk.words).not.toContain('backout undo');
  });

  test('says which run it takes back, and that there may be nothing to undo', () => {
    expect(undo().connected().words).toContain('Undoes run r-before');
    const walk = undo().checked(undefined, survey(['applied', 'applied', 'applied']));
    expect(walk.words).toContain('There is nothing to undo: every step is already undone here.');
    expect(walk.question.kind === 'choice' && walk.question.options.map(({ value }) => value)).toEqual([
      'retry',
      'verify',
      'leave',
    ]);
  });

  test('goes back from the plan to the checks, and is declined with nothing run', () => {
    const walk = undo().checked().answer('next').act('back');
    expect(walk.state.screen).toBe('prerequisites');
    walk.act('leave').answer('yes');
    expect(walk.state.outcome).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
  });

  test('takes over an undo that was broken off', () => {
    const walk = undo().connected().answer('next');
    const other: OtherRun = otherRun({ kind: 'undo', undoes: walk.state.undoes, stepsDone: ['step-1'] });
    walk.send({ type: 'other-run', other }, { type: 'prerequisites-done', survey: survey() });
    walk.answer('take-over').send({
      type: 'taken-over',
      run: other.run,
      resumed: { run: other.run, doneBefore: ['step-1'], titles: {}, host: 'h', operator: 'o' },
      survey: survey(['applied']),
    });
    walk.answer('next').answer('next');
    expect(walk.step).toBe('step-2');
    expect(walk.state.decision.choice).toBeNull();
    expect(walk.act('leave').answer('yes').state.outcome?.exitStatus).toBe(EXIT.stopped);
  });
});
