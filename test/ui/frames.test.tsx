import chalk from 'chalk';
import { afterEach, describe, expect, it } from 'vitest';
import { runApp } from '../../src/app.tsx';
import type { Block, Question, Screen, State } from '../../src/wizard/types.ts';
import { fakeWizard, going, screen, type FakeWizard } from './fake-wizard.ts';
import { createFakeTerminal, type FakeTerminal } from './support.ts';

const confirm: Question = {
  kind: 'confirm',
  id: 'c',
  prompt: 'Run step 1 on orders?',
  yes: 'Run it',
  no: 'Do not run it',
};
const wait: Question = { kind: 'wait', id: 'w', prompt: 'Running step 1', since: null };
const choice: Question = {
  kind: 'choice',
  id: 'd',
  prompt: 'What is to be done?',
  options: [
    { value: 'rollback', label: 'Roll back', key: 'b', detail: 'takes the migration back' },
    { value: 'fix-forward', label: 'Fix forward', key: 'f' },
    { value: 'wait', label: 'Wait', key: 'w', disabled: 'Nothing is under way.' },
  ],
  default: 'fix-forward',
};
const lines = (count: number): Block[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'text',
    spans: [{ text: `line ${index + 1}`, tone: 'plain' }],
  }));

const running: { terminal: FakeTerminal; ended: Promise<State> }[] = [];

/** Starts the whole UI on an emulated terminal. */
function start(
  screens: Screen[],
  { columns = 80, rows = 24, env = {}, environment = 'PRODUCTION' as State['environment'] } = {},
): FakeTerminal & { wizard: FakeWizard; ended: Promise<State> } {
  const terminal = createFakeTerminal(columns, rows);
  const wizard = fakeWizard(screens, environment);
  const ended = runApp({ ...wizard, stdin: terminal.stdin, stdout: terminal.stdout, env });
  running.push({ terminal, ended });
  return { ...terminal, wizard, ended };
}

afterEach(async () => {
  for (const { terminal, ended } of running.splice(0)) {
    terminal.press('ctrl-c');
    await ended;
    expect(await terminal.leftovers()).toEqual([]);
    expect(terminal.isRaw()).toBe(false);
  }
});

describe('the frame at 80x24', () => {
  it('shows where we are, the question, and the keys that work, in one row less than the terminal has', async () => {
    const app = start([screen(confirm, { title: 'Step 1', blocks: [{ kind: 'sql', sql: 'DROP TABLE t' }] })]);
    await app.waitFor('y yes');
    const rows = app.lines();
    expect(rows[0]).toContain('!! PRODUCTION !!');
    expect(rows.slice(0, 2).join(' ')).toMatch(
      /db1\.example:5432 orders {2}as alice {2}PostgreSQL 15\.18 {2}0 min/,
    );
    expect(app.text()).toContain('Step 1');
    expect(app.text()).toContain('2 of 3, next: Plan');
    expect(app.text()).toContain('  DROP TABLE t');
    expect(app.text()).toContain(
      'Run step 1 on orders?\n   y  Run it\n   n  Do not run it  Enter alone means this.',
    );
    expect(rows[22]).toMatch(/^y yes {2}n no {2}.*\? help$/);
    expect(rows[23]).toBe('');
  });

  it('tells practice from production by the word', async () => {
    const app = start([screen(going('g'))], { environment: 'PRACTICE' });
    await app.waitFor('PRACTICE');
    expect(app.text()).not.toContain('PRODUCTION');
    expect(app.text()).toContain('embedded orders');
  });

  it('windows what is too long, says how much there is, and pages', async () => {
    const app = start([screen(going('g'), { blocks: lines(50) })]);
    await app.waitFor(/▼ \d+ more below {2}PgUp PgDn/);
    expect(app.text()).toContain('line 1\n');
    app.press('pagedown');
    await app.waitFor('more above');
    expect(app.text()).not.toContain('line 1\n');
    app.press('G');
    await app.waitFor('line 50');
    expect(app.text()).not.toContain('more below');
    app.press('g');
    await app.waitFor('line 1\n');
  });

  it('keeps the row that matters in sight', async () => {
    const blocks: Block[] = [
      ...lines(40),
      { kind: 'item', mark: 'running', text: 'statement 41' },
      ...lines(9),
    ];
    const app = start([screen(wait, { blocks })]);
    await app.waitFor('running  statement 41');
  });

  it('shows a choice with its default pointed at and a disabled option in parentheses with its reason', async () => {
    const app = start([screen(choice)]);
    await app.waitFor('›  f  Fix forward');
    expect(app.text()).toContain('   b  Roll back  takes the migration back');
    expect(app.text()).toContain('  (w) Wait  Not now: Nothing is under way.');
    await app.waitFor('Enter choose');
    app.press('up');
    await app.waitFor('›  b  Roll back');
    app.press('w');
    await app.waitFor(/Nothing is under way\.\n.*Enter choose/);
  });

  it('shows the help with every key and the reason of the disabled one', async () => {
    const actions: Screen['actions'] = [
      { id: 'back', keys: ['escape'], label: 'Back', enabled: false, reason: 'A step has run.' },
    ];
    const app = start([screen(going('g'), { actions })]);
    await app.waitFor('(Esc Back)');
    app.press('escape');
    await app.waitFor('A step has run.');
    app.press('?');
    await app.waitFor('Keys on "Screen g"');
    expect(app.text()).toContain('Not now: A step has run.');
    app.press('?');
    await app.waitFor('Go on from g?');
  });

  it('shows what is typed, not a secret, and what is wrong with it', async () => {
    const typed: Question = { kind: 'typed', id: 't', prompt: 'Type orders', expected: 'orders' };
    const secret: Question = {
      kind: 'text',
      id: 's',
      prompt: 'Password',
      required: true,
      placeholder: '',
      secret: true,
    };
    const app = start([screen(typed), screen(secret)]);
    await app.waitFor('Enter submit');
    app.press(...'order');
    await app.waitFor('> order');
    app.press('enter');
    await app.waitFor(/is not it|once more/);
    app.press('s');
    await app.waitFor('> orders');
    await app.waitFor((text) => {
      // Each Enter is a key of its own; one that came too soon after the last character is only told so.
      if (text.includes('Type orders')) app.press('enter');
      return text.includes('Password');
    });
    await app.waitFor('Enter submit');
    app.press(...'hunter2');
    await app.waitFor('•••••••');
    expect(app.emulator.raw()).not.toContain('hunter2');
  });
});

