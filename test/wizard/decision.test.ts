import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import type { Evidence } from '../../src/postgres/types.ts';
import { recommend } from '../../src/wizard/recommend.ts';
import { NOTHING_FOUND, RUNBOOK, Walk, failure, survey } from './support.ts';

const evidence = (supports: Evidence['supports'], id: string = supports): Evidence => ({
  id,
  title: `Title ${id}`,
  supports,
  detail: `detail ${id}`,
  source: 'database',
});

describe('recommend', () => {
  test('the side with more findings wins, with a reason for each', () => {
    const found = recommend(
      [evidence('rollback', 'a'), evidence('rollback', 'b'), evidence('fix-forward', 'c')],
      {
        possible: true,
      },
    );
    expect(found.choice).toBe('rollback');
    expect(found.reasons).toEqual([
      '2 findings speak for rolling back, 1 for fixing forward.',
      'For rolling back: Title a. detail a.',
      'For rolling back: Title b. detail b.',
      'For fixing forward: Title c. detail c.',
    ]);
  });

  test.each([
    ['a tie', [evidence('rollback'), evidence('fix-forward')]],
    ['nothing', []],
    ['neutral findings', [evidence('neutral')]],
    ['more against', [evidence('fix-forward', 'a')]],
  ])('%s recommends fixing forward', (_, entries) => {
    expect(recommend(entries, { possible: true }).choice).toBe('fix-forward');
  });

  test('without criteria nothing is recommended, and what it would cost is said', () => {
    const facts = { possible: true, criteria: false, stakes: ['Rolling back takes data out.'] };
    const found = recommend([evidence('fix-forward', 'later')], facts);
    expect(found.choice).toBe('none');
    expect(found.reasons).toEqual([
      'No criteria say when this is to be rolled back and when to be fixed forward, so nothing is recommended: the choice is yours.',
      'Rolling back takes data out.',
    ]);
    expect(recommend([], { ...facts, possible: false }).choice).toBe('fix-forward');
  });

  test('an impossible rollback is not recommended however much speaks for it', () => {
    const found = recommend([evidence('rollback')], {
      possible: false,
      impossible: ['Step 1 does not fit.'],
    });
    expect(found.choice).toBe('fix-forward');
    expect(found.reasons).toContain('Step 1 does not fit.');
  });
});

describe('decision', () => {
  const asking = (): Walk =>
    new Walk()
      .checked()
      .answer('next')
      .send({
        type: 'evidence',
        evidence: [],
        toAsk: [
          { id: 'deployed', text: 'Not yet deployed', supports: 'rollback' },
          { id: 'harm', text: 'Would disrupt more', supports: 'fix-forward' },
        ],
      });

  test("asks the operator's criteria one at a time, then recommends", () => {
    const walk = asking();
    expect(walk.question).toMatchObject({
      kind: 'choice',
      id: 'criterion:deployed',
      default: 'unknown',
      flag: '--answer deployed=yes|no|unknown',
    });
    walk.answer('yes');
    expect(walk.question).toMatchObject({ id: 'criterion:harm' });
    walk.answer('no');
    expect(walk.state.decision.evidence.map(({ supports, source }) => [supports, source])).toEqual([
      ['rollback', 'operator'],
      ['neutral', 'operator'],
    ]);
    expect(walk.state.decision.recommendation?.choice).toBe('rollback');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'fix-forward', flag: '--choose' });
  });

  test('an answer nobody offered is dropped', () => {
    const walk = asking();
    const { state } = walk;
    expect(walk.answer('perhaps').state).toBe(state);
  });

  test('with the recommendation: no reason is asked, decision and plan are recorded', () => {
    const walk = new Walk().planned();
    expect(walk.state.screen).toBe('plan');
    expect(walk.journal.slice(-2)).toMatchObject([
      { type: 'decision', choice: 'rollback', reason: null },
      { type: 'plan', hash: 'hash-one-0123456789' },
    ]);
  });

  test('against it: a reason is required, cleaned and recorded', () => {
    const walk = new Walk().deciding().answer('fix-forward');
    expect(walk.question).toMatchObject({ kind: 'text', required: true, flag: '--reason' });
    walk.answer('   ');
    expect(walk.state.screen).toBe('decision');
    expect(walk.words).toContain('A reason is needed');
    walk.answer('the team\u001b[31m says\nso');
    expect(walk.state.screen).toBe('forward');
    expect(walk.journal.at(-1)).toMatchObject({
      choice: 'fix-forward',
      reason: 'the team [31m says so',
    });
  });

  test.each(['rollback', 'fix-forward'])('without criteria neither choice needs a reason: %s', (choice) => {
    const runbook = { ...RUNBOOK, criteria: [] };
    const walk = new Walk({ runbook }).deciding().answer(choice);
    expect(walk.state.decision).toMatchObject({ choice, reason: null, status: 'decided' });
  });

  test('escape takes the choice back', () => {
    const walk = new Walk().deciding().answer('fix-forward').act('back');
    expect(walk.question).toMatchObject({ kind: 'choice', flag: '--choose' });
    expect(walk.state.decision.choice).toBeNull();
  });

  test('a conflict takes rolling back off the table, with the reason', () => {
    const walk = new Walk().deciding(survey(['conflict']));
    const { question } = walk;
    expect(question.kind === 'choice' && question.options[0]).toMatchObject({
      value: 'rollback',
      disabled: 'Step 1, statement 1 does not fit: found conflict',
    });
    expect(walk.answer('rollback').state.screen).toBe('decision');
  });

  test('rows that would fail speak against it, but an operator may have a reason', () => {
    const seen = survey();
    seen.risk.failing.push({
      step: 'step-1',
      index: 2,
      table: 'events',
      column: 'confidence',
      kind: 'cast',
      rows: 1,
      keys: ['7'],
      keyColumns: 'id',
      detail: '"high" is no number',
    });
    const walk = new Walk().deciding(seen);
    expect(walk.state.decision.recommendation?.choice).toBe('fix-forward');
    expect(walk.words).toContain('would fail on 1 row of events.confidence');
    walk.answer('rollback').answer('the row is being mended');
    expect(walk.state.screen).toBe('plan');
    expect(walk.words).toContain('"high" is no number');
  });

  test('fix forward changes nothing and ends with exit status 11', () => {
    const walk = new Walk().deciding().answer('fix-forward').answer('agreed').send(NOTHING_FOUND);
    expect(walk.words).toContain('Nothing is run on this screen');
    walk.answer('report');
    expect(walk.state.ending).toEqual({ outcome: 'fix-forward', exitStatus: EXIT.declined });
    expect(walk.started('run-step')).toBe(0);
    expect(walk.journal.at(-1)).toMatchObject({
      type: 'result',
      steps: [{ outcome: 'not-run' }, { outcome: 'not-run' }, { outcome: 'not-run' }],
    });
  });

  test('evidence that could not be read is explained and can be read again', () => {
    const walk = new Walk().checked().answer('next').send({ type: 'evidence-failed', error: failure() });
    expect(walk.question).toMatchObject({ kind: 'choice', unattended: 'leave' });
    expect(walk.answer('retry').last).toEqual([{ type: 'gather-evidence' }]);
  });

  test('back from the plan keeps evidence and asks for the choice again', () => {
    const walk = new Walk().planned().act('back');
    expect(walk.state.screen).toBe('decision');
    expect(walk.question).toMatchObject({ flag: '--choose' });
    walk.act('back');
    expect(walk.state.screen).toBe('prerequisites');
    expect(walk.question.kind).toBe('continue');
  });
});
