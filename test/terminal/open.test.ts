import { afterEach, describe, expect, it } from 'vitest';
import { needsAscii, toAscii } from '../../src/terminal/ascii.ts';
import { wantsColour } from '../../src/terminal/colour.ts';
import { openTerminal, type Terminal } from '../../src/terminal/open.ts';
import { isGone, isInteractive } from '../../src/terminal/streams.ts';
import { createFakeTerminal } from '../ui/support.ts';

const opened: Terminal[] = [];

function open(cleanUp: () => Promise<void> = () => Promise.resolve()) {
  const fake = createFakeTerminal();
  const statuses: number[] = [];
  let left: (status: number) => void = () => undefined;
  const exit = new Promise<number>((resolve) => (left = resolve));
  const names: string[] = [];
  const terminal = openTerminal({
    stdin: fake.stdin,
    stdout: fake.stdout,
    env: {},
    onInput: (input) => names.push(input.type === 'key' ? input.name : input.text),
    cleanUp,
    exit(status) {
      statuses.push(status);
      left(status);
    },
  });
  opened.push(terminal);
  return { ...fake, terminal, exit, statuses, names };
}

afterEach(() => {
  for (const terminal of opened.splice(0)) terminal.close();
});

describe('openTerminal', () => {
  it('takes the screen and the keyboard, and gives both back as they were', async () => {
    const { terminal, isRaw, emulator, leftovers, stdout, text } = open();
    stdout.write('drawn');
    await new Promise((resolve) => stdout.write('', resolve));
    expect(text()).toBe('drawn');
    expect(isRaw()).toBe(true);
    expect(emulator.terminal.buffer.active.type).toBe('alternate');
    expect(emulator.terminal.modes.bracketedPasteMode).toBe(true);
    terminal.close();
    terminal.close();
    expect(await leftovers()).toEqual([]);
    expect(isRaw()).toBe(false);
    expect(emulator.raw().split('\x1b[?1049l')).toHaveLength(2);
  });

  it('keeps what is drawn late away from the shell, and still says that it was drawn', async () => {
    const { terminal, text, leftovers } = open();
    terminal.close();
    await new Promise((resolve) => terminal.screen.stdout.write('late', resolve));
    expect(await leftovers()).toEqual([]);
    expect(text()).toBe('');
  });

  it('shows Ink a terminal too tall to be filled, and its true width', () => {
    const { terminal } = open();
    expect(terminal.screen.stdout.rows).toBeGreaterThan(10_000);
    expect(terminal.screen.stdout.columns).toBe(80);
    expect(terminal.screen.size()).toEqual({ columns: 80, rows: 24 });
  });

  it('takes the end of its input for the end of the terminal', async () => {
    const { stdin, exit, leftovers, isRaw } = open();
    stdin.emit('end');
    expect(await exit).toBe(129);
    expect(await leftovers()).toEqual([]);
    expect(isRaw()).toBe(false);
  });

  it('takes a broken pipe for the end of the terminal, and no other error', async () => {
    const { stdout, exit } = open();
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await exit).toBe(129);
    const other = open();
    expect(() => other.stdout.emit('error', new Error('full'))).toThrow('full');
  });

  it('waits for the clean-up, but not when it is asked a second time', async () => {
    let finish: () => void = () => undefined;
    const { terminal, exit, statuses } = open(() => new Promise((resolve) => (finish = resolve)));
    terminal.stop('SIGTERM');
    await new Promise((resolve) => setImmediate(resolve));
    expect(statuses).toEqual([]);
    finish();
    expect(await exit).toBe(143);

    const stuck = open(() => new Promise(() => undefined));
    stuck.terminal.stop('SIGTERM');
    stuck.terminal.stop('SIGTERM');
    expect(stuck.statuses).toEqual([143]);
  });

  it('leaves after three seconds without a clean-up that does not end', async () => {
    const { terminal, exit } = open(() => new Promise(() => undefined));
    const before = performance.now();
    terminal.stop('SIGHUP');
    expect(await exit).toBe(129);
    expect(performance.now() - before).toBeGreaterThan(2900);
  });

  it('puts characters together that arrive in pieces of bytes, and gives up a lone Escape in time', async () => {
    const { stdin, names } = open();
    for (const byte of Buffer.from('é')) stdin.emit('data', Buffer.from([byte]));
    expect(names).toEqual(['é']);
    stdin.emit('data', Buffer.from('\x1b'));
    expect(names).toEqual(['é']);
    await expect.poll(() => names).toEqual(['é', 'escape']);
  });

  it('takes no handler of the process with it', () => {
    const count = (): number =>
      ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGTSTP', 'SIGCONT', 'exit', 'uncaughtException', 'unhandledRejection']
        .map((name) => process.listenerCount(name))
        .reduce((sum, value) => sum + value, 0);
    const before = count();
    const { terminal, stdout } = open();
    expect(count()).toBeGreaterThan(before);
    terminal.close();
    expect(count()).toBe(before);
    expect(stdout.listenerCount('resize')).toBe(0);
  });
});

describe('wantsColour', () => {
  it.each([
    ['a terminal', {}, true, undefined, true],
    ['a pipe', {}, false, undefined, false],
    ['NO_COLOR', { NO_COLOR: '1' }, true, undefined, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, undefined, true],
    ['a dumb terminal', { TERM: 'dumb' }, true, undefined, false],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, undefined, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, undefined, false],
    ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, undefined, false],
    ['the flag against NO_COLOR', { NO_COLOR: '1' }, false, 'always', true],
    ['the flag against everything', { FORCE_COLOR: '1' }, true, 'never', false],
  ] as const)('%s', (_, env, isTTY, flag, expected) => {
    expect(wantsColour({ env, isTTY, flag })).toBe(expected);
  });
});

describe('needsAscii', () => {
  it('follows the first locale that is set', () => {
    expect(needsAscii({})).toBe(false);
    expect(needsAscii({ LANG: 'C.UTF-8' })).toBe(false);
    expect(needsAscii({ LANG: 'C' })).toBe(true);
    expect(needsAscii({ LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' })).toBe(true);
    expect(needsAscii({ LC_ALL: '', LC_CTYPE: 'en_GB.utf8', LANG: 'C' })).toBe(false);
  });

  it('replaces column for column', () => {
    expect(toAscii('─│✓ naïve…')).toBe('-|+ na?ve~');
  });
});

describe('isInteractive', () => {
  it('needs a terminal at both ends', () => {
    const { stdin, stdout } = createFakeTerminal();
    expect(isInteractive({ stdin, stdout })).toBe(true);
    expect(isInteractive({ stdin: Object.assign(stdin, { isTTY: undefined }), stdout })).toBe(false);
    expect(isGone(Object.assign(new Error('x'), { code: 'EIO' }))).toBe(true);
    expect(isGone(new Error('x'))).toBe(false);
  });
});
