import { describe, expect, test } from 'vitest';
import { NO_CONFIG, shownConfig } from '../../src/config/types.ts';
import { escalationCommands } from '../../src/escalate/commands.ts';
import { reportScreen } from '../../src/steps/report.ts';
import type { Question } from '../../src/wizard/types.ts';
import { escalationDone, escalationFacts, OPEN, prepared } from './escalation.ts';
import { failure, RUNBOOK, Walk, wordsIn } from './support.ts';

const optionsOf = (question: Question) =>
  question.kind === 'choice'
    ? question.options.map(({ value, disabled }) => [value, disabled === undefined])
    : [];

const able = (question: Question): string[] =>
  optionsOf(question).flatMap(([value, enabled]) => (enabled === true ? [String(value)] : []));

const open = (walk: Walk): Walk =>
  walk.act('escalate').send({ type: 'escalate-looked', facts: escalationFacts() });

const stopping = (): Walk =>
  open(new Walk().atStep())
    .answer('stop-writes')
    .send({ type: 'escalate-prepared', prepared: prepared('stop-writes') });

describe('the escalation', () => {
  test('stands in front of any question; Enter only closes it', () => {
    const walk = open(new Walk().atStep());
    expect(walk.screen.title).toBe('Escalate');
    expect(walk.words).toContain('Call the database team.');
    expect(walk.words).toContain('./stop-all.sh');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'back' });
    expect(walk.answer('yes').started('run-step')).toBe(0);
    walk.answer('back');
    expect(walk.question).toMatchObject({ kind: 'confirm', flag: '--confirm' });
  });

  test('whoever asks to leave and stays is where they were', () => {
    const walk = open(new Walk().atStep()).act('leave');
    expect(walk.question.id).toMatch(/^leave:/);
    expect(walk.act('stay').screen.title).toBe('Escalate');
  });

  test('contacts of the configuration come first', () => {
    const contacts = [{ name: 'Ada', role: 'database on call', how: '+49 30 1234' }];
    const walk = new Walk({ config: shownConfig({ ...NO_CONFIG, contacts }, '/etc/backout.toml') }).act(
      'escalate',
    );
    expect(walk.words.indexOf('+49 30 1234')).toBeGreaterThanOrEqual(0);
    expect(walk.words.indexOf('+49 30 1234')).toBeLessThan(walk.words.indexOf('Call the database team.'));
  });

  test('a runbook that names nobody says so', () => {
    const walk = new Walk({ runbook: { ...RUNBOOK, escalation: null } }).act('escalate');
    expect(walk.words).toContain('names nobody to call');
  });

  test('while a step runs it can be used, and the step goes on and can be cancelled', () => {
    const facts = escalationFacts({ whyNotSwap: null, beside: ['orders_restored: checked'] });
    const walk = new Walk().running().act('escalate').send({ type: 'escalate-looked', facts });
    expect(optionsOf(walk.question)).toContainEqual(['swap', false]);
    expect(walk.words).toContain('Step 1 is running and goes on while you are here');
    expect(able(walk.question)).toContain('stop-writes');
    expect(able(walk.question)).not.toContain('swap');
    expect(walk.act('cancel').last).toEqual([{ type: 'cancel-step' }]);
    expect(walk.act('back').screen.title).toBe('Step 1: Restore events');
  });

  test('in practice nothing is offered but the hand-over and the text of commands', () => {
    const walk = new Walk({ environment: 'PRACTICE' }).connected().act('escalate');
    expect(walk.last).toEqual([]);
    expect(able(walk.question)).toEqual(['back', 'command-1', 'hand-over']);
  });
});

