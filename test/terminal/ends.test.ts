import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPty, type Pty } from '../e2e/support/pty.ts';
import { bundle, type Bundle } from './support/bundle.ts';

let program: Bundle;
const running: Pty[] = [];

beforeAll(async () => {
  program = await bundle('test/terminal/support/demo.tsx');
});
afterEach(async () => {
  for (const pty of running.splice(0)) await pty.dispose();
});
afterAll(() => program.remove());

/** The demo, or a shell command around it, up to its first question. */
async function start(command = '"$NODE" "$PROGRAM"', env: Record<string, string> = {}): Promise<Pty> {
  const pty = startPty({
    command: 'bash',
    args: ['--norc', '-c', command],
    env: { ...env, NODE: process.execPath, PROGRAM: program.path },
  });
  running.push(pty);
  await pty.waitFor('Enter go on');
  return pty;
}

describe('every end gives the terminal back', () => {
  it('an outcome', async () => {
    const pty = await start('exec "$NODE" "$PROGRAM"');
    expect(pty.emulator.terminal.buffer.active.type).toBe('alternate');
    await pty.press('enter');
    await pty.waitFor('Working');
    await pty.press('ctrl-c');
    expect(await pty.exit).toEqual({ exitCode: 11, signal: 0 });
    expect(pty.text()).toContain('heard one=next !leave; exit 11');
    expect(pty.text()).not.toContain('Working');
    expect(pty.leftovers()).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const)('%s', async (signal, exitCode) => {
    const pty = await start('exec "$NODE" "$PROGRAM"');
    pty.kill(signal);
    expect(await pty.exit).toEqual({ exitCode, signal: 0 });
    expect(pty.text()).toContain(
      `backout was stopped by ${signal}. A step that was under way is rolled back`,
    );
    expect(pty.text()).toContain('cleaned up');
    expect(pty.leftovers()).toEqual([]);
  });

  it('the emergency exit, Ctrl-\\', async () => {
    const pty = await start('exec "$NODE" "$PROGRAM"');
    await pty.press('ctrl-\\');
    expect((await pty.exit).exitCode).toBe(131);
    expect(pty.leftovers()).toEqual([]);
  });

  it('an error of our own: status 70, its text made harmless', async () => {
    const pty = await start('exec "$NODE" "$PROGRAM"');
    await pty.press('s');
    expect((await pty.exit).exitCode).toBe(70);
    expect(pty.text()).toContain('backout met an error of its own and stopped.');
    expect(pty.text()).toContain('a defect \\x1B[31m of ours');
    expect(pty.text()).toContain('cleaned up');
    expect(pty.leftovers()).toEqual([]);
  });

  it('leaves the terminal in the mode it had', async () => {
    const pty = await start(
      'before=$(stty -a); "$NODE" "$PROGRAM"; [ "$before" = "$(stty -a)" ] && echo same mode || stty -a',
    );
    await pty.press('ctrl-c');
    await pty.exit;
    expect(pty.text()).toContain('same mode');
  });
});

describe('suspending', () => {
  it('Ctrl-Z gives the shell its terminal, fg brings the screen back', async () => {
    const pty = startPty({
      command: 'bash',
      args: ['--norc', '-i'],
      env: { PS1: 'shell> ', NODE: process.execPath, PROGRAM: program.path },
    });
    running.push(pty);
    await pty.waitFor('shell>');
    await pty.type('"$NODE" "$PROGRAM"\r');
    await pty.waitFor('Enter go on');
    await pty.press('ctrl-z');
    await pty.waitFor(/backout is suspended[\s\S]*Stopped[\s\S]*shell>$/);
    // The shell's own line editor has bracketed paste on.
    expect(pty.leftovers()).toEqual(['bracketed paste is still on']);
    await pty.type('echo $((6*7)) typed\r');
    await pty.waitFor('42 typed');
    await pty.type('fg\r');
    await pty.waitFor('Go on from one?');
    expect(pty.text()).toContain('PRODUCTION');
    expect(pty.text()).not.toContain('typed');
    await pty.press('enter');
    await pty.waitFor('Working');
    await pty.press('ctrl-c');
    await pty.waitFor('heard one=next !leave; exit 11');
  });
});
