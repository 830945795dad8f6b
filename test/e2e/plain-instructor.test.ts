/** `practice --instructor --plain` at a pseudo-terminal, beside a drill whose every line comes when the test sends it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { JournalBody } from '../../src/journal/types.ts';
import { parseMoment } from '../../src/practice/drill/moment.ts';
import type { Injection } from '../../src/practice/drill/types.ts';
import { controlFolder } from '../../src/practice/instructor/place.ts';
import { serveInstructor, type Instructed } from '../../src/practice/instructor/serve.ts';
import { aDrill } from '../practice/a-drill.ts';
import { built } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';

const LATE: Injection = {
  id: 'late',
  when: parseMoment('at plan'),
  title: 'A deploy begins',
  byInstructor: true,
  act: { kind: 'sql', sql: 'SELECT 1' },
};

let home = '';
let instructor: Operator | null = null;
let served: Instructed | null = null;

beforeAll(() => built());
afterEach(async () => {
  await instructor?.dispose();
  await served?.close();
  instructor = served = null;
  await rm(home, { recursive: true, force: true });
});

/** The question that stands there now; one that was answered begins with a tick. */
const question = (screen: string): string =>
  screen.split('\n').findLast((line) => line.startsWith('? ')) ?? '';

const pointed = (screen: string): string =>
  screen.split('\n').findLast((line) => line.startsWith('❯ ')) ?? '';

/** Keys typed before a prompt listens are dropped on purpose; as a person would, press again if nothing happened. */
async function until(fits: (screen: string) => boolean, key: 'down' | 'enter', tries = 5): Promise<void> {
  const { pty } = instructor!;
  await pty.press(key);
  const seen = pty.waitFor(fits, 4_000);
  await (tries > 1 ? seen.catch(() => until(fits, key, tries - 1)) : seen);
}

it('tells in lines what happens, makes an event happen, and waits for the next drill when it has ended', async () => {
  home = await mkdtemp(join(tmpdir(), 'backout-plain-'));
  const env = { XDG_STATE_HOME: home, XDG_RUNTIME_DIR: undefined };
  const asked: string[] = [];
  let waiting = [LATE];
  const injector = {
    waiting: () => waiting,
    inject(id: string) {
      asked.push(id);
      waiting = [];
      return Promise.resolve('It has happened.');
    },
  };
  instructor = await atTerminal(['practice', '--instructor', '--plain'], { columns: 160, rows: 50, env });
  const { pty } = instructor;
  await pty.waitFor(/Waiting for somebody to begin a drill/, 40_000);

  served = await serveInstructor({
    folder: controlFolder(env, home),
    person: 'ada',
    drill: aDrill(),
    injector,
  });
  let seq = 0;
  const hear = (body: JournalBody): void =>
    served?.hear({ schema: 'backout.event/1', seq: (seq += 1), at: '2026-11-23T03:00:00.000Z', ...body });
  await pty.waitFor((screen) => /Make something happen/.test(question(screen)));
  expect(pty.text()).toMatch(/The calm one \(ada\)/);
  expect(pty.text()).toContain('Fault: There is none.');

  hear({ type: 'shown', screen: 'decision', asked: 'choose', subject: null });
  await pty.waitFor(/Is at: decision, choose/);
  await pty.waitFor((screen) => pointed(screen).startsWith('❯ Keep watching'));
  await until((screen) => pointed(screen).startsWith('❯ A deploy begins'), 'down');
  await until((screen) => /nothing left to make happen/.test(question(screen)), 'enter');
  expect(asked).toEqual(['late']);
  expect(pty.raw()).toContain('It has happened.');

  await served?.close();
  served = null;
  await pty.waitFor((screen) => /The drill has ended/.test(question(screen)));
  await pty.press('ctrl-c');
  expect(await pty.exit).toEqual({ exitCode: 0, signal: 0 });
});
