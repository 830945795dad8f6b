/** The rehearsal within the walk: opened by a key, begun by an answer, stopped by a key, void once the plan changes. */
import { describe, expect, test } from 'vitest';
import { unattendedAnswer } from '../../src/plain/unattended.ts';
import { rehearsalSection } from '../../src/journal/markdown/rehearsal.ts';
import { summaryWords } from '../../src/rehearse/words.ts';
import { rehearsal } from '../wizard/answers-rehearsal.ts';
import { failure, survey, Walk } from '../wizard/support.ts';

const opened = (): Walk => new Walk().planned().act('rehearse');
const begun = (): Walk => opened().answer('rehearse');
const over = (more = {}): Walk =>
  begun().send({ type: 'rehearsed', rehearsal: rehearsal(more), words: ['Rehearsed.', 'step-1: ok.'] });
const key = ({ screen }: Walk, id: string) => screen.actions.find((action) => action.id === id);

describe('beside the plan', () => {
  test('a key says what it would do; nothing begins before it is asked for, and Enter leads back', () => {
    const walk = new Walk().planned();
    expect(key(walk, 'rehearse')).toMatchObject({ keys: ['h'], enabled: true });
    walk.act('rehearse');
    expect(walk.last).toEqual([]);
    expect(walk.words).toContain('takes the lock of a SELECT, for at most 10 minutes');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'close', unattended: 'close' });
    expect(walk.answer('close').question.kind).toBe('continue');
    expect(walk.started('rehearse')).toBe(0);
  });

  test('without an operator none is begun', () => {
    const given = { confirm: 'orders', choose: 'rollback', accept: [], answers: {}, withoutArchive: false };
    expect(unattendedAnswer(opened().question, given as never, opened().state)).toMatchObject({
      value: 'close',
    });
  });

  test('is not offered for an undo, and says why', () => {
    const walk = new Walk({ purpose: 'undo', undoes: '20261122-1549-aaaa' }).checked().answer('next');
    expect(walk.state.screen).toBe('plan');
    expect(key(walk, 'rehearse')).toMatchObject({
      enabled: false,
      reason: expect.stringContaining('together with the rollback') as string,
    });
  });
});

describe('while it runs', () => {
  test('what it is at is told line by line, with the forms that were chosen', () => {
    const walk = new Walk()
      .planned()
      .act('forms')
      .answer('copy-and-swap')
      .act('back')
      .act('rehearse')
      .answer('rehearse');
    expect(walk.last).toEqual([
      {
        type: 'rehearse',
        withoutArchive: false,
        forms: expect.objectContaining({ 'step-1': 'copy-and-swap' }) as object,
      },
    ]);
    walk.send(
      { type: 'rehearsal-begun', at: 1000 },
      { type: 'rehearsal-progress', words: 'Copied a.' },
      { type: 'rehearsal-progress', words: 'step-1: ok.' },
    );
    expect(walk.question).toMatchObject({ kind: 'wait', prompt: 'step-1: ok.', since: 1000 });
    expect(walk.screen.blocks).toContainEqual({ kind: 'log', lines: ['Copied a.', 'step-1: ok.'] });
  });

  test('it is stopped by Esc or Ctrl-C, once, and not left', () => {
    const walk = begun();
    expect(key(walk, 'cancel')).toMatchObject({ keys: ['escape', 'ctrl-c'], enabled: true });
    expect(key(walk, 'leave')).toMatchObject({ enabled: false });
    walk.act('cancel');
    expect(walk.last).toEqual([{ type: 'cancel-rehearsal' }]);
    expect(key(walk, 'cancel')).toMatchObject({ enabled: false });
    expect(walk.question.prompt).toBe('Stopping it…');
    walk.send({
      type: 'rehearsed',
      rehearsal: rehearsal({ outcome: 'stopped', stopped: 'It was stopped.' }),
      words: ['It was stopped.'],
    });
    expect(walk.words).toContain('Not rehearsed to the end: it was stopped.');
    expect(key(walk, 'leave')).toMatchObject({ enabled: true });
  });

  test('what goes wrong is shown and noted, and the plan is as it was', () => {
    const walk = begun().send({ type: 'rehearsal-failed', error: failure() });
    expect(walk.words).toContain('It did not work');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'note' });
    expect(walk.answer('close').question.kind).toBe('continue');
  });
});

describe('its result', () => {
  test('is shown, stands on the plan, and is in the journal with what it held for', () => {
    const walk = over();
    expect(walk.words).toContain('Rehearsed: every step ran on the copy');
    expect(walk.journal.at(-1)).toEqual({
      type: 'rehearsal',
      way: 'schema',
      outcome: 'ok',
      plan: walk.state.plan.hash,
      look: survey().hash,
      seconds: 3,
      words: ['Rehearsed.', 'step-1: ok.'],
    });
    walk.answer('close');
    expect(walk.screen.title).toBe('Plan');
    expect(walk.words).toContain('Rehearsal');
    expect(walk.words).not.toContain('out of date');
  });

  test('stands in the report, with the database that could not be dropped', () => {
    const left = 'backout_rehearsal_0123456789ab';
    const words = summaryWords(rehearsal({ way: 'database', left }));
    const at = '2026-11-22T10:00:00.000Z';
    const section = rehearsalSection({ rehearsals: [{ at, way: 'database', outcome: 'ok', words }] });
    expect(section).toContain(`- ${at} Rehearsed: every step ran on the copy`);
    expect(section).toContain('  - Way: a copy in a scratch database of this server');
    expect(section).toContain('  - step-1: ok, 1 s on the copy.');
    expect(section.replaceAll('\\', '')).toContain(`The scratch database ${left} could not be dropped.`);
    expect(rehearsalSection({ rehearsals: [] })).toBe('');
    const walk = over({ way: 'database', left });
    expect(walk.words).toContain('could not be dropped');
    expect(walk.words).not.toContain('Nothing of it is left');
  });

  test('a form chosen afterwards makes it out of date; chosen back, it holds again', () => {
    const walk = over().answer('close').act('forms').answer('copy-and-swap').act('back');
    expect(walk.words).toContain('This is out of date');
    const first = survey().offers[0]?.offers[0]?.form ?? '';
    expect(walk.act('forms').answer(first).act('back').words).not.toContain('out of date');
  });

  test.each([
    ['of another look at the database', { look: 'another' }],
    ['of another plan', { plan: 'another' }],
  ])('one %s is out of date', (_, more) => {
    expect(over(more).answer('close').words).toContain('This is out of date');
  });

  test('what comes after it was closed by another end changes nothing', () => {
    const walk = over();
    const before = walk.state;
    walk.send(
      { type: 'rehearsal-progress', words: 'late' },
      { type: 'rehearsed', rehearsal: rehearsal(), words: [] },
    );
    expect(walk.state).toBe(before);
  });
});
