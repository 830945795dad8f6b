/** Drills at a terminal: from the list through the story and the coach to the debrief, and with an instructor beside. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  DECIDE,
  LIST,
  PLAN,
  PREREQUISITES,
  runOn,
  TARGET,
  toDecision,
  toReport,
} from './support/questions.ts';

const NAME = 'singularity_practice';
const STORY = /Enter begins/;

let operator: Operator | null = null;
let instructor: Operator | null = null;
beforeAll(() => built());
afterEach(async () => {
  await operator?.dispose();
  await instructor?.dispose();
  operator = instructor = null;
});

const practise = (...args: string[]): Promise<Operator> =>
  atTerminal(['practice', ...args], { env: { XDG_RUNTIME_DIR: undefined } });

describe('a drill', () => {
  it('leads from the list through story and coach to the debrief, and back to the list', async () => {
    operator = await practise();
    await operator.untilAsked(LIST);
    expect(operator.pty.text()).toMatch(/first day\s+› {2}1 {2}The calm one {2}\d+ min/);
    await operator.pty.press('enter');
    await operator.untilAsked(STORY, 60_000);
    expect(operator.pty.text()).toContain('Drill: The calm one');
    await operator.pty.press('enter');
    await operator.answer(TARGET, 'c');
    await operator.pty.waitFor('Coach: Target');
    expect(await operator.read()).toContain('What an expert looks at');
    await operator.pty.press('escape');
    await toDecision(operator);
    await operator.answer(DECIDE, 'r');
    await operator.answer(PLAN, 'enter');
    await runOn(operator, NAME, 1);
    await toReport(operator);
    await operator.pty.press('enter');
    await operator.untilAsked(/What now\?.*The list of drills/);
    expect(operator.pty.text()).toMatch(/\d+ of 100/);
    await operator.pty.press('l');
    await operator.untilAsked(LIST);
    expect(operator.pty.text()).toMatch(/The calm one {2}\d+ min; best \d+, 1 attempt/);
    await operator.pty.press('ctrl-c');
    expect((await operator.pty.exit).signal).toBe(0);
    expect(operator.pty.leftovers()).toEqual([]);
    const coach = await operator.journalOf('coach');
    expect(coach[0]).toMatchObject({ what: 'opened', id: 'target/target', cost: 0 });
  });
});

describe('the instructor', () => {
  it("finds the drill, makes its event happen, and the trainee's screen does not tell", async () => {
    operator = await practise('dashboard');
    await operator.untilAsked(STORY, 60_000);
    instructor = await atTerminal(['practice', '--instructor'], {
      columns: 110,
      rows: 40,
      env: { XDG_STATE_HOME: operator.state, XDG_RUNTIME_DIR: undefined },
    });
    await instructor.untilAsked(/Make something happen to the trainee\?.*Yuki/, 60_000);
    await operator.pty.press('enter');
    await operator.untilAsked(TARGET);
    await instructor.pty.waitFor('Is at: target, target');
    // The events come into view in front of the journal: the story is told while the database is made ready.
    expect(instructor.pty.text()).toMatch(/Score so far: \d+ of 100/);
    await instructor.answer(/Make something happen/, '1');
    await instructor.pty.waitFor(/HAPPENED: Yuki[^]*\(at your key\)/);
    await instructor.untilAsked(/nothing left to make happen/);
    expect(operator.pty.text()).not.toMatch(/Yuki|instructor/i);
    // The view is gone: what would have blocked does not.
    await operator.answer(TARGET, 'enter');
    await operator.untilAsked(PREREQUISITES);
    await instructor.pty.waitFor('Is at: prerequisites');
    expect(await operator.journalOf('injected')).toMatchObject([{ id: 'yuki', by: 'instructor' }]);
    await operator.pty.press('ctrl-c', 'ctrl-c');
    await operator.pty.exit;
    await instructor.untilAsked(/The drill has ended/);
    await instructor.pty.press('q');
    expect(await instructor.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(instructor.pty.leftovers()).toEqual([]);
  });
});
