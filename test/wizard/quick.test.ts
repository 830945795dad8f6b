/** The quick rollback in the wizard: offered, asked for, confirmed by typing, stopped, and what follows it. */
import { describe, expect, test } from 'vitest';
import type { QuickFound } from '../../src/quick/types.ts';
import type { PositionState } from '../../src/sql/types.ts';
import { actionsOf } from '../../src/wizard/actions.ts';
import type { Question } from '../../src/wizard/types.ts';
import { quickFinding as finding, quickLook as look } from './answers-quick.ts';
import { RUNBOOK, SERVER, survey, Walk, failure } from './support.ts';

const runbook = {
  ...RUNBOOK,
  quick: { title: 'Quick Rollback', depth: 2, text: 'Prefer the steps.', blocks: [], line: 3 },
};
const walk = (): Walk => new Walk({ runbook });
const deciding = (seen: ReturnType<typeof look> | null = look()): Walk =>
  walk().deciding().send({ type: 'quick-looked', look: seen });
const values = (question: Question): string[] =>
  question.kind === 'choice' ? question.options.map(({ value }) => value) : [];
const optionOf = (question: Question, value: string) =>
  question.kind === 'choice' ? question.options.find((one) => one.value === value) : undefined;

const running = (seen = look()): Walk =>
  deciding(seen)
    .answer('quick')
    .answer('written')
    .answer(SERVER.database)
    .send({ type: 'quick-started', at: 5 });

/** The command has ended. */
const settling = (): Walk => running().send({ type: 'quick-settling' });

const found = (more: Partial<QuickFound> = {}): QuickFound => ({
  changed: true,
  recorded: false,
  words: ['It changed this database.'],
  notUndoable: [],
  undoable: true,
  ...more,
});

const ended = (states: PositionState[], more: Partial<QuickFound> = {}, exitStatus: number | null = 0) => ({
  type: 'quick-ended' as const,
  end: {
    result: { command: 'mix', exitStatus, signal: null, seconds: 2, tail: [] },
    found: found(more),
    archived: [],
  },
  survey: survey(states, { hash: 'hash-after-quick' }),
});

describe('at the decision', () => {
  test('it is looked at once the evidence is read, and nothing is asked before that', () => {
    const waiting = walk().checked().answer('next');
    expect(waiting.started('look-quick')).toBe(0);
    waiting.send({ type: 'evidence', evidence: [], toAsk: [] });
    expect(waiting.started('look-quick')).toBe(1);
    expect(waiting.question.kind).toBe('wait');
  });

  test('it comes first where it is sound, and after the steps where something speaks against it', () => {
    expect(values(deciding().question)).toEqual(['quick', 'rollback', 'fix-forward']);
    const warned = deciding(look({ findings: [finding('latest', 'warn')] }));
    expect(values(warned.question)).toEqual(['rollback', 'quick', 'fix-forward']);
    expect(optionOf(warned.question, 'quick')?.detail).toContain('Found latest.');
    expect(warned.question).toMatchObject({ default: 'fix-forward', flag: '--choose' });
  });

  test('it stays visible with its reason where it cannot be run, and takes no answer', () => {
    const refused = deciding(look({ findings: [finding('mix', 'fail')], commands: [] }));
    expect(optionOf(refused.question, 'quick')?.disabled).toBe('Found mix.');
    const { state } = refused;
    expect(refused.answer('quick').state).toBe(state);
    const failed = walk().deciding().send({ type: 'quick-look-failed', error: failure() });
    expect(optionOf(failed.question, 'quick')?.disabled).toBe('invalid input syntax');
  });

  test('in practice, which has no mix, it says before that what would hold on a real database', () => {
    const findings = [finding('mix', 'fail'), finding('file', 'fail'), finding('latest', 'warn')];
    const practising = new Walk({ runbook, environment: 'PRACTICE' })
      .deciding()
      .send({ type: 'quick-looked', look: look({ findings, commands: [] }) });
    expect(optionOf(practising.question, 'quick')?.disabled).toBe('Found file. Found latest. Found mix.');
  });

  test('a runbook without such a section, or without a command in it, does not offer it', () => {
    expect(values(new Walk().deciding().question)).toEqual(['rollback', 'fix-forward']);
    expect(values(deciding(null).question)).toEqual(['rollback', 'fix-forward']);
  });

  test('choosing it is the decision to roll back, by a path of its own', () => {
    const chosen = deciding().answer('quick');
    expect(chosen.state.screen).toBe('quick');
    expect(chosen.journal.find(({ type }) => type === 'decision')).toMatchObject({
      choice: 'rollback',
      path: 'quick',
    });
    expect(chosen.act('back').state).toMatchObject({ screen: 'decision', quick: { chosen: false } });
  });
});