describe('an act', () => {
  test('is prepared, shown whole with every session, and carried out on the typed name alone', () => {
    const walk = stopping();
    expect(walk.words).toContain('pid 7, user app');
    expect(walk.words).toContain('left: backout itself');
    expect(walk.words).toContain('REVOKE CONNECT ON DATABASE "orders" FROM PUBLIC;');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'orders' });
    for (const wrong of ['', 'yes', 'order', 'ORDERS']) {
      walk.answer(wrong);
      expect(walk.last.filter(({ type }) => type === 'escalate')).toEqual([]);
    }
    walk.answer('orders');
    expect(walk.last).toEqual([{ type: 'escalate', do: 'carry-out', token: 'token' }]);
    expect(walk.question.kind).toBe('wait');
    walk.send({ type: 'escalate-output', line: 'working' });
    expect(walk.words).toContain('working');
    walk.send({ type: 'escalate-done', done: escalationDone() });
    expect(walk.words).toContain('1 session ended');
    expect(walk.journal.at(-1)).toEqual({
      type: 'escalated',
      act: 'stop-writes',
      ok: true,
      text: 'Writes to orders stopped.',
    });
    walk.answer('next');
    expect(walk.last).toEqual([{ type: 'escalate', do: 'look' }]);
    walk.send({ type: 'escalate-looked', facts: escalationFacts({ stopped: { at: 'noon', by: 'ada' } }) });
    expect(able(walk.question)).toContain('allow-writes');
    expect(walk.words).toContain('All writes are stopped, since noon, by ada.');
  });

  test('a failure says what went wrong and leads back to the choice', () => {
    const walk = stopping().answer('orders').send({ type: 'escalate-failed', error: failure() });
    expect(walk.words).toContain('invalid input syntax');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'escalated', ok: false });
    expect(walk.answer('next').question.kind).toBe('choice');
  });

  test('what was prepared for one act is not shown for another', () => {
    const walk = open(new Walk().atStep()).answer('status');
    walk.send({ type: 'escalate-prepared', prepared: prepared('stop-writes') });
    expect(walk.question.kind).toBe('wait');
  });

  test('what a command leaves open is asked for, one by one; nothing typed is a change of mind', () => {
    const walk = open(new Walk().atStep()).answer('command-1');
    const asks = prepared('command-1', { confirm: null, questions: [OPEN] });
    walk.send({ type: 'escalate-prepared', prepared: asks });
    expect(walk.question).toMatchObject({ kind: 'text' });
    expect(walk.question.prompt).toContain('<release>');
    walk.answer('v1');
    expect(walk.last).toEqual([
      { type: 'escalate', do: 'prepare', act: 'command-1', answers: { 'words:<release>': 'v1' } },
    ]);
    walk.send({ type: 'escalate-prepared', prepared: asks }).answer('');
    expect(walk.question).toMatchObject({ kind: 'choice' });
  });

  test('a restore asks for the path, and can be stopped', () => {
    const walk = open(new Walk().atStep()).answer('restore').answer('/backups/a.dump');
    expect(walk.last).toEqual([
      { type: 'escalate', do: 'prepare', act: 'restore', answers: { path: '/backups/a.dump' } },
    ]);
    walk.send({ type: 'escalate-prepared', prepared: prepared('restore') }).answer('orders');
    expect(walk.act('leave').state.leaving).toBe(false);
    expect(walk.act('cancel').last).toEqual([{ type: 'escalate', do: 'cancel' }]);
  });

  test('closed while it works, it comes back when it is done', () => {
    const walk = stopping().answer('orders').act('back');
    expect(walk.question).toMatchObject({ kind: 'confirm' });
    expect(walk.act('leave').state.leaving).toBe(false);
    walk.send({ type: 'escalate-done', done: escalationDone() });
    expect(walk.words).toContain('1 session ended');
  });

  test('once the names were exchanged, the run ends: its database is not the one under the name any more', () => {
    const facts = escalationFacts({ whyNotSwap: null, beside: ['orders_restored: checked'] });
    const walk = open(new Walk().atStep())
      .send({ type: 'escalate-looked', facts })
      .answer('swap')
      .send({ type: 'escalate-prepared', prepared: prepared('swap') })
      .answer('orders')
      .send({ type: 'escalate-done', done: escalationDone({ act: 'swap', exchanged: true }) });
    walk.answer('next');
    expect(walk.state.screen).toBe('report');
    expect(walk.journal.at(-1)?.type).toBe('result');
  });
});

describe('the commands', () => {
  const section = (text: string) => ({
    title: 'Escalation',
    depth: 2,
    text: '',
    line: 1,
    blocks: [{ language: 'bash', info: {}, text, line: 2, lead: 'Stop' }],
  });

  test('those of the configuration first; its stop stands for the runbook’s', () => {
    const config = { commands: { ...NO_CONFIG.commands, stop: 'systemctl stop shop' } };
    const found = escalationCommands(section('# Stop it\n./stop-all.sh\n\nmix ecto.migrate\n'), config);
    expect(found.map(({ command, from, what }) => [command, from, what])).toEqual([
      ['systemctl stop shop', 'config', 'stop'],
      ['mix ecto.migrate', 'runbook', 'migrate'],
    ]);
  });

  test('each line of the runbook, with what its comment says; what restores is told apart', () => {
    const text =
      '# Stop application\n./stop-all.sh\n# Drop\ndropdb orders\npg_restore \\\n  -d orders /path/to/b\n';
    const found = escalationCommands(section(text), { commands: NO_CONFIG.commands });
    expect(found.map(({ command, words, what }) => [command, words, what])).toEqual([
      ['./stop-all.sh', 'Stop application', 'stop'],
      ['dropdb orders', 'Drop', 'restore'],
      ['pg_restore  -d orders /path/to/b', 'Stop', 'restore'],
    ]);
  });
});

describe('leaving afterwards', () => {
  const stopped = (): Walk =>
    stopping().answer('orders').send({ type: 'escalate-done', done: escalationDone() });

  test('while writes are stopped, the question and the report say so and name the way back', () => {
    const walk = stopped().act('leave');
    expect(walk.words).toContain('All writes to orders are still stopped.');
    expect(walk.words).toContain('backout escalate --allow-writes');
    walk.act('leave');
    expect(wordsIn(reportScreen(walk.state).blocks)).toContain('All writes to orders are still stopped.');
  });

  test('once they were let in again, by this run or another, nothing is said', () => {
    const allowed = stopped().answer('next').send({ type: 'escalate-looked', facts: escalationFacts() });
    expect(allowed.act('leave').words).not.toContain('still stopped');
  });

  test('after an exchange this run is neither undone nor gone on with from its report', () => {
    const walk = stopping()
      .answer('orders')
      .send({ type: 'escalate-done', done: escalationDone({ act: 'swap', exchanged: true }) })
      .answer('next')
      .send({ type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: [] });
    for (const id of ['undo', 'rollback']) {
      const action = walk.screen.actions.find((one) => one.id === id);
      expect(action).toMatchObject({ enabled: false });
      expect(action?.reason).toBeTruthy();
    }
    expect(walk.screen.actions.find(({ id }) => id === 'rollback')?.reason).toContain('another one now');
  });
});
