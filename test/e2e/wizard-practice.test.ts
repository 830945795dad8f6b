/** `backout practice` in a terminal of 80 columns and 24 rows, by keys alone: from the first screen to the last. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/journal/report.ts';
import type { JournalEvent } from '../../src/journal/types.ts';
import { built } from '../support/server.ts';
import { readEvents, type Operator } from './support/operator.ts';
import {
  freePractice,
  CLOSE,
  CRITERION,
  DECIDE,
  PLAN,
  PREREQUISITES,
  REASON,
  TARGET,
  done,
  runStep,
  toDecision,
  toStepOne,
  typing,
} from './support/questions.ts';
import { allUpTo, carriedOut } from './support/unattended.ts';
import { oneWalk } from './support/walk.ts';

const NAME = 'singularity_practice';
/** What may stand in a journal while nothing has been set going. */
const HARMLESS = [
  'run-started',
  'connected',
  'prerequisites',
  'consent',
  'decision',
  'repairs',
  'plan',
  'note',
];

beforeAll(() => built());

const typesOf = (events: readonly JournalEvent[]): string[] => [
  ...new Set(events.map((event) => event.type)),
];

describe('the whole rollback', () => {
  oneWalk();
  let operator: Operator;
  beforeAll(async () => {
    operator = await freePractice({ columns: 80, rows: 24 });
  });
  afterAll(() => operator.dispose());

  it('says on the first screen that this is practice, and where', async () => {
    await operator.untilAsked(TARGET);
    const screen = operator.pty.text();
    expect(screen).toMatch(/^ PRACTICE {3}embedded singularity_practice +as postgres +PostgreSQL \d+/);
    expect(screen).not.toContain('PRODUCTION');
    expect(screen).toContain('1 of 11, next: Prerequisites');
    expect(operator.pty.emulator.terminal.buffer.active.type).toBe('alternate');
  });

  it('shows every key under ?, and closes that again', async () => {
    await operator.answer(TARGET, '?');
    await operator.pty.waitFor(/Help[^]*Esc close the help/);
    await operator.pty.press('escape');
    await operator.answer(TARGET, 'enter');
    await operator.untilAsked(PREREQUISITES);
    expect(operator.pty.text()).toContain('All 43 statements of 4 steps are still to be done.');
  });

  it('goes back from screen to screen, and forward again', async () => {
    await operator.answer(PREREQUISITES, 'escape');
    await operator.answer(TARGET, 'enter');
    await operator.answer(PREREQUISITES, 'enter');
    await operator.answer(CRITERION, 'escape');
    await operator.untilAsked(PREREQUISITES);
  });

  it('asks before it leaves, and Esc stays', async () => {
    await operator.answer(PREREQUISITES, 'ctrl-c');
    expect(await operator.untilAsked(/Leave backout now\? \(exit status 11\)/)).toContain('n Stay');
    expect(operator.pty.text()).toContain('Nothing was run: the database is as this run found it.');
    await operator.pty.press('escape');
    await operator.answer(PREREQUISITES, 'q');
    // Enter alone stays, too.
    await operator.answer(/Leave backout now\?/, 'enter');
    await operator.answer(PREREQUISITES, 'enter');
  });

  it('asks what the database cannot know, recommends, and wants a reason for going against it', async () => {
    await operator.answer(/Is this so\? Application not yet deployed/, 'n');
    await operator.answer(/Is this so\? Simple schema issue/, 'n');
    await operator.answer(/Is this so\? Rolling back would cause/, 'enter');
    // The pointer stands on the harmless answer.
    expect(await operator.untilAsked(DECIDE)).toMatch(/› f Fix forward Changes nothing\. Recommended\./);
    await operator.pty.press('r');
    await operator.answer(REASON, 'enter');
    await operator.untilAsked(/An answer is needed here/);
    await operator.submit(REASON, 'to practise it');
    await operator.untilAsked(PLAN);
  });

  it('shows the whole plan with all of its SQL before anything can be confirmed', async () => {
    const first = operator.pty.text();
    for (const title of ['Step 1: Restore detection_events', 'Step 4: Remove migration record']) {
      expect(first).toContain(title);
    }
    await operator.answer(PLAN, 'G');
    await operator.pty.waitFor('DELETE FROM schema_migrations WHERE version = 20250101000014');
    await operator.pty.press('escape');
    await operator.answer(DECIDE, 'r');
    await operator.submit(REASON, 'to practise it');
    await operator.untilAsked(PLAN);
  });

  it('opens the escalation at !, over the question, and closes it again', async () => {
    await operator.answer(PLAN, '!');
    await operator.untilAsked(/What is to be done\?/);
    expect(operator.pty.text()).toContain('Escalate');
    await operator.pty.press('!');
    await operator.untilAsked(PLAN);
  });

  it('confirms nothing by keys held down: neither by Enter nor by letters', async () => {
    await operator.untilAsked(PLAN);
    await operator.pty.type('\r'.repeat(60));
    await operator.answer(typing(1), 'enter');
    await operator.untilAsked(/Nothing was typed\. Type singularity_practice exactly/);
    expect(typesOf(await operator.journal()).filter((type) => !HARMLESS.includes(type))).toEqual([]);
  });

  it('refuses a wrong name, and the right one before the SQL has been in view', async () => {
    await operator.submit(typing(1), 'singularity');
    await operator.untilAsked(/"singularity" is not it\./);
    await operator.pty.press('ctrl-u');
    await operator.submit(typing(1), NAME);
    await operator.untilAsked(/\d+ more lines of this have not been on the screen yet/);
    await operator.pty.press('ctrl-u', 'end');
    await operator.pty.waitFor(/INSERT INTO backout\.step [^]*▲ \d+ more above(?!.*▼)/);
  });

  it('confirms nothing by a paste', async () => {
    // With the marks of a terminal that knows them, the line break is no Enter.
    await operator.pty.type(`\x1b[200~${NAME}\r\x1b[201~`);
    await operator.untilAsked(/> singularity_practice Enter submit/);
    await operator.pty.press('ctrl-u');
    await operator.untilAsked(/> Enter submit/);
    await operator.pty.type(`${NAME}\r`);
    await operator.untilAsked(/That Enter came together with the text, as in a paste/);
    expect(typesOf(await operator.journal()).filter((type) => !HARMLESS.includes(type))).toEqual([]);
  });

  it('keeps what is half typed when the terminal becomes small, too small, and large again', async () => {
    await operator.pty.press('ctrl-u');
    await operator.pty.type('singularity_');
    await operator.untilAsked(/> singularity_ /);
    operator.pty.resize(60, 16);
    const small = await operator.pty.waitFor(/^ PRACTICE[^]*\n─{60}\n[^]*> singularity_ *\nEnter submit/);
    expect(small.split('\n').length).toBeLessThan(16);
    operator.pty.resize(20, 5);
    await operator.pty.waitFor(/^20x5 is too small/);
    // Blind, no key is an answer.
    await operator.pty.press('p', 'enter');
    // Ctrl-L draws anew: once it has, the keys before it were read while the terminal was still too small.
    const drawn = operator.pty.raw().length;
    await operator.pty.press('ctrl-l');
    await operator.pty.waitFor(() => operator.pty.raw().length > drawn);
    operator.pty.resize(80, 24);
    await operator.untilAsked(/> singularity_ Enter submit/);
    expect(operator.pty.text()).toContain('Step 1: Restore detection_events');
    expect(typesOf(await operator.journal()).filter((type) => !HARMLESS.includes(type))).toEqual([]);
  });

  it('runs Step 1 once the name is typed, and shows each statement as done', async () => {
    // As any other question, this one lets you go back first.
    await operator.pty.press('escape');
    await operator.answer(PLAN, 'enter');
    await runStep(operator, 1, NAME);
    expect(operator.shown()).toMatch(/Committed: 12 statements of the runbook, by \d+ actions in/);
    // The screen is drawn while the journal's line is on its way to the disk.
    await expect
      .poll(async () => (await operator.journalOf('step-finished')).at(-1), { timeout: 20_000 })
      .toMatchObject({ outcome: 'done' });
  });

  it('does not go back behind a step that is done, and says why', async () => {
    await operator.answer(done(1), 'escape');
    await operator.untilAsked(/A step of this run is already committed/);
  });

  it('runs Step 2 and Step 3, each with a confirmation of its own', async () => {
    await operator.answer(done(1), 'enter');
    await runStep(operator, 2, NAME);
    await operator.answer(done(2), 'enter');
    await runStep(operator, 3, NAME);
    const confirmed = await operator.journalOf('step-confirmed');
    expect(confirmed.map(({ step, typed }) => [step, typed])).toEqual([
      ['step-1', NAME],
      ['step-2', NAME],
      ['step-3', NAME],
    ]);
    expect(new Set(confirmed.map(({ hash }) => hash)).size).toBe(3);
  });

  it('takes no y that came before the question, nor one before the SQL was in view; Enter means no', async () => {
    const step = /Run Step 4 now, exactly the SQL shown above\?/;
    await operator.untilAsked(done(3));
    await operator.pty.type(`\r${'y'.repeat(50)}`);
    await operator.answer(step, 'y');
    await operator.untilAsked(/more lines of this have not been on the screen yet/);
    await operator.pty.press('enter');
    await operator.answer(/Step 4 was not confirmed; nothing was run\. What now\?/, 'enter');
    await operator.answer(step, 'G');
    await operator.pty.waitFor(/INSERT INTO backout\.step [^]*▲ \d+ more above(?!.*▼)/);
    expect(await operator.read()).toContain('DELETE FROM schema_migrations WHERE version = 20250101000014');
    expect(await operator.journalOf('step-confirmed')).toHaveLength(3);
    await operator.pty.press('y');
    await operator.untilAsked(/Step 4 is done\. Enter goes on to the verification/);
  });

  it('verifies', async () => {
    await operator.answer(/Step 4 is done/, 'enter');
    await operator.untilAsked(/Enter goes on to the checklist/);
    expect(operator.pty.text()).toMatch(/Verified: all \d+ checks hold\./);
  });

  it('leads through the checklist: done, left open, with a note', async () => {
    await operator.answer(/goes on to the checklist/, 'enter');
    await operator.answer(/Is this done\?/, 'n');
    await operator.submit(/Note on:/, 'told the team');
    await operator.untilAsked(/Is this done\?/);
    const items: string[] = [];
    for (;;) {
      const asked = await operator.untilAsked(/Is this done\?|Enter writes the report/);
      const [, item] = /Is this done\? (.*?)(?: ›)? d Done/.exec(asked) ?? [];
      if (item === undefined) break;
      items.push(item);
      await operator.pty.press(items.length === 1 ? 'd' : 'o');
      const before = item;
      await operator.pty.waitFor(() => !operator.asked().includes(before));
    }
    expect(items).toHaveLength(6);
    await operator.answer(/Enter writes the report/, 'enter');
  });

  it('ends with 0, gives the terminal back and leaves the summary on it', async () => {
    await operator.untilAsked(CLOSE);
    expect(operator.pty.text()).toContain('Rolled back and verified.');
    await operator.pty.press('enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    expect(operator.pty.emulator.terminal.buffer.active.type).toBe('normal');
    const left = operator.pty.text().replaceAll('\n', '');
    expect(left).toContain('Rolled back and verified');
    expect(left).toContain(join(await operator.folder(), 'report.md'));
  });

  it('leaves a journal in which every step was confirmed, begun, committed and finished, in this order', async () => {
    const events = await operator.journal();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]).toMatchObject({
      type: 'run-started',
      schema: 'backout.event/1',
      surface: 'tui',
      environment: 'PRACTICE',
    });
    for (const [index, statements] of [12, 19, 11, 1].entries()) {
      const step = `step-${index + 1}`;
      const types = events.flatMap((event) => ('step' in event && event.step === step ? [event.type] : []));
      expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
        'step-confirmed',
        'step-started',
        'statement',
        'step-committing',
        'archived',
        'step-finished',
      ]);
      expect(carriedOut(events, step)).toEqual(allUpTo(statements));
      const actions = events.flatMap((event) =>
        event.type === 'statement' && event.step === step ? [event] : [],
      );
      expect(actions.map(({ index }) => index)).toEqual(allUpTo(actions.length));
      expect(actions.at(-1)).toMatchObject({ role: 'record', rows: 1 });
    }
    expect(events.at(-1)).toMatchObject({
      type: 'result',
      outcome: 'verified',
      exitStatus: 0,
      steps: [1, 2, 3, 4].map((step) => ({ id: `step-${step}`, outcome: 'done' })),
    });
  });

  it('leaves both reports, which say the same', async () => {
    const folder = await operator.folder();
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
    expect(report).toMatchObject({
      outcome: 'verified',
      exitStatus: 0,
      environment: 'PRACTICE',
      surface: 'tui',
    });
    expect(report.decision).toMatchObject({ choice: 'rollback', reason: 'to practise it' });
    const carried = report.steps.map(
      ({ statements }) => new Set(statements.flatMap(({ carries = [] }) => carries)).size,
    );
    expect(carried).toEqual([12, 19, 11, 1]);
    expect(new Set(report.archived.map(({ step }) => step))).toEqual(
      new Set(['step-1', 'step-2', 'step-3', 'step-4']),
    );
    expect(report.checklist.map((item) => item.done)).toEqual([true, ...Array<boolean>(5).fill(false)]);
    expect(report.checklist[0]?.note).toBe('told the team');
    const markdown = await readFile(join(folder, 'report.md'), 'utf8');
    expect(markdown).toContain(`# Rollback report ${report.run}`);
    expect(markdown).toContain('told the team');
    expect(markdown).toContain('DELETE FROM schema_migrations');
    // Nobody else on the machine may read what was in the database.
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });
});

