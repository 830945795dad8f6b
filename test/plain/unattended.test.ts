import { describe, expect, it } from 'vitest';
import { EXIT, UserError } from '../../src/exit.ts';
import { checkTarget, unattended, unattendedAnswer, type GivenAnswers } from '../../src/plain/unattended.ts';
import type { ServerInfo } from '../../src/postgres/types.ts';
import type { Question, State } from '../../src/wizard/types.ts';
import { choice, confirm, fakeState, goOn, screen, typed, wait } from './fake.ts';

const GIVEN: GivenAnswers = {
  confirm: 'orders',
  choose: 'rollback',
  accept: ['backup'],
  answers: { simple: 'yes' },
  withoutArchive: true,
};

function connectedTo(database: string): State {
  const server: Partial<ServerInfo> = { database };
  return fakeState({
    target: { status: 'connected', settings: [], server: server as ServerInfo, error: null, changing: false },
    runbook: { criteria: [{ id: 'simple' }] } as State['runbook'],
    plan: { steps: [], hash: '' },
    prerequisites: { status: 'done', results: [{ id: 'backup' }] } as State['prerequisites'],
  });
}

const reason = (flag?: string): Question => ({
  kind: 'text',
  id: 'r',
  prompt: 'Why?',
  required: true,
  placeholder: '',
  secret: false,
  ...(flag ? { flag } : {}),
});

