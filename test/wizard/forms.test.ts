import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/wizard/types.ts';
import { wholeHash } from '../../src/wizard/whole.ts';
import { KEEP, RECORD, SWAP, hashOf } from './procedures.ts';
import { SQL, Walk, failure, sqlIn, survey } from './support.ts';

const ONE = 'hash-one-0123456789';
const runOf = (walk: Walk): Extract<Task, { type: 'run-step' }> | undefined =>
  walk.tasks.flatMap((task) => (task.type === 'run-step' ? [task] : [])).at(-1);

/** Answers the confirmations of the steps, one after the other, as asked. */
function confirmAll(walk: Walk): Walk {
  while (walk.question.kind === 'confirm' || walk.question.kind === 'typed') {
    walk.answer(walk.question.kind === 'typed' ? walk.question.expected : 'yes');
  }
  return walk;
}

describe('the form of a step', () => {
  test('stands in the plan with its cost, with what else is offered, and why the rest is not', () => {
    const { words } = new Walk().planned();
    expect(words).toContain(
      'Step 1: as written  ACCESS EXCLUSIVE for the whole step; readers and writers wait.',
    );
    expect(words).toContain('Writes about 3.2 MB (from the size of the table).');
    expect(words).toContain('Offered too: copy and swap.');
    expect(words).toContain('Not offered: rewrite. The view v_events hangs on the table.');
    expect(words).toContain('About 50 kB stay in the archive.');
  });

  test('is chosen step by step, the refused ones in view with their reasons', () => {
    const walk = new Walk().planned().act('forms');
    expect(walk.screen.title).toBe('Form of Step 1: Restore events');
    expect(walk.words).toContain('copy and swap ACCESS EXCLUSIVE for milliseconds; readers go on');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'as-written', subject: 'step-1' });
    const options = walk.question.kind === 'choice' ? walk.question.options : [];
    expect(options.find(({ value }) => value === 'rewrite')?.disabled).toContain('v_events');
    walk.answer('rewrite');
    expect(walk.state.forms).toEqual({});
    walk.answer('copy-and-swap');
    expect(walk.question).toMatchObject({ subject: 'step-2' });
    walk.answer('as-written').answer('as-written');
    expect(walk.question.kind).toBe('continue');
    expect(walk.journal.at(-1)).toMatchObject({
      type: 'plan',
      forms: [{ step: 'step-1', form: 'copy-and-swap' }, { step: 'step-2' }, { step: 'step-3' }],
    });
  });

  test('decides what is shown, confirmed and run', () => {
    const walk = new Walk().planned().act('forms').answer('copy-and-swap').act('back').answer('next');
    expect(walk.words).toContain('Form: copy and swap');
    expect(walk.words).toContain('In place of statements 1, 2 of the runbook.');
    expect(walk.words).toContain(`1: ${SQL[0]?.[0]}`);
    expect(sqlIn(walk.screen.blocks)).toContain(SWAP);
    expect(walk.words).toContain('Step 1, 2: Locks out everybody.');
    walk.answer('yes');
    expect(runOf(walk)).toMatchObject({
      confirmed: hashOf(ONE, 'step-1', 'copy-and-swap'),
      forms: { 'step-1': 'copy-and-swap' },
    });
    expect(walk.state.steps[0]?.statements).toHaveLength(4);
  });

  test('can be changed at the step itself, which then shows other SQL under another question', () => {
    const walk = new Walk().atStep();
    const { id } = walk.question;
    walk.act('forms').answer('copy-and-swap');
    expect(walk.state.screen).toBe('step');
    expect(sqlIn(walk.screen.blocks)).toContain(SWAP);
    walk.send({ type: 'answer', question: id, value: 'yes' });
    expect(walk.started('run-step')).toBe(0);
    expect(walk.act('forms').act('back').question.kind).toBe('confirm');
  });

  test('that is not offered any more is told, and not run', () => {
    const walk = new Walk().planned().act('forms').answer('copy-and-swap').act('back').answer('next');
    walk.answer('yes');
    const fresh = survey([], { hash: 'second' });
    const own = fresh.offers[0]!;
    own.offers = own.offers.filter(({ form }) => form === 'as-written');
    walk.voided(fresh);
    expect(walk.words).toContain('Step 1 was to be carried out by copy and swap and now is as written.');
    expect(walk.answer('yes').last.at(-1)).toMatchObject({ confirmed: hashOf('second', 'step-1') });
  });

  test('of which there is none leaves the step as it is, with the reasons', () => {
    const seen = survey();
    const own = seen.offers[0]!;
    own.offers = [{ form: 'as-written', refused: ['It would lose a rule.'], procedure: null }];
    const walk = new Walk().atStep(seen);
    expect(walk.words).toContain('It would lose a rule.');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop' });
    expect(walk.answer('yes').started('run-step')).toBe(0);
    walk.answer('look').send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.question.kind).toBe('confirm');
  });
});

