/** The checklist with hands, as the wizard knows it: what is offered, confirmed, asked for, recorded. */
import { describe, expect, test } from 'vitest';
import type { CommandHelp, Help, ItemCheck, PreparedCommand } from '../../src/checklist/types.ts';
import { Walk, verification } from './support.ts';

const START: CommandHelp = {
  kind: 'command',
  role: 'start',
  command: './start-all.sh',
  from: 'config',
  word: 'start-all.sh',
  why: null,
  untypable: null,
  folder: '/srv/app',
  seconds: 20,
};

const PROBES: Help = {
  kind: 'probe',
  probes: [{ id: 'p', title: 'Rows', sql: 'SELECT 1', expect: '1', line: 1 }],
};

const check = (more: Partial<ItemCheck> = {}): ItemCheck => ({
  kind: 'probe',
  title: 'Rows',
  verdict: 'failed',
  words: 'Expected 1, found 0.',
  seconds: 0.1,
  lines: ['0'],
  ...more,
});

const atItem = (...help: Help[]): Walk =>
  new Walk({ help: { starts: help } })
    .allSteps()
    .send({ type: 'verified', verification: verification(true) })
    .answer('next');

const offered = (walk: Walk): string[] =>
  walk.question.kind === 'choice' ? walk.question.options.map(({ value }) => value) : [];

describe('a command that leaves something open', () => {
  const OPEN: CommandHelp = {
    ...START,
    role: 'other',
    command: './restart.sh <release> /path/to/app',
    word: null,
    why: 'It leaves something open: <release>, /path/to/app.',
    asks: true,
  };
  const [RELEASE, PATH] = [
    { id: 'words:<release>', text: '<release>', why: 'The runbook leaves this open.' },
    { id: 'path:/path/to/app', text: '/path/to/app', why: 'The runbook leaves this path open.' },
  ];
  const prepared = (more: Partial<PreparedCommand>): PreparedCommand => ({
    command: OPEN.command ?? '',
    word: null,
    why: null,
    questions: [],
    answers: {},
    ...more,
  });
  const sent = (walk: Walk, more: Partial<PreparedCommand>): Walk =>
    walk.send({ type: 'command-prepared', item: 'starts', prepared: prepared(more) });

  test('each thing is asked for, then the whole is shown, confirmed by its own word, and run', () => {
    const walk = atItem(OPEN);
    expect(walk.words).not.toContain('Only text to copy');
    walk.answer('run');
    expect(walk.last).toMatchObject([{ type: 'prepare-command', command: OPEN.command, answers: {} }]);
    sent(walk, { questions: [RELEASE, PATH] });
    expect(walk.question).toMatchObject({
      kind: 'text',
      prompt: expect.stringContaining('<release>') as string,
    });
    walk.answer('1.2');
    expect(walk.last).toMatchObject([{ type: 'prepare-command', answers: { 'words:<release>': '1.2' } }]);
    sent(walk, { questions: [PATH], answers: { 'words:<release>': '1.2' } }).answer('/srv/app');
    expect(walk.last).toMatchObject([
      { type: 'prepare-command', answers: { 'words:<release>': '1.2', 'path:/path/to/app': '/srv/app' } },
    ]);
    sent(walk, { command: './restart.sh 1.2 /srv/app', word: 'restart.sh' });
    expect(walk.words).toContain('./restart.sh 1.2 /srv/app');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'restart.sh' });
    walk.answer('restart.sh');
    expect(walk.last).toMatchObject([{ type: 'run-command', command: './restart.sh 1.2 /srv/app' }]);
  });

  test('nothing typed, another word, or a command that is never run: nothing runs', () => {
    const walk = atItem(OPEN);
    sent(walk.answer('run'), { questions: [RELEASE] }).answer('');
    expect(walk.question.kind).toBe('choice');
    sent(walk.answer('run'), { command: './restart.sh x y', word: 'restart.sh' }).answer('restart');
    expect(walk.state.notice).toContain('is not "restart.sh"');
    sent(walk.answer('run'), { why: 'backout never drops a database.' });
    expect(walk.state.notice).toContain('backout never drops a database.');
    expect(walk.started('run-command')).toBe(0);
  });
});

