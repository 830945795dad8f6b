/** `--repair` where nobody is asked: what it names, the value it gives, and a search that failed. */
import { describe, expect, it } from 'vitest';
import { EXIT, UserError } from '../../src/exit.ts';
import { checkGiven, givenRepair, mendAnswer, withGiven } from '../../src/plain/given-repairs.ts';
import { unattendedAnswer, type GivenAnswers } from '../../src/plain/unattended.ts';
import type { ExplainedError } from '../../src/postgres/types.ts';
import type { Repair } from '../../src/repair/types.ts';
import { noForward, noRepairs } from '../../src/wizard/state.ts';
import { repair } from '../wizard/support.ts';
import { choice } from './fake.ts';

const asks = (id: string, more: Partial<NonNullable<Repair['input']>> = {}): Repair => ({
  ...repair(id, false),
  input: { prompt: 'Type a number.', accepts: 'number', longest: null, as: 'json', value: null, ...more },
});
const FOUND = [
  repair('index:a'),
  asks('replace:t.c'),
  asks('replace:t.c:a=b'),
  asks('replace:t.n', { accepts: 'text', longest: 3 }),
];

function refusal(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the repairs of the command line', () => {
  it.each([
    ['index:a', 'index:a', null],
    ['replace:t.c=0.5', 'replace:t.c', '0.5'],
    ['replace:t.c:a=b', 'replace:t.c:a=b', null],
    ['replace:t.c:a=b=c=d', 'replace:t.c:a=b', 'c=d'],
  ])('%s is %s with the value %j', (text, id, value) => {
    expect(givenRepair(text, FOUND)).toEqual({ id, value });
  });

  it('are chosen, each with its value, and nothing else is', () => {
    const { found, chosen } = withGiven(FOUND, ['replace:t.c=0.5', 'index:a', 'gone']);
    expect(chosen).toEqual(['index:a', 'replace:t.c']);
    expect(found.map(({ input }) => input?.value)).toEqual([undefined, '0.5', null, null]);
  });

  it.each([
    ['index:b', /names nothing that was found here/],
    ['index:a=1', /takes no value/],
    ['replace:t.c', /needs a value\. Type a number\./],
    ['replace:t.c=', /Nothing was given/],
    ['replace:t.c=high', /no number/],
    ['replace:t.c=0x10', /no number/],
    ['replace:t.c=NaN', /no number/],
    ['replace:t.n=four', /has 4 characters, and at most 3 fit/],
    ['replace:t.n=a\nb', /Line breaks/],
  ])('%j is refused with 64', (text, says) => {
    const error = refusal(() => checkGiven(FOUND, [text]));
    expect(error.message).toMatch(says);
    expect(error.exitStatus).toBe(EXIT.usage);
    expect(error.advice).toContain('Nothing was run.');
  });

  it.each(['replace:t.c=-1.5e-3', 'replace:t.n=ab', 'index:a'])('%s is taken', (text) => {
    expect(() => checkGiven(FOUND, [text])).not.toThrow();
  });
});

const error = (sqlstate: string): ExplainedError =>
  ({ sqlstate, message: 'the server refused it', advice: 'Look who holds the lock.' }) as ExplainedError;

describe('a search that failed, with --repair given', () => {
  const given: GivenAnswers = {
    confirm: 'orders',
    choose: 'fix-forward',
    accept: [],
    answers: {},
    repairs: ['index:a'],
  };
  const question = choice('forward-failed', { unattended: 'report' });

  it.each([
    ['55P03', EXIT.busy, 'Try again once that is over.'],
    ['57014', EXIT.busy, 'Try again once that is over.'],
    ['42501', EXIT.prerequisiteFailed, 'Mend that first, then try again.'],
  ])('ends with its own status for %s, on either way, and says what to do', (sqlstate, status, says) => {
    const forward = { ...noForward(), status: 'failed' as const, error: error(sqlstate) };
    const about = { purpose: 'rollback' as const, undoes: null, screen: 'forward' as const, forward };
    const told = refusal(() => unattendedAnswer(question, given, about));
    const repairs = { ...noRepairs(), status: 'failed' as const, error: error(sqlstate) };
    const before = refusal(() => mendAnswer(() => false, ['index:a'], { repairs, mending: false }));
    for (const one of [told, before]) {
      expect(one.exitStatus).toBe(status);
      expect(one.message).toContain('could not be looked for');
      expect(one.message).toContain('the server refused it');
      expect(one.advice).toContain(says);
    }
  });

  it('without --repair it ends with the report, as before', () => {
    const forward = { ...noForward(), status: 'failed' as const, error: error('55P03') };
    const about = { purpose: 'rollback' as const, undoes: null, screen: 'forward' as const, forward };
    expect(unattendedAnswer(question, { ...given, repairs: [] }, about).value).toBe('report');
  });
});