describe('other sizes', () => {
  it('has the road on the left from 90 columns on', async () => {
    const app = start([screen(going('g'), { blocks: lines(3) })], { columns: 120, rows: 30 });
    await app.waitFor('› ▸ Prerequisites');
    expect(app.text()).toMatch(/^ {2}✓ Target +│ Screen g/m);
    expect(app.text()).toMatch(/^ {2}· Plan +│ line 2/m);
  });

  it('degrades at 60x16 but keeps header, question and keys', async () => {
    const app = start([screen(choice, { blocks: lines(30) })], { columns: 60, rows: 16 });
    await app.waitFor('Enter choose');
    const rows = app.lines();
    expect(rows[0]).toContain('PRODUCTION');
    expect(rows[14]).toContain('? help');
    expect(app.text()).toContain('line 1');
    expect(app.text()).toContain('›  f  Fix forward');
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(60);
  });

  it('says so when it is smaller, takes no answer then, and comes back', async () => {
    const app = start([screen(confirm)], { columns: 59, rows: 15 });
    await app.waitFor('59x15 is too small: backout needs 60x16');
    app.press('y', 'enter');
    app.resize(80, 24);
    await app.waitFor('y yes');
    expect(app.wizard.heard).toEqual([]);
  });

  it('stands clean after a storm of resizes, and never wipes the scrollback', async () => {
    const app = start([screen(going('g'), { blocks: lines(60) })]);
    await app.waitFor('Enter go on');
    for (let round = 0; round < 25; round += 1) {
      app.resize(60 + ((round * 37) % 90), 16 + ((round * 7) % 30));
      if (round % 5 === 0) await app.waitFor('Screen g');
    }
    app.resize(40, 10);
    app.resize(100, 30);
    await app.waitFor(/▼ \d+ more below/);
    // Drawn in several writes: it is the screen that stays that has to be clean.
    const once = (text: string, words: RegExp): boolean => text.match(words)?.length === 1;
    await app.waitFor(
      (text) => text.split('\n').length === 29 && once(text, /PRODUCTION/g) && once(text, /Go on from g\?/g),
    );
    expect(app.emulator.raw()).not.toContain('\x1b[3J');
  });

  it('is not left empty by a change of size there and back again', async () => {
    const app = start([screen(going('g'))]);
    await app.waitFor('Enter go on');
    for (const [columns, rows] of [
      [70, 24],
      [100, 24],
      [80, 30],
    ] as const) {
      app.resize(columns, rows);
      app.resize(80, 24);
      await expect.poll(() => app.settled()).toContain('Go on from g?');
      expect(app.text().split('\n')).toHaveLength(23);
    }
  });

  it('stands again each time the shell had the terminal', async () => {
    const app = start([screen(going('g'))]);
    await app.waitFor('Enter go on');
    for (let round = 0; round < 4; round += 1) {
      await app.emulator.feed('\x1b[2J\x1b[Hthe shell was here');
      process.emit('SIGCONT', 'SIGCONT');
      await expect.poll(() => app.settled()).toContain('Enter go on');
      expect(app.text()).not.toContain('shell');
    }
  });

  it('draws everything anew on Ctrl-L, also when nothing has changed', async () => {
    const app = start([screen(going('g'))]);
    await app.waitFor('Enter go on');
    await app.emulator.feed('\x1b[2J\x1b[Hgarbage of another program');
    app.press('ctrl-l');
    await app.waitFor((text) => text.includes('Go on from g?') && !text.includes('garbage'));
  });
});

