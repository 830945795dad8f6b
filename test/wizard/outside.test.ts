/** A step that runs outside of transactions: what is said of it, what is left when it breaks off, what is asked then. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/sql/types.ts';
import type { Event } from '../../src/wizard/types.ts';
import { PLAN, Walk, failure, survey } from './support.ts';

const NAME = 'CREATE INDEX CONCURRENTLY';
const LEFT = 'Index i on events is left behind, invalid.';

const plan: Plan = {
  ...PLAN,
  steps: PLAN.steps.map((step, at) => (at === 0 ? { ...step, lone: NAME } : step)),
};

const begun = (): Walk => new Walk({ plan }).running();
const failed = (more: { left?: string[]; cancelled?: boolean } = { left: [LEFT] }): Event => ({
  ...{ type: 'step-failed', step: 'step-1', seconds: 2, error: failure(), cancelled: false },
  ...more,
});

describe('a step outside of transactions', () => {
  test('says so where it is planned and where it is confirmed, and does not claim to be whole or nothing', () => {
    const walk = new Walk({ plan }).planned();
    expect(walk.words).toContain(`${NAME} runs outside of a transaction`);
    walk.answer('next');
    expect(walk.words).toContain(`${NAME} runs outside of a transaction`);
    expect(walk.words).not.toContain('One transaction: all of it happens, or nothing');
  });

  test('keeps the plan from being one transaction', () => {
    const walk = new Walk({ plan }).planned();
    const whole = walk.screen.actions.find(({ id }) => id === 'whole');
    expect(whole).toMatchObject({ enabled: false, reason: expect.stringContaining(NAME) as string });
    walk.act('whole');
    expect(walk.state.wholePlan).toBe(false);
  });

  test('that breaks off is never told to be rolled back: what is left is said and recorded', () => {
    const walk = begun().send(failed());
    expect(walk.words).toContain(LEFT);
    expect(walk.words).not.toContain('rolled back');
    expect(walk.question.prompt).toContain('broke off');
    expect(walk.journal).toContainEqual(
      expect.objectContaining({ type: 'step-finished', outcome: 'broken-off' }),
    );
    expect(walk.journal).toContainEqual({ type: 'note', text: LEFT });
  });

  test('is looked at anew before it may be tried again, and still says what the first attempt left', () => {
    const walk = begun().send(failed()).answer('retry');
    expect(walk.started('check')).toBe(2);
    walk.send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.words).toContain('Attempt 1 broke off');
    expect(walk.words).toContain(LEFT);
    expect(walk.question.kind).toBe('confirm');
  });

  test('that never began is rolled back like any other', () => {
    const walk = begun().send(failed({}));
    expect(walk.words).toContain('The step was rolled back');
    expect(walk.journal).toContainEqual(expect.objectContaining({ outcome: 'rolled-back' }));
  });

  test('ends the run with the outcome of a failed step, and with what became of it', () => {
    const walk = begun().send(failed()).answer('stop');
    expect(walk.words).toContain('broke off outside of a transaction');
    expect(walk.words).not.toContain('rolled back');
    expect(walk.journal.at(-1)).toMatchObject({
      type: 'result',
      outcome: 'sql-failed',
      steps: [{ id: 'step-1', outcome: 'broken-off' }, { outcome: 'not-run' }, { outcome: 'not-run' }],
    });
  });

  test.each([
    ['done', 'done'],
    ['not-done', 'broken-off'],
  ] as const)('that nobody heard of again is found %s by the tables: %s', (found, outcome) => {
    const walk = begun().send({ type: 'step-unknown', step: 'step-1', seconds: 2, error: failure() });
    expect(walk.words).toContain('may still be at work on the server');
    expect(walk.words).not.toContain('COMMIT was sent');
    walk.answer('look').send({ type: 'step-found', step: 'step-1', found });
    walk.send({ type: 'prerequisites-done', survey: survey(found === 'done' ? ['applied'] : []) });
    expect(walk.journal.findLast(({ type }) => type === 'step-finished')).toMatchObject({ outcome });
    expect(walk.words).not.toContain('rolled back');
  });
});
