import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JournalBody } from '../../../src/journal/types.ts';
import { BadMoment, momentMatches, parseMoment } from '../../../src/practice/drill/moment.ts';
import { ACTIONS, QUESTIONS } from '../../../src/practice/drill/vocabulary.ts';

const matches = (text: string, event: JournalBody): boolean => momentMatches(parseMoment(text), event);

const shown: JournalBody = { type: 'shown', screen: 'step', asked: 'confirm', subject: 'step-1' };
const answered: JournalBody = {
  type: 'answered',
  screen: 'decision',
  asked: 'choose',
  subject: null,
  value: 'rollback',
};
const finished: JournalBody = {
  type: 'step-finished',
  step: 'step-2',
  outcome: 'done',
  seconds: 1,
  error: null,
};
const coach: JournalBody = { type: 'coach', what: 'ask', id: 'backup', right: true, cost: 0 };

describe('a moment', () => {
  it.each<[string, JournalBody, boolean]>([
    ['at step', shown, true],
    ['at', shown, true],
    ['at step/confirm', shown, true],
    ['at step/confirm:step-1', shown, true],
    ['at step/confirm:step-2', shown, false],
    ['at step/failed', shown, false],
    ['at plan', shown, false],
    ['answered step', shown, false],
    ['answered decision/choose=rollback', answered, true],
    ['answered decision=rollback', answered, true],
    ['answered decision/choose=fix-forward', answered, false],
    ['action step/mend', { type: 'action-used', screen: 'step', action: 'mend' }, true],
    ['action mend', { type: 'action-used', screen: 'step', action: 'mend' }, true],
    ['action forms', { type: 'action-used', screen: 'step', action: 'mend' }, false],
    ['coach ask:backup right', coach, true],
    ['coach ask:backup wrong', coach, false],
    ['coach ask', coach, true],
    ['coach hint', coach, false],
    ['started step-2', { type: 'step-started', step: 'step-2', attempt: 1 }, true],
    ['finished step-2=done', finished, true],
    ['finished step-2', finished, true],
    ['finished', finished, true],
    ['finished step-2=rolled-back', finished, false],
    ['committing step-2', { type: 'step-committing', step: 'step-1', steps: ['step-1', 'step-2'] }, true],
    ['committing step-2', { type: 'step-committing', step: 'step-1' }, false],
    ['consent backup', { type: 'consent', id: 'backup', detail: '' }, true],
    ['injected late', { type: 'injected', id: 'late', title: '', by: 'drill', simulated: false }, true],
    ['result verified', { type: 'result', outcome: 'verified', exitStatus: 0, run: 'x', steps: [] }, true],
    ['result stopped', { type: 'result', outcome: 'verified', exitStatus: 0, run: 'x', steps: [] }, false],
    ['result', { type: 'note', text: '' }, false],
  ])('%s', (text, event, is) => {
    expect(matches(text, event)).toBe(is);
  });

  it('names a statement of a step', () => {
    const statement = { type: 'statement', step: 'step-2', index: 3 } as JournalBody;
    expect(matches('statement step-2:3', statement)).toBe(true);
    expect(matches('statement step-2', statement)).toBe(true);
    expect(matches('statement step-2:4', statement)).toBe(false);
  });

  it.each([
    ['arrived step', '"arrived step" is no moment'],
    ['at steps', 'there is no screen "steps"'],
    ['at step/confrim', 'there is no question "confrim"'],
    ['action fix', 'there is no key "fix"'],
    ['result well', 'there is no outcome "well"'],
    ['coach ask:x maybe', 'there is no answer "maybe"'],
  ])('%s is refused', (text, message) => {
    expect(() => parseMoment(text)).toThrow(BadMoment);
    expect(() => parseMoment(text)).toThrow(message);
  });

  it('says what was perhaps meant', () => {
    expect(() => parseMoment('at step/confrim')).toThrow(
      expect.objectContaining({ advice: 'Is confirm meant?' }),
    );
  });
});

/** Every file of the wizard, as it is written. */
function wizardSource(): string {
  const folder = fileURLToPath(new URL('../../../src/wizard', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

describe('what a drill may name', () => {
  const source = wizardSource();

  it('is every question that the wizard asks', () => {
    const asked = [
      ...source.matchAll(/\bask(?:About)?\(\s*state,\s*'[a-z]+',\s*'([a-z-]+)'/g),
      ...source.matchAll(/\bask\('text', '([a-z-]+)'/g),
      ...source.matchAll(/\bgoOn\(state, '([a-z-]+)'/g),
      ...source.matchAll(/\{ (?:kind: '[a-z]+', )?name: '([a-z-]+)', (?:kind|values)/g),
    ].map(([, name]) => name);
    expect(asked.length).toBeGreaterThan(50);
    // Those of the escalation are written without what stands before all of them.
    const isKnown = (name = ''): boolean =>
      QUESTIONS.includes(name) || QUESTIONS.includes(`escalation-${name}`);
    expect(asked.filter((name) => !isKnown(name))).toEqual([]);
    expect(asked).toEqual(expect.arrayContaining(['value', 'step-command']));
  });

  it('is every key', () => {
    const [, list = ''] = /export type ActionId =([^;]+);/.exec(source) ?? [];
    const keys = [...list.matchAll(/'([a-z-]+)'/g)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => key !== undefined && !ACTIONS.includes(key))).toEqual([]);
  });
});