describe('an item offers what helps with it, and nothing else', () => {
  test('nothing: done, open, a note', () => {
    expect(offered(atItem())).toEqual(['done', 'open', 'note']);
  });

  test('a command that is only text is shown with the reason, and is not to be run', () => {
    const walk = atItem({ ...START, word: null, why: 'Another runbook.', untypable: 'Practice.' });
    expect(offered(walk)).toEqual(['done', 'open', 'note']);
    expect(walk.words).toContain('./start-all.sh');
    expect(walk.words).toContain('Only text to copy. Another runbook.');
    walk.send({ type: 'answer', question: walk.question.id, value: 'run' });
    expect(walk.started('watch-command')).toBe(0);
  });

  test('no command known: one can be typed, and what was typed is what runs', () => {
    const walk = atItem({ ...START, command: null, from: null, word: null });
    expect(offered(walk)).toEqual(['done', 'open', 'note', 'command']);
    walk.answer('command').answer('make start');
    expect(walk.last).toMatchObject([
      { type: 'watch-command', command: 'make start', from: 'operator', seconds: 20 },
    ]);
  });

  test('logs: those of the configuration, and any other', () => {
    const walk = atItem({ kind: 'log', files: ['/a.log', '/b.log'] });
    expect(offered(walk)).toEqual(['done', 'open', 'note', 'scan', 'file']);
    expect(walk.answer('scan').last).toEqual([
      { type: 'scan-logs', item: 'starts', files: ['/a.log', '/b.log'] },
    ]);
    walk.send({
      type: 'item-checked',
      item: 'starts',
      check: check({ kind: 'log', title: '/a.log' }),
      over: false,
    });
    expect(walk.question.kind).toBe('wait');
    walk.send({
      type: 'item-checked',
      item: 'starts',
      check: check({ kind: 'log', title: '/b.log' }),
      over: true,
    });
    expect(walk.answer('file').answer('/c.log').last).toMatchObject([{ files: ['/c.log'] }]);
  });
});

describe('probes', () => {
  test('are shown whole, asked on request, and their verdicts are recorded at once', () => {
    const walk = atItem(PROBES);
    expect(walk.words).toContain('SELECT 1');
    expect(walk.answer('probe').last).toMatchObject([{ type: 'run-probes', item: 'starts' }]);
    walk.send({ type: 'item-checked', item: 'starts', check: check(), over: true });
    expect(walk.journal.at(-1)).toMatchObject({
      type: 'item-check',
      item: 'starts',
      check: { verdict: 'failed' },
    });
    expect(walk.words).toContain('Expected 1, found 0.');
  });

  test('are asked by themselves where nobody answers, once; the item is then answered by --check', () => {
    const walk = atItem(PROBES);
    expect(walk.question).toMatchObject({ unattended: 'probe' });
    expect(walk.question).not.toHaveProperty('flag');
    walk.answer('probe').send({ type: 'item-checked', item: 'starts', check: check(), over: true });
    expect(walk.question).toMatchObject({ default: 'open', flag: '--check starts' });
  });
});

describe('an application that is started', () => {
  const started = (): Walk => atItem(START).answer('run').answer('start-all.sh');
  const stays = { seconds: 20, errors: 0, group: 4711, file: '/run/application-1.log' };

  test('only by the word that the screen asks for', () => {
    const walk = atItem(START).answer('run');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'start-all.sh', unattended: '' });
    expect(walk.answer('y').started('watch-command')).toBe(0);
    expect(walk.answer('run').answer('start-all.sh').last).toEqual([
      {
        type: 'watch-command',
        item: 'starts',
        command: './start-all.sh',
        folder: '/srv/app',
        from: 'config',
        seconds: 20,
      },
    ]);
  });

  test('is watched; Ctrl-C ends the watching, not the application; leaving waits for an answer', () => {
    const walk = started();
    expect(walk.act('cancel').last).toEqual([{ type: 'end-watch' }]);
    walk.send({
      type: 'item-checked',
      item: 'starts',
      check: check({ kind: 'watch', verdict: 'ok' }),
      over: false,
    });
    walk.send({ type: 'command-stays', item: 'starts', stays });
    expect(offered(walk)).toEqual(['stop', 'leave', 'longer']);
    expect(walk.question).toMatchObject({ default: 'longer', unattended: 'stop' });
    expect(walk.act('leave').state.leaving).toBe(false);
  });

  test('left running: its process group and its file are said, noted and recorded', () => {
    const walk = started().send({ type: 'command-stays', item: 'starts', stays }).answer('leave');
    expect(walk.last.map(({ type }) => type)).toEqual(['leave-command', 'record']);
    expect(walk.journal.at(-1)).toMatchObject({ type: 'note' });
    expect(walk.words).toContain('process group 4711');
    expect(walk.words).toContain('/run/application-1.log');
  });

  test('stopped: that it ended is what comes next', () => {
    const walk = started().send({ type: 'command-stays', item: 'starts', stays }).answer('stop');
    expect(walk.last).toEqual([{ type: 'cancel-command' }]);
    const result = { command: './start-all.sh', exitStatus: null, signal: 'SIGTERM', seconds: 21, tail: [] };
    walk.send({ type: 'command-done', item: 'starts', result });
    expect(offered(walk)).toContain('done');
    expect(walk.words).toContain('SIGTERM');
  });
});

test('what nobody decided is recorded as open when the run ends', () => {
  const walk = atItem(PROBES).act('leave').answer('yes');
  const open = walk.journal.filter((event) => event.type === 'checklist');
  expect(open.map(({ item, done }) => [item, done])).toEqual([
    ['starts', false],
    ['tests', false],
  ]);
  expect(walk.journal.at(-1)?.type).toBe('result');
});
