import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input } from '../../src/terminal/keys.ts';
import { press, type PressContext } from '../../src/ui/press.ts';
import { freshView, viewFor, type View } from '../../src/ui/view.ts';
import type { Action, Event, Question, Screen } from '../../src/wizard/types.ts';
import { going, screen } from './fake-wizard.ts';

/** A key as the decoder gives it; whatever is not a name is a character. */
const key = (name: string): Input => {
  const isName = /^[a-z][a-z-]+/.test(name);
  return { type: 'key', name, text: name === 'space' ? ' ' : isName ? '' : name };
};
const context = (shown: Screen, more: Partial<PressContext> = {}): PressContext => ({
  screen: shown,
  scrolling: { offset: 0, max: 40, page: 10 },
  blind: false,
  ...more,
});

/** The keys pressed one after the other, a tenth of a second apart, on an armed question. */
function pressAll(
  shown: Screen,
  names: (string | Input)[],
  gap = 100,
  more: Partial<PressContext> = {},
): { view: View; events: Event[]; command?: string } {
  let view: View = { ...freshView(shown), armed: true };
  const events: Event[] = [];
  let command: string | undefined;
  names.forEach((name, index) => {
    const pressed = press(
      view,
      typeof name === 'string' ? key(name) : name,
      index * gap,
      context(shown, more),
    );
    view = pressed.view;
    command = pressed.command ?? command;
    events.push(...pressed.events);
  });
  return { view, events, command };
}

const answers = (events: Event[]): string[] =>
  events.map((event) =>
    event.type === 'answer'
      ? `${event.question}=${event.value}`
      : event.type === 'action'
        ? `!${event.action}`
        : event.type,
  );

const choice: Question = {
  kind: 'choice',
  id: 'q',
  prompt: 'Which?',
  options: [
    { value: 'rollback', label: 'Roll back', key: 'b' },
    { value: 'fix-forward', label: 'Fix forward', key: 'f' },
    { value: 'both', label: 'Both', key: 'x', disabled: 'There is nothing of both.' },
  ],
  default: 'fix-forward',
};
const confirm: Question = { kind: 'confirm', id: 'c', prompt: 'Run it?', yes: 'Run it', no: 'Do not' };
const typed: Question = { kind: 'typed', id: 't', prompt: 'Type orders', expected: 'orders' };
const text: Question = {
  kind: 'text',
  id: 'x',
  prompt: 'Why?',
  required: true,
  placeholder: '',
  secret: false,
};
const action = (id: Action['id'], keys: string[], reason?: string): Action => ({
  id,
  keys,
  label: id,
  enabled: reason === undefined,
  reason,
});

describe('a choice', () => {
  it('starts on the default, moves, goes round, and picks by letter', () => {
    expect(answers(pressAll(screen(choice), ['enter']).events)).toEqual(['q=fix-forward']);
    expect(answers(pressAll(screen(choice), ['up', 'enter']).events)).toEqual(['q=rollback']);
    expect(answers(pressAll(screen(choice), ['k', 'up', 'up', 'enter']).events)).toEqual(['q=fix-forward']);
    expect(answers(pressAll(screen(choice), ['b']).events)).toEqual(['q=rollback']);
  });

  it('answers a disabled option with its reason, however it is picked', () => {
    for (const keys of [['x'], ['down', 'enter']]) {
      const { view, events } = pressAll(screen(choice), keys);
      expect(events).toEqual([]);
      expect(view.notice).toBe('There is nothing of both.');
    }
  });

  it('leaves the arrows to the screen when it moves something with them', () => {
    const shown = screen(choice, { actions: [action('up', ['up', 'k']), action('down', ['down'])] });
    expect(answers(pressAll(shown, ['up', 'down', 'tab', 'tab', 'enter']).events)).toEqual([
      '!up',
      '!down',
      'q=rollback',
    ]);
  });
});