describe('the ways out', () => {
  let operator: Operator | null = null;
  afterEach(async () => {
    await operator?.dispose();
    operator = null;
  });

  it('fix forward: changes nothing, writes the report, exit status 11', async () => {
    operator = await freePractice();
    await toDecision(operator);
    await operator.pty.press('enter');
    expect(await operator.untilAsked(/End with the report/)).toContain('exit status 11');
    await operator.pty.press('enter');
    await operator.answer(CLOSE, 'enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 11, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    const events = await operator.journal();
    expect(typesOf(events.slice(0, -1)).filter((type) => !HARMLESS.includes(type))).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'fix-forward', exitStatus: 11 });
    expect(existsSync(join(await operator.folder(), 'report.md'))).toBe(true);
  });

  it('Ctrl-C twice between steps: what is done stays done, exit status 13', async () => {
    operator = await freePractice();
    await toStepOne(operator);
    await runStep(operator, 1, NAME);
    await operator.pty.press('ctrl-c');
    await operator.untilAsked(/Leave backout now\? \(exit status 13\)/);
    expect(operator.pty.text()).toMatch(/Step 1: done[^]*Step 2: not done/);
    await operator.pty.press('ctrl-c');
    expect(await operator.pty.exit).toEqual({ exitCode: 13, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    const last = (await readEvents(await operator.folder())).at(-1);
    expect(last).toMatchObject({
      type: 'result',
      outcome: 'stopped',
      exitStatus: 13,
      steps: ['done', 'not-run', 'not-run', 'not-run'].map((outcome, n) => ({
        id: `step-${n + 1}`,
        outcome,
      })),
    });
  });

  it('SIGTERM: the terminal is given back, exit status 143, and the report is still to be had', async () => {
    operator = await freePractice();
    await operator.untilAsked(TARGET);
    operator.pty.kill('SIGTERM');
    expect(await operator.pty.exit).toEqual({ exitCode: 143, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    expect((await operator.journal()).map(({ type }) => type)).toContain('run-started');
  });
});
