import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { hashOf } from './procedures.ts';
import { Walk, verification } from './support.ts';

describe('the whole way', () => {
  test('from the target to a verified report, each record once and in order', () => {
    const walk = new Walk().allSteps();
    expect(walk.state.screen).toBe('verification');
    walk.send({ type: 'verified', verification: verification(true) }).answer('next');
    expect(walk.state.screen).toBe('checklist');
    walk.answer('done').answer('open').answer('next');
    expect(walk.state.screen).toBe('report');
    expect(walk.state.outcome).toBeNull();
    walk.send({ type: 'report-written', markdownPath: '/r.md', jsonPath: '/r.json', summary: ['Done.'] });
    walk.answer('next');
    expect(walk.state.outcome).toEqual({ outcome: 'verified', exitStatus: EXIT.ok });
    expect(walk.journal.map(({ type }) => type)).toEqual([
      'connected',
      'prerequisites',
      'decision',
      'plan',
      'step-confirmed',
      'step-finished',
      'plan',
      'step-confirmed',
      'step-finished',
      'plan',
      'step-confirmed',
      'step-finished',
      'plan',
      'verification',
      'checklist',
      'checklist',
      'result',
    ]);
    expect(walk.journal.at(-1)).toEqual({
      type: 'result',
      outcome: 'verified',
      exitStatus: 0,
      run: walk.state.run,
      steps: ['step-1', 'step-2', 'step-3'].map((id) => ({ id, outcome: 'done' })),
    });
    expect(walk.tasks.slice(-2)).toEqual([
      { type: 'end-run', outcome: 'verified' },
      { type: 'write-report' },
    ]);
  });

  test('each step is confirmed with the hash of the survey read after the one before it', () => {
    const walk = new Walk().allSteps();
    const runs = walk.tasks.flatMap((task) =>
      task.type === 'run-step' ? [[task.step, task.confirmed]] : [],
    );
    expect(runs).toEqual([
      ['step-1', hashOf('hash-one-0123456789', 'step-1')],
      ['step-2', hashOf('hash-after-1-steps', 'step-2')],
      ['step-3', hashOf('hash-after-2-steps', 'step-3')],
    ]);
    const confirmed = walk.journal.flatMap((event) => (event.type === 'step-confirmed' ? [event.typed] : []));
    expect(confirmed).toEqual([null, 'orders', null]);
  });

  test('the last recorded plan still tells what the steps already done put at risk', () => {
    const plans = new Walk().allSteps().journal.filter((event) => event.type === 'plan');
    expect(plans.at(-1)).toMatchObject({
      hash: 'hash-after-3-steps',
      dataAtRisk: [{ step: 'step-2', rows: 12400 }],
      baseline: { events: 100 },
    });
  });

  test('a verification that fails still leads through checklist and report, to exit status 14', () => {
    const walk = new Walk().allSteps().send({ type: 'verified', verification: verification(false) });
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'retry', unattended: 'go-on' });
    walk.answer('go-on').answer('open').answer('open').answer('next');
    walk
      .send({ type: 'report-written', markdownPath: '/r.md', jsonPath: '/r.json', summary: [] })
      .answer('next');
    expect(walk.state.outcome).toEqual({
      outcome: 'verification-failed',
      exitStatus: EXIT.verificationFailed,
    });
  });
});