describe('a confirmation', () => {
  it('is yes by y alone; Enter and n are no; anything else is nothing', () => {
    expect(answers(pressAll(screen(confirm), ['enter']).events)).toEqual(['c=no']);
    expect(answers(pressAll(screen(confirm), ['n']).events)).toEqual(['c=no']);
    expect(answers(pressAll(screen(confirm), ['y']).events)).toEqual(['c=yes']);
    expect(
      answers(pressAll(screen(confirm), ['Y', 'alt-y', 'x', 'escape', { type: 'paste', text: 'y' }]).events),
    ).toEqual([]);
  });

  it('takes nothing before it has stood on the screen', () => {
    const shown = screen(confirm, { actions: [action('stop', ['s'])] });
    const view = freshView(shown);
    for (const name of ['y', 'n', 'enter', 's'])
      expect(press(view, key(name), 0, context(shown)).events).toEqual([]);
    expect(press(view, key('pagedown'), 0, context(shown)).view.scroll).toBe(10);
    expect(answers(press(view, key('ctrl-c'), 0, context(shown)).events)).toEqual(['!leave']);
  });

  it('never becomes a yes without a y', () => {
    const names = fc.constantFrom(
      'enter',
      'space',
      'escape',
      'n',
      'up',
      'down',
      'tab',
      'Y',
      'alt-y',
      '?',
      'g',
      'j',
      'ctrl-l',
      'pagedown',
    );
    fc.assert(
      fc.property(fc.array(names, { maxLength: 20 }), (keys) => {
        expect(answers(pressAll(screen(confirm), keys).events)).not.toContain('c=yes');
      }),
    );
  });
});

describe('SQL that does not fit the screen', () => {
  const blocks: Screen['blocks'] = [{ kind: 'sql', sql: 'DROP TABLE t' }];
  const end = { offset: 40, max: 40, page: 10 };

  it('must have been seen to its end before a yes is taken', () => {
    const shown = screen(confirm, { blocks });
    const { view, events } = pressAll(shown, ['pagedown', 'y']);
    expect(events).toEqual([]);
    expect(view.notice).toMatch(/40 more lines .* have not been on the screen yet\. PgDn .* G/);
    expect(answers(pressAll(shown, ['n']).events)).toEqual(['c=no']);
    const atEnd = press(view, key('up'), 500, context(shown, { scrolling: end }));
    expect(answers(press(atEnd.view, key('y'), 600, context(shown)).events)).toEqual(['c=yes']);
  });

  it('holds for the typed confirmation too, and not for the help on top of it', () => {
    const shown = screen(typed, { blocks });
    const { view, events } = pressAll(shown, [...'orders', 'enter']);
    expect(events).toEqual([]);
    expect(view.error).toContain('40 more lines');
    expect(pressAll(shown, ['end']).view.scroll).toBe(40);
    expect(pressAll(shown, ['o', 'end']).view.scroll).toBeNull();
    const atEnd = press(view, key('enter'), 900, context(shown, { scrolling: end }));
    expect(answers(atEnd.events)).toEqual(['t=orders']);
    const inHelp = press(
      { ...freshView(screen(confirm, { blocks })), help: true },
      key('up'),
      0,
      context(shown, { scrolling: end }),
    );
    expect(inHelp.view.sawEnd).toBe(false);
  });

  it('asks for nothing where no SQL is shown', () => {
    expect(answers(pressAll(screen(confirm, { blocks: [{ kind: 'gap' }] }), ['y']).events)).toEqual([
      'c=yes',
    ]);
  });
});

