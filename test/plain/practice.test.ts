/** `backout practice --plain` as an operator meets it: the program itself, in a terminal, on the embedded database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPty, type Pty } from '../e2e/support/pty.ts';

const bin = fileURLToPath(new URL('../../bin/backout.js', import.meta.url));
let folder: string;
let pty: Pty | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-plain-'));
});
afterEach(async () => {
  await pty?.dispose();
  pty = null;
  await rm(folder, { recursive: true, force: true });
});

function practise(): Pty {
  pty = startPty({
    command: process.execPath,
    args: [bin, 'practice', '--plain'],
    columns: 110,
    rows: 50,
    env: { XDG_STATE_HOME: folder },
  });
  return pty;
}

/** The question that stands on the screen now: answered ones begin with a tick. */
const question = (screen: string): string | undefined =>
  screen.split('\n').findLast((line) => line.startsWith('? '));

/** What is pressed at each question, by its words; anything else is answered by Enter. */
type Script = readonly (readonly [words: RegExp, answer: (terminal: Pty) => Promise<void>])[];

/** The prompt drops what is typed before it listens: a key counts when the mark has moved, and is pressed again until then. */
const picks =
  (key: 'up' | 'down', times: number): ((terminal: Pty) => Promise<void>) =>
  async (terminal) => {
    for (let pressed = 0; pressed < times; pressed += 1) {
      const before = marked(terminal.text());
      const moved = (screen: string): boolean => marked(screen) !== before;
      do await terminal.press(key);
      while (
        !(await terminal.waitFor(moved, 5_000).then(
          () => true,
          () => false,
        ))
      );
    }
    await terminal.press('enter');
  };

/** The answer that the mark stands at. */
const marked = (screen: string): string | undefined =>
  screen.split('\n').findLast((line) => line.startsWith('❯'));

/** Answers question after question until the program has ended, and tells which they were. */
async function walk(terminal: Pty, script: Script): Promise<{ asked: string[]; exitCode: number }> {
  const asked: string[] = [];
  for (;;) {
    const isNext = (screen: string): boolean => {
      const now = question(screen);
      // What is being typed stands behind the question.
      return now !== undefined && !now.startsWith(asked.at(-1) ?? '-');
    };
    const next = terminal.waitFor(isNext, 30_000);
    const ended = terminal.exit.then(({ exitCode }) => exitCode);
    const came = await Promise.race([ended, next.catch(() => ended)]);
    if (typeof came === 'number') return { asked, exitCode: came };
    const now = question(came) ?? '';
    asked.push(now);
    const answer = script.find(([words]) => words.test(now))?.[1];
    await (answer ? answer(terminal) : terminal.press('enter'));
  }
}

describe('practice in plain lines', () => {
  it('leads through the whole rollback, and ends verified', async () => {
    const terminal = practise();
    const { asked, exitCode } = await walk(terminal, [
      [/Which one\?/, async (t) => (await t.type('Free'), t.press('enter'))],
      [/Is this so\? (Application|Simple)/, picks('up', 2)],
      [/What do you decide/, picks('up', 1)],
      [/against the recommendation/, async (t) => (await t.type('to practise it'), t.press('enter'))],
      [/data at risk/, async (t) => (await t.type('singularity_practice'), t.press('enter'))],
      [/Run Step \d now/, picks('down', 1)],
    ]);
    expect(exitCode).toBe(0);
    expect(asked.filter((line) => /data at risk|Run Step/.test(line))).toHaveLength(4);
    expect(asked.filter((line) => line.includes('Is this done'))).toHaveLength(6);
    expect(terminal.text()).toContain('Rolled back and verified');
    expect(terminal.text()).toContain('Report: ');
  });

  it('never runs a step by Enter alone, and Ctrl-C twice leaves with what was left said', async () => {
    const terminal = practise();
    const { asked, exitCode } = await walk(terminal, [
      [/Which one\?/, async (t) => (await t.type('Free'), t.press('enter'))],
      [/What do you decide/, picks('up', 1)],
      [/against the recommendation/, async (t) => (await t.type('to practise it'), t.press('enter'))],
      [/What now|Leave backout now/, (t) => t.press('ctrl-c')],
    ]);
    expect(asked.some((line) => /Step 1/.test(line))).toBe(true);
    expect([11, 13]).toContain(exitCode);
    expect(terminal.raw()).not.toContain('Running, in one transaction');
    expect(terminal.text()).toContain('Report: ');
  });
});
