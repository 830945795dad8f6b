import { describe, expect, it } from 'vitest';
import { openApp } from '../../src/app.tsx';
import { fakeWizard, going, screen } from './fake-wizard.ts';
import { createFakeTerminal } from './support.ts';

describe('the first frame', () => {
  it('says which world this is while the rest is loaded, then gives way to the wizard', async () => {
    const terminal = createFakeTerminal();
    const wizard = fakeWizard([screen(going('one'))]);
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const ended = openApp({
      environment: 'PRODUCTION',
      load: () => gate.then(() => wizard),
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      env: {},
    });
    await terminal.waitFor('Reading the runbook');
    expect(terminal.text()).toContain('PRODUCTION');
    go();
    await terminal.waitFor('Enter go on');
    expect(terminal.text()).not.toContain('Reading the runbook');
    terminal.press('ctrl-c');
    await ended;
    expect(await terminal.leftovers()).toEqual([]);
  });

  it('gives the terminal back when loading fails, and passes the error on', async () => {
    const terminal = createFakeTerminal();
    const ended = openApp({
      environment: 'PRACTICE',
      load: () => Promise.reject(new Error('no such runbook')),
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      env: {},
    });
    await expect(ended).rejects.toThrow('no such runbook');
    expect(await terminal.leftovers()).toEqual([]);
    expect(terminal.isRaw()).toBe(false);
  });
});