describe('before it runs', () => {
  test('the folder is asked for where nobody has said it, looked at, and never assumed', () => {
    const asked = deciding(look({ asksFolder: true, folder: null, commands: [] })).answer('quick');
    expect(asked.question).toMatchObject({ kind: 'text', flag: '--project' });
    asked.answer('  ');
    expect(asked.words).toContain('The folder is needed');
    asked.answer('/srv/app');
    expect(asked.last).toEqual([{ type: 'look-quick', folder: '/srv/app' }]);
    asked.send({ type: 'quick-looked', look: look() });
    expect(values(asked.question)).toContain('written');
  });

  test('shows the whole command, the folder and what is copied; Enter runs nothing', () => {
    const ready = deciding().answer('quick');
    expect(ready.words).toContain('mix ecto.rollback --step 1');
    expect(ready.words).toContain('/srv/app');
    expect(ready.words).toContain('snapshots');
    expect(ready.question).toMatchObject({ kind: 'choice', default: 'steps', unattended: 'written' });
    ready.answer('url');
    expect(ready.words).toContain('DATABASE_URL');
    expect(ready.answer('steps').state).toMatchObject({ screen: 'plan', quick: { chosen: false } });
    expect(ready.started('run-quick')).toBe(0);
  });

  test('with warnings nobody but an operator begins it', () => {
    const warned = deciding(look({ findings: [finding('takes', 'warn')] })).answer('quick');
    expect(warned.question).toMatchObject({ unattended: 'leave' });
  });

  test('is confirmed by typing the name of the database, and by nothing else', () => {
    const confirming = deciding().answer('quick').answer('written');
    expect(confirming.question).toMatchObject({
      kind: 'typed',
      expected: SERVER.database,
      flag: '--confirm',
    });
    confirming.answer('yes');
    expect(confirming.started('run-quick')).toBe(0);
    expect(confirming.words).toContain('Nothing was run');
    confirming.answer('written').answer(SERVER.database);
    expect(confirming.last.at(-1)).toMatchObject({
      type: 'run-quick',
      command: 'mix ecto.rollback --step 1',
      folder: '/srv/app',
      give: 'nothing',
      survey: 'hash-one-0123456789',
    });
  });

  test('a confirmation of what is not so any more is void', () => {
    const changed = deciding().answer('quick').answer('written').answer(SERVER.database);
    changed.send({
      type: 'quick-changed',
      look: look({ findings: [finding('latest', 'warn')] }),
      survey: survey(),
    });
    expect(changed.words).toContain('The confirmation is void');
    expect(changed.state.quick).toMatchObject({ status: 'ready', attempt: 0 });
  });

  test('what could not be copied starts nothing', () => {
    const failed = deciding().answer('quick').answer('written').answer(SERVER.database);
    failed.send({ type: 'quick-failed', error: failure() });
    expect(failed.words).toContain('The command was not started: invalid input syntax');
  });
});

describe('while it runs', () => {
  test('its output is live, nothing is left by a side door, and ctrl-c stops it, harder the second time', () => {
    const live = running().send({ type: 'quick-line', line: '[info] == Running' });
    expect(live.words).toContain('[info] == Running');
    expect(live.question).toMatchObject({ kind: 'wait', since: 5 });
    expect(actionsOf(live.state).find(({ id }) => id === 'leave')?.enabled).toBe(false);
    live.act('cancel');
    expect(live.last).toEqual([{ type: 'stop-quick' }]);
    expect(actionsOf(live.state).find(({ id }) => id === 'cancel')?.label).toBe('End it at once');
    live.act('cancel');
    expect(live.started('stop-quick')).toBe(2);
    live.send({ type: 'quick-settling' }).act('cancel');
    expect(live.started('stop-quick')).toBe(2);
  });
});

describe('afterwards', () => {
  test('the steps go on with what is left, and the decision is no longer taken back', () => {
    const after = settling().send(ended(['partial', 'pending', 'applied']));
    expect(after.words).toContain('Step by step, what is left: Step 1, Step 2');
    expect(after.question).toMatchObject({ kind: 'choice', default: 'next', unattended: 'next' });
    after.answer('next');
    expect(after.state.screen).toBe('plan');
    expect(actionsOf(after.state).find(({ id }) => id === 'back')?.enabled).toBe(false);
  });

  test('with nothing left it goes on to the verification', () => {
    const after = settling()
      .send(ended(['applied', 'applied', 'applied']))
      .answer('next');
    expect(after.state.screen).toBe('verification');
    expect(after.last).toEqual([{ type: 'verify' }]);
  });

  test('that changed nothing offers to try again or to go step by step; alone it stops with 12 when it failed', () => {
    const nothing = settling().send(ended([], { changed: false, undoable: false, recorded: true }, 1));
    expect(values(nothing.question)).toEqual(['again', 'steps', 'stop']);
    expect(nothing.question).toMatchObject({ default: 'stop', unattended: 'stop' });
    nothing.answer('stop');
    expect(nothing.state.ending).toEqual({ outcome: 'sql-failed', exitStatus: 12 });
    expect(nothing.journal.at(-1)).toMatchObject({
      type: 'result',
      steps: [{ id: 'quick', outcome: 'rolled-back' }, {}, {}, {}],
    });
  });

  test('that failed after it had changed something stops alone with 13', () => {
    const half = settling().send(ended(['applied'], {}, 1));
    expect(half.question).toMatchObject({ unattended: 'stop' });
    half.answer('stop');
    expect(half.state.ending).toEqual({ outcome: 'stopped', exitStatus: 13 });
  });

  test('what is not known is looked at again, or the run ends as unknown', () => {
    const unsettled = settling().send({ type: 'quick-unsettled', error: failure() });
    expect(values(unsettled.question)).toEqual(['look', 'stop']);
    unsettled.answer('look');
    expect(unsettled.last).toEqual([{ type: 'settle-quick' }]);
    unsettled.send({ type: 'quick-unsettled', error: failure() }).answer('stop');
    expect(unsettled.state.ending).toEqual({ outcome: 'unknown', exitStatus: 15 });
  });
});
