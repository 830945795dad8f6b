/** A terminal window that is closed, a session that is lost: the program ends with its own status, and not by a crash. */
import { spawn } from '@lydell/node-pty';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { built } from '../support/server.ts';

let folder: string;
beforeEach(async () => {
  [folder] = await Promise.all([mkdtemp(join(tmpdir(), 'backout-gone-')), built()]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a shell sees of the end: 128 and the signal's number for a crash. Resolves once it is written. */
async function statusIn(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Closes the terminal once `ready` is on it; the status that the program then leaves with. */
async function hungUp(command: string, ready: string): Promise<string> {
  const status = join(folder, 'status');
  const terminal = spawn('sh', ['-c', `trap '' HUP; "$NODE" bin/backout.js ${command}; echo $? >"$STATUS"`], {
    cols: 80,
    rows: 24,
    env: { ...process.env, NODE: process.execPath, STATUS: status, XDG_STATE_HOME: folder, TERM: 'xterm' },
  });
  await new Promise<void>((resolve) => {
    let shown = '';
    terminal.onData((text) => {
      shown += text;
      if (shown.includes(ready)) resolve();
    });
  });
  (terminal as unknown as { destroy(): void }).destroy();
  return statusIn(status);
}

it('backout practice, its database in a thread of its own, leaves with 129', async () => {
  expect(await hungUp('practice', 'PRACTICE')).toBe('129');
});

it('a question in plain lines is left as Ctrl-D leaves it, and nothing waits for an answer for ever', async () => {
  expect(await hungUp('practice --plain calm', '❯ Go on')).toBe('11');
});
