/** `backout --plain` on a real server: the same wizard as line prompts, from the first question to the verified end. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { snapshot, tables, type Snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

let database: TestDatabase;
let operator: Operator;
let before: Snapshot;

oneWalk();
beforeAll(async () => {
  await built();
  database = await freshDatabase();
  before = await database.use(snapshot);
  // Wide enough for each prompt to stand on one line.
  operator = await atTerminal(['--plain', '--database', database.url], { columns: 220, rows: 50 });
});
afterAll(async () => {
  await operator.dispose();
  await database.drop();
});

/** The question that stands there now; one that was answered begins with a tick. */
function question(screen: string): string {
  return screen.split('\n').findLast((line) => line.startsWith('? ')) ?? '';
}

const asked = (words: RegExp): Promise<string> =>
  operator.pty.waitFor((screen) => words.test(question(screen)), 40_000);

/** Waits for the question, moves the pointer to the answer that begins with these words, and takes it. */
async function pick(words: RegExp, label: string, key: 'up' | 'down' = 'down'): Promise<void> {
  await asked(words);
  const pointed = (screen: string): string =>
    screen.split('\n').findLast((line) => line.startsWith('❯ ')) ?? '';
  for (let now = pointed(operator.pty.text()); !now.startsWith(`❯ ${label}`);) {
    const last = now;
    await operator.pty.press(key);
    now = pointed(await operator.pty.waitFor((screen) => pointed(screen) !== last));
  }
  await take(question(operator.pty.text()));
}

/** Keys typed before a prompt listens are dropped on purpose; as a person would, press again if nothing happened. */
async function take(standing: string, tries = 3): Promise<void> {
  await operator.pty.press('enter');
  const answered = operator.pty.waitFor((screen) => question(screen) !== standing, 10_000);
  if (tries > 1) await answered.catch(() => take(standing, tries - 1));
  else await answered;
}

/** Types the database's name, which the prompt itself names as well. */
async function confirm(step: number): Promise<void> {
  await asked(new RegExp(`To run Step ${step}, exactly the SQL shown above, type`));
  await operator.pty.submit(database.name, `${database.name} ${database.name}`);
}

it('asks for the database, the warnings and the decision, and shows the plan', async () => {
  await asked(/the database you mean\?/);
  expect(operator.pty.raw()).toContain('PRODUCTION: a real database.');
  await pick(/the database you mean\?/, 'Go on');
  await pick(/Warning: This role may do all of it/, 'Yes');
  await pick(/Warning: A backup to fall back on/, 'Yes');
  await pick(/Enter goes on to the decision/, 'Go on');
  await pick(/Is this so\? Application not yet deployed/, 'I cannot tell');
  await pick(/Is this so\? Simple schema issue/, 'I cannot tell');
  await pick(/Is this so\? Rolling back would cause/, 'I cannot tell');
  await pick(/What do you decide\?/, 'Roll back', 'up');
  await asked(/Why\?/);
  await operator.pty.submit('the test says so', 'recorded.) the test says so');
  await asked(/Enter goes on to the first step/);
  expect(operator.pty.raw()).toContain('DELETE FROM schema_migrations WHERE version = 20250101000014');
});

it('runs nothing for a wrong name, and nothing for Enter', async () => {
  await pick(/Enter goes on to the first step/, 'Go on');
  await asked(/To run Step 1/);
  await operator.pty.submit('another', `${database.name} another`);
  await pick(/Step 1 was not confirmed; nothing was run/, 'Look at the step again');
  await asked(/To run Step 1/);
  await operator.pty.press('enter');
  await pick(/Step 1 was not confirmed; nothing was run/, 'Look at the step again');
  expect(await operator.journalOf('step-confirmed')).toEqual([]);
  expect(await database.use(snapshot)).toEqual(before);
});

it('runs each step once its name was typed, and says each statement as it is done', async () => {
  for (const step of [1, 2, 3]) {
    await confirm(step);
    await pick(new RegExp(`Step ${step} is done`), 'Go on');
  }
  const said = operator.pty.raw();
  expect(said).toContain('ALTER TABLE codebase_snapshots RENAME TO detection_events');
  expect(said).toMatch(
    /done +5\. Renames table codebase_snapshots to detection_events .*not committed yet\)/,
  );
  expect(said).toMatch(/Committed: 12 statements of the runbook, by \d+ actions in/);
  expect(said).toMatch(/Kept in the archive: \d+ objects\./);
  // Enter alone means no here as well.
  await asked(/Run Step 4 now/);
  await operator.pty.press('enter');
  await pick(/Step 4 was not confirmed/, 'Look at the step again');
  await pick(/Run Step 4 now/, 'Yes');
  await pick(/Step 4 is done/, 'Go on');
});

it('verifies, goes through the checklist, and ends with 0 and the summary', async () => {
  await pick(/Enter goes on to the checklist/, 'Go on');
  for (let item = 0; item < 6; item += 1) {
    await asked(/Is this done\?/);
    const now = question(operator.pty.text());
    await pick(/Is this done\?/, 'Done', 'up');
    await operator.pty.waitFor((screen) => question(screen) !== now, 40_000);
  }
  await pick(/Enter writes the report/, 'Go on');
  await pick(/Enter closes backout/, 'Go on');
  expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
  expect(operator.pty.leftovers()).toEqual([]);
  expect(operator.pty.text()).toContain('Rolled back and verified');
  expect(await database.use(tables)).toEqual([
    'detection_events',
    'git_sessions',
    'schema_migrations',
    'technology_knowledge',
  ]);
});

it('leaves the same journal and reports as the full screens do', async () => {
  const events = await operator.journal();
  expect(events[0]).toMatchObject({ type: 'run-started', surface: 'plain', environment: 'PRODUCTION' });
  expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'verified', exitStatus: 0 });
  const items = events.flatMap((event) => (event.type === 'checklist' ? [event.done] : []));
  expect(items).toEqual(Array<boolean>(6).fill(true));
  const markdown = await readFile(join(await operator.folder(), 'report.md'), 'utf8');
  expect(markdown).toContain('the test says so');
  expect(operator.pty.raw()).not.toContain(new URL(database.url).password);
});