describe('what is sent', () => {
  test('holds what is archived and recorded, complete but quiet', () => {
    const walk = new Walk().atStep(survey(['applied']));
    const sql = walk.screen.blocks.filter((block) => block.kind === 'sql');
    expect(sql.map((block) => [block.sql.split('\n')[0], block.quiet ?? false])).toEqual([
      [KEEP, true],
      ['ALTER TABLE agent_sessions', false],
      [RECORD, true],
    ]);
    expect(walk.words).toContain('1 object kept in schema backout_archive, in the same transaction:');
    expect(walk.words).toContain('columns of agent_sessions, 12,400 rows The values of meta, with the key.');
    expect(walk.words).toContain('As r1_s2_1_agent_sessions.');
  });

  test('what an undo could not bring back is named, and confirmed by typing', () => {
    const seen = survey();
    seen.offers[0]!.offers[0]!.procedure!.notUndoable.push('Statement 2 is not understood.');
    const walk = new Walk().atStep(seen);
    expect(walk.words).toContain('An undo could not bring back:\nwarn Statement 2 is not understood.');
    expect(walk.question.kind).toBe('typed');
  });

  test('a statement that no action carries out is not passed over in silence', () => {
    const seen = survey();
    const actions = seen.offers[0]!.offers[0]!.procedure!.actions;
    actions.splice(1, 1);
    expect(new Walk().atStep(seen).words).toMatch(
      /conflict Statement 2 of the runbook: .* pending, but no action below carries it out/,
    );
  });
});

