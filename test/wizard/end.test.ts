import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import type { CommandResult } from '../../src/journal/types.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import type { State } from '../../src/wizard/types.ts';
import { Walk, RUNBOOK, failure, survey, verification } from './support.ts';

const atChecklist = (): Walk =>
  new Walk()
    .allSteps()
    .send({ type: 'verified', verification: verification(true) })
    .answer('next');

const command = (exitStatus: number | null): CommandResult => ({
  command: 'mix test',
  exitStatus,
  signal: exitStatus === null ? 'SIGINT' : null,
  seconds: 3,
  tail: ['12 tests'],
});

describe('verification', () => {
  test('shows what was expected and found, first what does not hold', () => {
    const walk = new Walk().allSteps().send({ type: 'verified', verification: verification(false) });
    expect(walk.words).toContain('fail rows of events expected 100, found 99 one is gone');
    expect(walk.words.indexOf('rows of events')).toBeLessThan(walk.words.indexOf('events exists'));
  });

  test('can be carried out again, whatever came of it', () => {
    const walk = new Walk().allSteps().send({ type: 'verify-failed', error: failure() });
    expect(walk.question).toMatchObject({ kind: 'choice', unattended: 'go-on' });
    expect(walk.answer('retry').last).toEqual([{ type: 'verify' }]);
    walk.send({ type: 'verified', verification: verification(true) });
    expect(walk.act('retry').last).toEqual([{ type: 'verify' }]);
    expect(walk.state.verification.result).toBeNull();
  });

  test('one that could not be carried out is not a verified run', () => {
    const walk = new Walk().allSteps().send({ type: 'verify-failed', error: failure() }).answer('go-on');
    expect(walk.answer('open').answer('open').answer('next').state.ending).toEqual({
      outcome: 'verification-failed',
      exitStatus: EXIT.verificationFailed,
    });
  });

  test('a runbook without a checklist goes on to the report', () => {
    const walk = new Walk({ runbook: { ...RUNBOOK, checklist: [] } }).allSteps();
    walk.send({ type: 'verified', verification: verification(true) }).answer('next');
    expect(walk.state.screen).toBe('report');
  });
});

describe('checklist', () => {
  test('asks item by item; Enter leaves an item open', () => {
    const walk = atChecklist();
    expect(walk.question).toMatchObject({
      kind: 'choice',
      subject: 'starts',
      default: 'open',
      flag: '--check starts',
    });
    walk.answer('done');
    expect(walk.journal.at(-1)).toEqual({
      type: 'checklist',
      item: 'starts',
      text: 'The application starts',
      done: true,
      note: '',
      command: null,
    });
    expect(walk.question).toMatchObject({ subject: 'tests' });
    expect(walk.answer('open').words).toContain('1 item left open');
  });

  test('a note is kept as one clean line', () => {
    const walk = atChecklist().answer('note');
    expect(walk.question).toMatchObject({ kind: 'text', subject: 'starts' });
    walk.answer('looked\u0007 at it').answer('done');
    expect(walk.journal.at(-1)).toMatchObject({ note: 'looked at it', done: true });
    expect(walk.words).toContain('Note: looked at it');
  });

  test('escape writes no note', () => {
    const walk = atChecklist().answer('note').act('back');
    expect(walk.question).toMatchObject({ kind: 'choice' });
    expect(walk.state.checklist.items[0]?.note).toBe('');
  });

  test('a command runs only when asked for, live, and is recorded with the item', () => {
    const walk = atChecklist();
    walk.answer('run');
    expect(walk.started('run-command')).toBe(0);
    walk.act('down').answer('run');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'mix' });
    expect(walk.answer('').last).toEqual([]);
    expect(walk.words).toContain('nothing was run');
    const task = { type: 'run-command', item: 'tests', command: 'mix test', folder: null, from: 'runbook' };
    expect(walk.answer('run').answer('mix').last).toEqual([task]);
    walk.send({ type: 'command-output', item: 'tests', line: '12 tests' });
    expect(walk.question.kind).toBe('wait');
    expect(walk.words).toContain('12 tests');
    walk.act('leave');
    expect(walk.state.leaving).toBe(false);
    expect(walk.act('cancel').last).toEqual([{ type: 'cancel-command' }]);
    walk.send({ type: 'command-done', item: 'tests', result: command(null) });
    expect(walk.words).toContain('signal SIGINT');
    walk
      .answer('run')
      .answer('mix')
      .send({ type: 'command-done', item: 'tests', result: command(0) });
    expect(walk.words).toContain('exit status 0');
    expect(walk.answer('done').journal.at(-1)).toMatchObject({ command: { exitStatus: 0 } });
  });

  test('moving about: up and down are disabled at the ends, with a reason', () => {
    const walk = atChecklist();
    expect(walk.screen.actions.find(({ id }) => id === 'up')).toMatchObject({ enabled: false });
    walk.act('down').act('down');
    expect(walk.question).toMatchObject({ kind: 'continue' });
    expect(walk.screen.actions.find(({ id }) => id === 'down')?.reason).toContain('no further');
    expect(walk.act('up').question).toMatchObject({ subject: 'tests' });
  });

  test('an item can be decided anew, and is recorded anew', () => {
    const walk = atChecklist().answer('open').act('up').answer('done');
    const records = walk.journal.filter((event) => event.type === 'checklist');
    expect(records.map((event) => event.done)).toEqual([false, true]);
  });
});

