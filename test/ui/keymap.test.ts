import { describe, expect, it } from 'vitest';
import { ACTIONS, KEYMAP, keyName, keymapMarkdown } from '../../src/ui/keymap.ts';
import { keysNow, meaningOf } from '../../src/ui/meaning.ts';
import type { Action, Event, Screen } from '../../src/wizard/types.ts';
import { failure, result, survey, verification, Walk } from '../wizard/support.ts';
import { going, screen } from './fake-wizard.ts';

/** Every screen that a few whole ways through the wizard come by. */
function screensOnTheWay(): Screen[] {
  const screens: Screen[] = [];
  class Watched extends Walk {
    override send(...events: Event[]): this {
      for (const event of events) {
        super.send(event);
        screens.push(this.screen);
      }
      return this;
    }
  }
  new Watched()
    .allSteps()
    .send({ type: 'verified', verification: verification(false) })
    .answer('next')
    .act('leave');
  new Watched()
    .checked([result('backup', 'warn'), result('privileges', 'fail')])
    .act('escalate')
    .act('leave');
  new Watched()
    .checked([result('backup', 'warn')])
    .answer('next')
    .answer('no');
  new Watched().send({ type: 'start' }, { type: 'connect-failed', error: failure() });
  new Watched().deciding().answer('fix-forward').answer('because');
  const walk = new Watched().running(survey());
  walk
    .send({ type: 'step-failed', step: 'step-1', seconds: 1, error: failure(), cancelled: false })
    .act('stop');
  const unknown = new Watched().running(survey());
  unknown.send({ type: 'step-unknown', step: 'step-1', seconds: 1, error: failure() });
  const done = new Watched()
    .allSteps()
    .send({ type: 'verified', verification: verification(true) })
    .answer('next');
  done.answer('note').act('back').act('down');
  return screens;
}

describe("the wizard's screens", () => {
  const screens = screensOnTheWay();

  it('use the keys that the table documents', () => {
    expect(screens.length).toBeGreaterThan(60);
    for (const action of screens.flatMap(({ actions }) => actions)) {
      expect(ACTIONS[action.id].keys, `${action.id} on ${action.keys.join(' ')}`).toEqual(
        expect.arrayContaining(action.keys),
      );
    }
  });

  it('give no key two meanings, and leave every action a key that works', () => {
    for (const shown of screens) {
      const letters = shown.question.kind === 'choice' ? shown.question.options.map(({ key }) => key) : [];
      expect(new Set(letters).size).toBe(letters.length);
      const typing = shown.question.kind === 'typed' || shown.question.kind === 'text';
      for (const action of shown.actions) {
        const reachable = action.keys.filter((name) => meaningOf(name, shown)?.kind === 'action');
        if (!typing)
          expect(reachable, `${action.id} on "${shown.title}" (${shown.question.id})`).not.toEqual([]);
      }
      expect(meaningOf('ctrl-c', shown)?.kind, shown.question.id).toBe('action');
    }
  });
});

describe('keysNow', () => {
  it('names each key once, and only keys that do what is said', () => {
    const actions: Action[] = [
      { id: 'up', keys: ['up', 'k'], label: 'Previous', enabled: true },
      { id: 'back', keys: ['escape'], label: 'Back', enabled: false, reason: 'No.' },
    ];
    const shown = screen(going('g'), { actions });
    const keys = keysNow(shown).flatMap((one) => one.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keysNow(shown).find(({ label }) => label === 'line up')).toBeUndefined();
    expect(keysNow(shown).find(({ label }) => label === 'Back')).toMatchObject({
      enabled: false,
      reason: 'No.',
    });
  });
});

describe('keymapMarkdown', () => {
  it('has a row for every binding and every action', () => {
    const text = keymapMarkdown();
    const rows = text.split('\n').filter((row) => row.startsWith('| `'));
    expect(rows).toHaveLength(KEYMAP.length + Object.keys(ACTIONS).length);
    expect(text).toContain('| `Ctrl-\\` | everywhere |');
    expect(keyName('shift-tab')).toBe('Shift-Tab');
  });
});