describe('the whole plan in one transaction', () => {
  const whole = (): Walk => new Walk().planned().act('whole').answer('next');

  test('is offered on the plan with what it means, and taken back there', () => {
    const walk = new Walk().planned().act('whole');
    expect(walk.words).toContain('The whole plan in one transaction: all of it happens, or nothing.');
    expect(walk.words).toContain('Every lock is held from its step to the end of the last one');
    expect(walk.act('whole').words).toContain('One transaction a step');
    const one = new Walk().planned(survey(['applied', 'applied']));
    expect(one.screen.actions.find(({ id }) => id === 'whole')).toMatchObject({ enabled: false });
  });

  test('is confirmed step by step, and runs after the last of them under one hash', () => {
    const walk = whole();
    walk.answer('yes');
    expect(walk.started('run-step')).toBe(0);
    expect(walk.step).toBe('step-2');
    expect(walk.words).toContain('Step 1 is confirmed. It runs with the others');
    walk.answer('orders').answer('yes');
    const hashes = ['step-1', 'step-2', 'step-3'].map((id) => hashOf(ONE, id));
    expect(runOf(walk)).toEqual({
      type: 'run-step',
      step: 'step-1',
      steps: ['step-1', 'step-2', 'step-3'],
      attempt: 1,
      confirmed: wholeHash(hashes),
      forms: { 'step-1': 'as-written', 'step-2': 'as-written', 'step-3': 'as-written' },
    });
    expect(walk.journal.filter(({ type }) => type === 'step-confirmed')).toHaveLength(3);
  });

  test('while it runs the actions of all steps are shown, the one at work in view', () => {
    const walk = confirmAll(whole());
    walk.send(
      { type: 'step-started', step: 'step-1', at: 1 },
      { type: 'statement-done', step: 'step-1', index: 1, rows: 5, seconds: 1 },
      { type: 'step-started', step: 'step-2', at: 2 },
      { type: 'statement-started', step: 'step-2', index: 2 },
    );
    expect(walk.step).toBe('step-2');
    for (const name of ['Step 1: Restore events', 'Step 2: Restore sessions', 'Step 3: Remove the version']) {
      expect(walk.words).toContain(name);
    }
    expect(walk.words).toContain('5 rows, 1.0 s, not committed yet');
    walk.act('cancel');
    expect(walk.state.steps.map(({ status }) => status)).toEqual(Array(3).fill('cancelling'));
  });

  test('committed, every step is done and verification is next', () => {
    const walk = confirmAll(whole());
    const done = (step: string, last = false) =>
      ({
        type: 'step-done',
        step,
        seconds: 1,
        survey: last ? survey(['applied', 'applied', 'applied'], { hash: 'after' }) : null,
      }) as const;
    walk.send(done('step-1'), done('step-2'));
    expect(walk.question.kind).toBe('wait');
    walk.send(done('step-3', true));
    expect(walk.state).toMatchObject({ stale: false });
    expect(walk.answer('next').state.screen).toBe('verification');
  });

  test('failed, none of it stands, and every step is confirmed anew', () => {
    const walk = confirmAll(whole());
    walk.send(
      { type: 'step-started', step: 'step-1', at: 1 },
      { type: 'step-started', step: 'step-2', at: 2 },
      { type: 'step-failed', step: 'step-2', seconds: 1, error: failure(), cancelled: false },
    );
    expect(walk.state.steps.map(({ status }) => status)).toEqual(['waiting', 'failed', 'waiting']);
    const ended = walk.journal.filter((event) => event.type === 'step-finished');
    expect(ended.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back', 'not-run']);
    walk.answer('retry');
    expect(walk.step).toBe('step-1');
    expect(walk.state.steps.map(({ confirmed }) => confirmed)).toEqual([null, null, null]);
  });

  test('not known, all of it is not known, and one row decides for all', () => {
    const walk = confirmAll(whole());
    walk.send({ type: 'step-unknown', step: 'step-1', seconds: 1, error: failure() });
    expect(walk.state.steps.map(({ status }) => status)).toEqual(Array(3).fill('unknown'));
    walk.answer('look').send({ type: 'step-found', step: 'step-1', found: 'done' });
    walk.send({ type: 'prerequisites-done', survey: survey(['applied', 'applied', 'applied']) });
    expect(walk.state.steps.map(({ status }) => status)).toEqual(Array(3).fill('done'));
  });

  test('turning back to the plan, or another form, takes every confirmation back', () => {
    const walk = whole().answer('yes');
    walk.act('back');
    expect(walk.state.steps.some(({ confirmed }) => confirmed !== null)).toBe(false);
    walk.answer('next').answer('yes').act('back').act('forms').answer('copy-and-swap').act('back');
    expect(confirmAll(walk.answer('next')).started('run-step')).toBe(1);
    expect(runOf(walk)?.forms['step-1']).toBe('copy-and-swap');
  });

  test('a change between the confirmations and the run voids all of them', () => {
    const walk = confirmAll(whole());
    walk.send({ type: 'survey-changed', step: 'step-1', survey: survey([], { hash: 'other' }) });
    expect(walk.state.steps.map(({ confirmed, status }) => [confirmed, status])).toEqual(
      Array(3).fill([null, 'waiting']),
    );
    expect(walk.step).toBe('step-1');
  });
});