describe('report', () => {
  test('shows outcome, summary and paths, and closes on Enter', () => {
    const walk = atChecklist().answer('done').answer('done').answer('next');
    expect(walk.question.kind).toBe('wait');
    walk.send({
      type: 'report-written',
      markdownPath: '/r/report.md',
      jsonPath: '/r/report.json',
      summary: ['All well.'],
    });
    expect(walk.words).toContain('Rolled back and verified.');
    expect(walk.words).toContain('All well.');
    expect(walk.words).toContain('/r/report.md');
    expect(walk.answer('next').state.outcome).toEqual({ outcome: 'verified', exitStatus: EXIT.ok });
  });

  test('one that could not be written is written again without a second result', () => {
    const walk = new Walk()
      .atStep()
      .act('stop')
      .send({ type: 'report-failed', error: failure({ message: 'disk full' }) });
    expect(walk.words).toContain('disk full');
    walk.answer('retry');
    expect(walk.last).toEqual([{ type: 'write-report' }]);
    expect(walk.journal.filter(({ type }) => type === 'result')).toHaveLength(1);
    walk.send({ type: 'report-failed', error: failure() }).answer('close');
    expect(walk.state.outcome).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
  });
});

describe('after the result was recorded', () => {
  test('a task that ends late records nothing', () => {
    const walk = new Walk().atStep().act('stop');
    const verifying: State = {
      ...walk.state,
      verification: { status: 'running', result: null, error: null },
    };
    expect(reduce(verifying, { type: 'verified', verification: verification(true) }).tasks).toEqual([]);
  });

  test('a journal that could not be written is still said', () => {
    const walk = new Walk().atStep().act('stop');
    walk.send({ type: 'trouble', what: 'record', error: failure({ message: 'disk full' }) });
    expect(walk.words).toContain('The journal of this run could not be written. disk full');
    const entry = { type: 'escalated', act: 'swap', ok: true, text: 'exchanged' } as const;
    walk.send({ type: 'trouble', what: 'record', error: failure({ message: 'disk full' }), entry });
    expect(walk.words).toContain(
      'that swap was done in the escalation. It stands in escalations.jsonl. disk full',
    );
  });
});

describe('leaving', () => {
  test('is asked for, Enter stays, and the ids differ each time', () => {
    const walk = new Walk().connected().act('leave');
    const { question } = walk;
    expect(question).toMatchObject({ kind: 'confirm' });
    expect(walk.words).toContain('Nothing was run');
    walk.answer('no');
    expect(walk.state.leaving).toBe(false);
    walk.act('leave').send({ type: 'answer', question: question.id, value: 'yes' });
    expect(walk.state.outcome).toBeNull();
    expect(walk.act('stay').state.leaving).toBe(false);
  });

  test('before anything was run: exit status 11, with result and report', () => {
    const walk = new Walk().planned().act('leave').answer('yes');
    expect(walk.state.outcome).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
    expect(walk.last.map(({ type }) => type)).toEqual(['record', 'write-report']);
    walk.send({ type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: ['Left.'] });
    expect(walk.state.report.summary).toEqual(['Left.']);
  });

  test('between steps: exit status 13; a second ctrl-c leaves at once', () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .act('leave');
    expect(walk.words).toContain('Step 1: done');
    expect(walk.act('leave').state.outcome).toEqual({ outcome: 'stopped', exitStatus: EXIT.stopped });
  });

  test('after a verification that held: the run is verified, whatever is left of the checklist', () => {
    const walk = atChecklist().act('leave').answer('yes');
    expect(walk.state.outcome).toEqual({ outcome: 'verified', exitStatus: EXIT.ok });
  });

  test('from the report it closes', () => {
    const walk = new Walk().atStep().act('stop').act('leave');
    expect(walk.state.outcome).toEqual({ outcome: 'declined', exitStatus: EXIT.declined });
    expect(walk.journal.filter(({ type }) => type === 'result')).toHaveLength(1);
  });
});
