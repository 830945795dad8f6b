/** Where something failed: the entry, what could be mended, choosing it, leaving for the repair; nothing by itself. */
import { describe, expect, it } from 'vitest';
import type { Repair } from '../../src/repair/types.ts';
import type { Event } from '../../src/wizard/types.ts';
import { failure, result, survey, Walk, type Walk as Walked } from '../wizard/support.ts';

const repair = (id: string, recommended: boolean): Repair => ({
  id,
  title: `Mend ${id}`,
  found: `Found ${id}.`,
  careful: [`Weigh ${id}.`],
  sql: `UPDATE t SET ${id} = 1;`,
  checks: [],
  recommended,
});

const KEY = repair('key', true);
const VALUE = repair('value', false);
const repairs = (...found: Repair[]): Event => ({
  type: 'repairs',
  found,
  notes: [
    { title: 'Side by side', lines: ['One is longer.'], table: { columns: ['a', 'b'], rows: [['1', '2']] } },
  ],
  unasked: true,
});

/** The failure is told after what could mend it. */
function failed(...found: Repair[]): Walked {
  const walk = new Walk().running();
  const error = failure({ troubleshooting: 'Rollback fails with "table does not exist"' });
  return walk.send(repairs(...found), {
    type: 'step-failed',
    step: 'step-1',
    seconds: 1,
    error,
    cancelled: false,
  });
}

function blocked(...found: Repair[]): Walked {
  const walk = new Walk().connected().answer('next');
  const wrong = { ...result('state', 'fail'), troubleshooting: 'Rollback fails with "table does not exist"' };
  return walk.send({ type: 'prerequisite', result: wrong }, repairs(...found), {
    type: 'prerequisites-done',
    survey: survey(),
  });
}

describe.each([
  ['a step that failed', failed],
  ['prerequisites that are not met', blocked],
])('%s', (_, arrive) => {
  it('shows the entry of the runbook, what could be mended, and what is known beside it', () => {
    const walk = arrive(KEY, VALUE);
    expect(walk.words).toContain(
      'The runbook\'s troubleshooting: Rollback fails with "table does not exist"',
    );
    expect(walk.words).toContain('Already partly rolled back.');
    expect(walk.words).toContain('What could be mended');
    expect(walk.words).toContain('Mend key Found key.');
    expect(walk.words).toContain('Side by side\nOne is longer.\na | b\n1 | 2');
    expect(JSON.stringify(walk.question)).toContain('Mend it: 2 repairs to choose from');
  });

  it('says why the key does nothing where nothing is known to mend it', () => {
    const walk = arrive();
    expect(walk.screen.actions.find(({ id }) => id === 'mend')).toMatchObject({
      enabled: false,
      reason: 'backout knows no SQL that would mend this.',
    });
    expect(walk.act('mend').question.id).not.toContain('mend');
  });

  it('lets repairs be taken in and out, and leaves for those with the way back', () => {
    const walk = arrive(KEY, VALUE).answer('mend');
    expect(walk.words).toContain('done Mend key (chosen)');
    expect(walk.words).toContain('UPDATE t SET value = 1;');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'close' });
    walk.answer('toggle:value').answer('toggle:key');
    expect(walk.words).toContain('done Mend value (chosen)');
    expect(walk.words).not.toContain('Mend key (chosen)');
    walk.answer('go');
    expect(walk.state.outcome?.next).toMatchObject({
      kind: 'repair',
      repairs: [{ id: 'value' }],
      after: { rollback: null },
    });
    expect(walk.journal.at(-1)).toMatchObject({ type: 'result' });
  });

  it('goes nowhere with nothing chosen, and back to the failure on Enter and on Esc', () => {
    const walk = arrive(VALUE).answer('mend');
    walk.answer('go');
    expect(walk.state.outcome).toBeNull();
    expect(walk.words).toContain('Nothing is chosen');
    walk.answer('close');
    expect(walk.words).toContain('What could be mended');
    expect(walk.answer('mend').act('back').state.mending).toBe(false);
  });

  it('without an operator nothing is mended: the question ends the run as before', () => {
    const walk = arrive(KEY);
    expect(['stop', 'leave']).toContain(walk.question.unattended);
  });
});

describe('a failure after a step is done', () => {
  it('is gone back to as the run that it is: the database knows of it', () => {
    const walk = new Walk().atStep();
    const { question } = walk;
    walk
      .answer(question.kind === 'typed' ? question.expected : 'yes')
      .send({ type: 'step-started', step: 'step-1', at: 1 })
      .carriesOut(survey(['applied'], { hash: 'hash-two-0123456789' }))
      .answer('next');
    const second = walk.question;
    walk
      .answer(second.kind === 'typed' ? second.expected : 'yes')
      .send({ type: 'step-started', step: 'step-2', at: 1 })
      .send(repairs(KEY), {
        type: 'step-failed',
        step: 'step-2',
        seconds: 1,
        error: failure(),
        cancelled: false,
      })
      .answer('mend')
      .answer('go');
    expect(walk.state.outcome?.next).toMatchObject({ after: { rollback: walk.state.run } });
  });
});

describe('a repair that asks for a value', () => {
  const ASKS: Repair = {
    ...repair('confidence', false),
    title: 'Put a value of yours in c of t',
    sql: "UPDATE t SET c = '<value>' WHERE c = 'high';",
    input: { prompt: 'Which number?', accepts: 'number', longest: null, as: 'literal', value: null },
  };
  const asked = (): Walked => failed(ASKS).answer('mend').answer('toggle:confidence');

  it('is chosen by typing it, shown with it in its SQL, and carried out with it', () => {
    const walk = asked();
    expect(walk.question).toMatchObject({ kind: 'text', prompt: expect.stringContaining('Which number?') });
    walk.answer(' 0.5 ');
    expect(walk.state.repairs.chosen).toEqual(['confidence']);
    expect(walk.words).toContain("SET c = '0.5'");
    expect(walk.words).toContain('Put 0.5 in c of t');
    walk.answer('go');
    const { next } = walk.state.outcome ?? {};
    expect(next).toMatchObject({ kind: 'repair', repairs: [{ id: 'confidence', input: { value: '0.5' } }] });
  });

  it('is not chosen by what is no number, by nothing, or by going back', () => {
    const walk = asked().answer('high');
    expect(walk.state.notice).toContain('That is no number');
    expect(walk.question.kind).toBe('text');
    expect(walk.answer('').state.repairs).toMatchObject({ asking: null, chosen: [] });
    const back = asked().act('back');
    expect(back.state).toMatchObject({ mending: true, repairs: { asking: null, chosen: [] } });
  });

  it('is taken out again by its key', () => {
    expect(asked().answer('1').answer('toggle:confidence').state.repairs.chosen).toEqual([]);
  });
});

describe('what was found once', () => {
  it('is forgotten when the step is tried again or the database looked at again', () => {
    const walk = failed(KEY).answer('retry');
    const { question } = walk;
    walk.answer(question.kind === 'typed' ? question.expected : 'yes');
    expect(walk.state.repairs.found).toEqual([]);
    expect(blocked(KEY).answer('retry').state.repairs.found).toEqual([]);
  });
});