describe('typing', () => {
  it('hands in exactly what is expected and says what is wrong with anything else', () => {
    expect(answers(pressAll(screen(typed), [...'orders', 'enter']).events)).toEqual(['t=orders']);
    const wrong = pressAll(screen(typed), [...'Orders', 'enter']);
    expect(wrong.events).toEqual([]);
    expect(wrong.view.error).toContain('"Orders" is not it');
    expect(wrong.view.error).toContain('orders exactly');
    expect(pressAll(screen(typed), ['enter']).view.error).toContain('Nothing was typed');
    expect(pressAll(screen(typed), [...'orders', 'space', 'enter']).events).toEqual([]);
  });

  it('takes an Enter within 30 ms for the end of a paste', () => {
    const fast = pressAll(screen(typed), [...'orders', 'enter'], 10);
    expect(fast.events).toEqual([]);
    expect(fast.view.error).toContain('once more');
    const slow = press(fast.view, key('enter'), 1000, context(screen(typed)));
    expect(answers(slow.events)).toEqual(['t=orders']);
  });

  it('puts a paste in as text and never submits it', () => {
    const pasted = pressAll(screen(text), [{ type: 'paste', text: 'two\nlines\x1b[31m\n' }]);
    expect(pasted.events).toEqual([]);
    expect(pasted.view.text.join('')).toBe('two ⏎ lines\\x1B[31m');
  });

  it('edits at the cursor, by whole characters', () => {
    const names = [...'ac', 'left', 'b', 'home', 'delete', 'end', '👩‍👧', 'backspace', '界', 'enter'];
    expect(answers(pressAll(screen(text), names).events)).toEqual(['x=bc界']);
    expect(answers(pressAll(screen(text), [...'gone', 'ctrl-u', 'k', 'enter']).events)).toEqual(['x=k']);
    expect(pressAll(screen(text), ['backspace', 'left', 'delete']).view).toMatchObject({
      text: [],
      caret: 0,
    });
  });

  it('keeps letters, ? and ! for the text, and other keys for the actions', () => {
    const shown = screen(text, {
      actions: [action('escalate', ['!']), action('leave', ['ctrl-c', 'q']), action('back', ['escape'])],
    });
    const { view, events } = pressAll(shown, ['q', '?', '!', 'j', 'space', 'G', 'escape', 'ctrl-c']);
    expect(view.text.join('')).toBe('q?!j G');
    expect(answers(events)).toEqual(['!back', '!leave']);
  });

  it('asks for an answer where one is required, and takes none where it is not', () => {
    expect(pressAll(screen(text), ['space', 'enter']).view.error).toContain('An answer is needed');
    expect(answers(pressAll(screen({ ...text, required: false }), ['enter']).events)).toEqual(['x=']);
  });
});

describe('actions', () => {
  it('are dispatched, a disabled one answers with its reason, which goes with the next key', () => {
    const shown = screen(going('g'), {
      actions: [action('stop', ['s']), action('back', ['escape'], 'A step has run.')],
    });
    expect(answers(pressAll(shown, ['s']).events)).toEqual(['!stop']);
    const refused = pressAll(shown, ['escape']);
    expect(refused.events).toEqual([]);
    expect(refused.view.notice).toBe('A step has run.');
    expect(pressAll(shown, ['escape', 'down']).view.notice).toBe('');
  });

  it("Ctrl-C is the screen's own action where it has one, else it leaves", () => {
    expect(answers(pressAll(screen(going('g')), ['ctrl-c']).events)).toEqual(['!leave']);
    const wait: Question = { kind: 'wait', id: 'w', prompt: 'Running', since: 0 };
    expect(
      answers(pressAll(screen(wait, { actions: [action('cancel', ['ctrl-c'])] }), ['ctrl-c']).events),
    ).toEqual(['!cancel']);
    expect(
      pressAll(screen(wait, { actions: [action('cancel', ['ctrl-c'], 'Asked already.')] }), ['ctrl-c']).view
        .notice,
    ).toBe('Asked already.');
  });

  it('a terminal too small to show the question takes no answer, but lets out', () => {
    const { events, command } = pressAll(screen(confirm), ['y', 'enter', 'ctrl-z', 'ctrl-c'], 100, {
      blind: true,
    });
    expect(answers(events)).toEqual(['!leave']);
    expect(command).toBe('suspend');
  });
});

describe('scrolling and help', () => {
  it('moves within the bounds', () => {
    const scrolled = (...names: string[]) => pressAll(screen(going('g')), names).view.scroll;
    expect(scrolled('down')).toBe(1);
    expect(scrolled('up')).toBe(0);
    expect(scrolled('pagedown')).toBe(10);
    expect(scrolled('G')).toBe(40);
    expect(scrolled('end', 'home')).toBe(0);
  });

  it('the help opens, keeps keys from the question, scrolls by itself and closes', () => {
    const opened = pressAll(screen(confirm), ['?', 'y', 'n', 'pagedown']);
    expect(opened.events).toEqual([]);
    expect(opened.view).toMatchObject({ help: true, helpScroll: 10, scroll: null });
    for (const name of ['escape', '?', 'q', 'enter']) {
      const closed = press(opened.view, key(name), 900, context(screen(confirm)));
      expect(closed).toMatchObject({ events: [], view: { help: false } });
    }
  });

  it('a new question starts afresh, the same one keeps what was typed', () => {
    const { view } = pressAll(screen(text), [...'half', 'pagedown']);
    expect(viewFor(view, screen({ ...text, prompt: 'Why, again?' }))).toBe(view);
    expect(viewFor(view, screen(going('other')))).toMatchObject({ text: [], armed: false, scroll: null });
  });
});