describe('keys', () => {
  it('does not take what was typed before a question stood on the screen', async () => {
    const app = start([screen(going('one')), screen(confirm), screen(going('three'))]);
    await app.waitFor('Enter go on');
    app.press('enter', 'y', 'y', 'enter');
    await app.waitFor('y yes');
    expect(app.wizard.heard).toEqual(['one=next']);
    app.press('y');
    await app.waitFor('Go on from three?');
    expect(app.wizard.heard).toEqual(['one=next', 'c=yes']);
  });

  it('takes every key of a burst in order', async () => {
    const app = start([screen({ ...choice, default: 'rollback' })]);
    await app.waitFor('Enter choose');
    app.press('down', 'down', 'down', 'down', 'enter');
    await app.ended;
    expect(app.wizard.heard[0]).toBe('d=fix-forward');
  });

  it('puts an arrow key together that arrives in pieces', async () => {
    const app = start([screen(choice)]);
    await app.waitFor('Enter choose');
    app.press('\x1b');
    app.press('[');
    app.press('A');
    await app.waitFor('›  b  Roll back');
    expect(app.wizard.heard).toEqual([]);
  });

  it('survives the keys that end Ink 6.8', async () => {
    const app = start([screen(choice)]);
    await app.waitFor('Enter choose');
    app.press(
      '\x1b[1;5P',
      '\x1b[1;5Q',
      '\x1b[1;6P',
      '\x1b[25;5~',
      '\x1b[1;5I',
      '\x1b]11;rgb:0/0/0\x07',
      'up',
    );
    await app.waitFor('›  b  Roll back');
  });
});

describe('colour', () => {
  it('is there, or not, by one switch; the words stay', async () => {
    const coloured = start([screen(confirm)], { env: { FORCE_COLOR: '1' } });
    await coloured.waitFor('y yes');
    expect(coloured.emulator.raw()).toMatch(/\x1b\[31m|\x1b\[7m/);
    coloured.press('ctrl-c');
    await coloured.ended;
    const plain = start([screen(confirm)], { env: { NO_COLOR: '1', FORCE_COLOR: '1' } });
    await plain.waitFor('y yes');
    expect(plain.emulator.raw()).not.toMatch(/\x1b\[[0-9;]+m/);
    expect(plain.text()).toContain('PRODUCTION');
    expect(chalk.level).toBe(0);
  });

  it('draws in ASCII alone where the locale asks for it', async () => {
    const app = start(
      [screen(choice, { blocks: [{ kind: 'item', mark: 'pass', text: 'naïve – ok' }, ...lines(40)] })],
      {
        env: { LC_ALL: 'C' },
      },
    );
    await app.waitFor('>  f  Fix forward');
    expect(app.emulator.raw()).toMatch(/^[\x00-\x7f]*$/);
    expect(app.text()).toContain('+ ok       na?ve - ok');
  });
});

describe('a screen reader', () => {
  it('gets the screen in reading order, outside the alternate screen, without a clock', async () => {
    const app = start([screen(going('one'), { title: 'Target', blocks: lines(40) }), screen(confirm)], {
      env: { INK_SCREEN_READER: 'true' },
    });
    await app.waitFor('Enter go on');
    expect(app.emulator.raw()).not.toContain('\x1b[?1049h');
    expect(app.emulator.raw()).toContain('line 1\n');
    expect(app.text()).toContain('line 40');
    expect(app.text()).toContain('Go on from one?');
    app.press('enter');
    await app.waitFor('y yes');
    expect(app.text()).toContain('Run step 1 on orders?');
  });
});

describe('the end', () => {
  it('comes with the outcome, once no task is under way, on the normal screen', async () => {
    const terminal = createFakeTerminal();
    const wizard = fakeWizard([screen(going('g'))]);
    let release: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    let asked: () => void = () => undefined;
    const idleAsked = new Promise<void>((resolve) => (asked = resolve));
    const idle = (): Promise<void> => {
      asked();
      return busy;
    };
    const ended = runApp({
      ...wizard,
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      env: {},
      idle,
    });
    await terminal.waitFor('Enter go on');
    expect(terminal.emulator.terminal.buffer.active.type).toBe('alternate');
    terminal.press('enter');
    await idleAsked;
    expect(terminal.emulator.terminal.buffer.active.type).toBe('alternate');
    release();
    expect((await ended).outcome).toEqual({ outcome: 'declined', exitStatus: 11 });
    expect(await terminal.leftovers()).toEqual([]);
    expect(terminal.text()).toBe('');
  });

  it('gives the terminal back when drawing fails, and passes the error on', async () => {
    const terminal = createFakeTerminal();
    const wizard = fakeWizard([screen(going('one')), screen(going('two'))]);
    const broken = { kind: 'gap' } as Block;
    Object.defineProperty(broken, 'kind', {
      get() {
        throw new Error('no such block');
      },
    });
    const screenOf = (state: State): Screen => ({
      ...wizard.screenOf(state),
      blocks: state.turn === 1 ? [broken] : [],
    });
    const ended = runApp({ ...wizard, screenOf, stdin: terminal.stdin, stdout: terminal.stdout, env: {} });
    const failed = expect(ended).rejects.toThrow('no such block');
    await terminal.waitFor('Enter go on');
    terminal.press('enter');
    await failed;
    expect(await terminal.leftovers()).toEqual([]);
  });
});