function refusal(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('an answer that is missing', () => {
  const asked = confirm('accept:disk', '--accept disk');
  it.each([
    ['rollback', null, '"backout plan" shows'],
    ['undo', '20251122-1549-k3f9', '"backout undo 20251122-1549-k3f9" in a terminal shows'],
  ] as const)(
    'of a run of kind %s is refused with 64 and the command that shows it',
    (purpose, undoes, says) => {
      const state = { ...connectedTo('orders'), purpose, undoes };
      state.prerequisites.results.push({ id: 'disk' } as State['prerequisites']['results'][number]);
      const error = refusal(() => unattended({ ...GIVEN })({ screen: screen(asked), state } as never));
      expect(error.exitStatus).toBe(EXIT.usage);
      expect(error.advice).toContain(says);
    },
  );
});

describe('answers from options', () => {
  const answered: [why: string, question: Question, value: string][] = [
    ['a warning that was accepted', confirm('accept:backup', '--accept backup'), 'yes'],
    ['a run that was broken off, left aside', choice('other-run', { flag: '--accept backup' }), 'begin'],
    ['the decision', choice('choice', { flag: '--choose' }), 'rollback'],
    ['a criterion', choice('ask:simple', { flag: '--answer simple' }), 'yes'],
    [
      'a criterion, its flag written out',
      choice('ask:simple', { flag: '--answer simple=yes|no|unknown' }),
      'yes',
    ],
    ['a typed confirmation', typed('step-1', '--confirm'), 'orders'],
    ['a typed confirmation, with the name', typed('step-1', '--confirm NAME'), 'orders'],
    ['a step confirmed', confirm('step-2', '--confirm'), 'yes'],
    ['the consent to go without an archive', typed('without', '--without-archive'), 'orders'],
    [
      'the way past a failed archive',
      choice('blocked', {
        options: [
          { value: 'leave', key: 'l', label: 'Leave' },
          { value: 'without-archive', key: 'w', label: 'Without' },
        ],
        default: 'leave',
        unattended: 'leave',
      }),
      'without-archive',
    ],
    ['something harmless to go past', goOn('plan'), 'next'],
    ['what the wizard says a run without an operator answers', { ...choice('done'), unattended: 'c' }, 'c'],
  ];

  it.each(answered)('%s', (_why, question, value) => {
    expect(unattendedAnswer(question, GIVEN).value).toBe(value);
  });

  it('gives the reason as written', () => {
    expect(unattendedAnswer(reason('--reason'), { ...GIVEN, reason: 'known cause' }).value).toBe(
      'known cause',
    );
  });

  const missing: [why: string, question: Question, flag: string][] = [
    ['a warning', confirm('accept:disk', '--accept disk'), '--accept disk'],
  ];

  it.each(missing)('%s that nobody answered ends it with 64 and the flag', (_why, question, flag) => {
    const error = refusal(() => unattendedAnswer(question, GIVEN));
    expect(error.exitStatus).toBe(EXIT.usage);
    expect(error.message).toContain(flag);
    expect(error.message).toContain(question.prompt);
  });

  it('a criterion or a reason nobody gave is recorded as not given: the decision itself is --choose', () => {
    const criterion = choice('ask:other', { flag: '--answer other' });
    expect(unattendedAnswer(criterion, GIVEN)).toMatchObject({ value: 'unknown', from: 'no --answer other' });
    expect(unattendedAnswer(reason('--reason'), GIVEN).value).toMatch(/^none given/);
  });

  it('never guesses: a flag wins over what may be answered without one', () => {
    const question: Question = { ...confirm('accept:disk', '--accept disk'), unattended: 'yes' };
    expect(refusal(() => unattendedAnswer(question, GIVEN)).exitStatus).toBe(EXIT.usage);
  });

  it('takes a question without a rule for a bug', () => {
    expect(() => unattendedAnswer(confirm('odd'), GIVEN)).toThrow(/odd has neither/);
    expect(() => unattendedAnswer(confirm('odd', '--nonsense'), GIVEN)).toThrow(/--nonsense/);
    expect(() => unattendedAnswer(wait(), GIVEN)).toThrow(/neither/);
  });
});

describe('the answerer', () => {
  const ask = (question: Question, state: State, given = GIVEN) =>
    unattended(given)({ screen: screen(question), state, withdrawn: new AbortController().signal });

  it('answers the question that is asked, and says from where', async () => {
    const reply = await ask(confirm('accept:backup', '--accept backup'), connectedTo('orders'));
    expect(reply).toEqual({
      event: { type: 'answer', question: 'accept:backup', value: 'yes' },
      said: 'yes (--accept backup)',
    });
  });

  it('takes the flag for the warning that comes of going without an archive, and for no other of that name', async () => {
    const question = confirm('accept:archive', '--accept archive');
    const agreed = { ...connectedTo('orders'), withoutArchive: true };
    expect((await ask(question, agreed)).event).toMatchObject({ value: 'yes' });
    expect(refusal(() => ask(question, connectedTo('orders'))).message).toContain('--accept archive');
    const without = { ...GIVEN, withoutArchive: false };
    expect(refusal(() => ask(question, agreed, without)).message).toContain('--accept archive');
  });

  it('never confirms again what somebody else made void: it stops, and nothing but a confirmation does that', async () => {
    const voided = { ...connectedTo('orders'), steps: [{ voided: true }] as State['steps'] };
    for (const question of [
      typed('confirm:step-1:2:9', '--confirm'),
      confirm('confirm:step-2:1:9', '--confirm'),
    ]) {
      const reply = await ask(question, voided);
      expect(reply.event).toEqual({ type: 'action', action: 'stop' });
      expect(reply.said).toContain('somebody changed the database');
      const other = { ...voided, steps: [{ voided: false }] as State['steps'] };
      expect((await ask(question, other)).event).toMatchObject({ type: 'answer' });
    }
    expect((await ask(goOn('after'), voided)).event).toMatchObject({ type: 'answer', value: 'next' });
  });

  it('waits before it looks again, and no longer than the question stands', async () => {
    const question = { ...choice('unknown:step-1:4'), unattended: 'look', unattendedPauseMs: 3_600_000 };
    const withdrawn = new AbortController();
    const state = connectedTo('orders');
    const reply = unattended(GIVEN)({ screen: screen(question), state, withdrawn: withdrawn.signal });
    expect(await Promise.race([reply, Promise.resolve('waits')])).toBe('waits');
    withdrawn.abort();
    expect((await reply).event).toMatchObject({ value: 'look' });
  });

  it('goes without an archive only when told so', () => {
    const given = { ...GIVEN, withoutArchive: undefined };
    expect(refusal(() => unattendedAnswer(typed('w', '--without-archive'), given)).exitStatus).toBe(
      EXIT.usage,
    );
  });

  it('refuses an --accept that names no prerequisite', () => {
    const error = refusal(() => ask(goOn('plan'), connectedTo('orders'), { ...GIVEN, accept: ['bakcup'] }));
    expect(error.exitStatus).toBe(EXIT.usage);
    expect(error.message).toContain('--accept bakcup');
    expect(error.advice).toContain('backup');
  });

  it('refuses a database that is not the one named, whatever is asked', () => {
    for (const question of [goOn('plan'), typed('step-1', '--confirm'), confirm('step-1', '--confirm')]) {
      const error = refusal(() => ask(question, connectedTo('orders_staging')));
      expect(error.exitStatus).toBe(EXIT.usage);
      expect(error.message).toContain('orders_staging');
      expect(error.advice).toContain('Nothing was run');
    }
  });

  it('does not mistake a name that only begins the same', () => {
    expect(refusal(() => checkTarget(connectedTo('orders2'), GIVEN)).exitStatus).toBe(EXIT.usage);
    expect(refusal(() => checkTarget(connectedTo('Orders'), GIVEN)).exitStatus).toBe(EXIT.usage);
  });

  it('refuses an answer to a criterion that the runbook does not have', () => {
    const error = refusal(() =>
      ask(goOn('plan'), connectedTo('orders'), { ...GIVEN, answers: { simpel: 'yes' } }),
    );
    expect(error.message).toContain('--answer simpel');
    expect(error.advice).toContain('simple');
  });

  it('ends when its answer was not taken, instead of answering for ever', async () => {
    const answer = unattended(GIVEN);
    const asked = {
      screen: screen(goOn('a')),
      state: connectedTo('orders'),
      withdrawn: new AbortController().signal,
    };
    await answer(asked);
    expect(() => answer(asked)).toThrow(/was not taken/);
  });
});
