/** Commands of a shell in a step: shown, asked for before and after its transaction, and never run. */
import { beforeAll, describe, expect, test } from 'vitest';
import { checkCommands } from '../../src/plain/unattended-commands.ts';
import { unattendedAnswer } from '../../src/plain/unattended.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { lintRunbook } from '../../src/runbook/lint.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import type { StepCommand } from '../../src/sql/types.ts';
import { PLAN, survey, Walk } from './support.ts';

beforeAll(loadParser);

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n\n`;
const document = `# R\n\n## Step 1: Names\n\n${fence('bash', 'stop workers')}${fence('sql', 'SELECT 1;')}${fence('bash', 'echo amid')}${fence('sql', 'SELECT 2;')}${fence('sh', 'start workers')}${fence('bash example', 'ls')}`;

describe('where they stand', () => {
  test('before the statements, amid them, behind them', () => {
    const plan = planOf(parseRunbook(document, 'r.md'));
    expect(plan.steps[0]?.commands).toEqual([
      { id: 'step-1:1', text: 'stop workers', line: 6, place: 'before' },
      { id: 'step-1:2', text: 'echo amid', line: 14, place: 'before', amid: true },
      { id: 'step-1:3', text: 'start workers', line: 22, place: 'after' },
    ]);
    const without = planOf(parseRunbook(document.replace('start workers', 'start all'), 'r.md'));
    expect(without.hash).not.toBe(plan.hash);
  });

  test('a step that is taken apart has room between its parts', () => {
    const sql = document.replace('SELECT 1;', 'CREATE INDEX CONCURRENTLY i ON t (a);');
    const { steps } = planOf(parseRunbook(sql, 'r.md'));
    expect(steps.map(({ commands = [] }) => commands.map(({ id, place }) => `${id} ${place}`))).toEqual([
      ['step-1:1 before', 'step-1:2 after'],
      ['step-1:3 after'],
    ]);
  });

  test('lint warns of one that cannot be done where it stands', () => {
    const runbook = parseRunbook(document, 'r.md');
    const found = lintRunbook(runbook, planOf(runbook)).findings.filter(
      ({ rule }) => rule === 'command-in-step',
    );
    expect(found.map(({ line, severity }) => `${severity} ${line}`)).toEqual([
      'note 6',
      'warning 14',
      'note 22',
    ]);
  });
});

const commands: StepCommand[] = [
  { id: 'step-1:1', text: 'stop workers', line: 6, place: 'before' },
  { id: 'step-1:2', text: 'start workers', line: 22, place: 'after' },
];
const plan = { ...PLAN, steps: PLAN.steps.map((step, at) => (at === 0 ? { ...step, commands } : step)) };
const beginning = { plan };

describe('in the wizard', () => {
  test('the one before is asked for before the confirmation, the one after once it is committed', () => {
    const walk = new Walk(beginning).atStep();
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'stop', flag: '--done step-1:1' });
    expect(walk.words).toContain('stop workers');
    expect(walk.started('run-step')).toBe(0);
    walk.answer('done');
    expect(walk.question).toMatchObject({ kind: 'confirm', flag: '--confirm', subject: 'step-1' });
    walk.answer('yes').carriesOut(survey(['applied']));
    expect(walk.question).toMatchObject({ flag: '--done step-1:2' });
    walk.answer('skip');
    expect(walk.question.kind).toBe('continue');
    expect(walk.journal.filter(({ type }) => type === 'note')).toEqual([
      { type: 'note', text: 'Command step-1:1 (line 6): done, as the operator says. stop workers' },
      {
        type: 'note',
        text: 'Command step-1:2 (line 22): not done: the operator went on without it. start workers',
      },
    ]);
    walk.answer('next');
    expect(walk.question).toMatchObject({ flag: '--confirm', subject: 'step-2' });
  });

  test('Enter stops, and then nothing has run', () => {
    const walk = new Walk(beginning).atStep();
    walk.answer('stop');
    expect(walk.started('run-step')).toBe(0);
    expect(walk.state.ending).not.toBeNull();
  });

  test('steps that were found applied are not asked about', () => {
    const walk = new Walk(beginning).atStep(survey(['applied']));
    expect(walk.question).toMatchObject({ flag: '--confirm', subject: 'step-2' });
  });
});

describe('without an operator', () => {
  const state = () => new Walk(beginning).checked().state;
  const given = { confirm: 'd', choose: 'rollback' as const, accept: [], answers: {} };

  test('each must be seen to beforehand, before anything runs', () => {
    expect(() => checkCommands(state(), given)).toThrow(
      expect.objectContaining({
        exitStatus: 64,
        advice: expect.stringContaining('--done step-1:1 --done step-1:2'),
      }),
    );
    expect(() => checkCommands(state(), { ...given, done: ['step-9:1'] })).toThrow(/names no command/);
    expect(() => checkCommands(state(), { ...given, done: ['step-1:1', 'step-1:2'] })).not.toThrow();
  });

  test('of a step that is applied nothing is asked', () => {
    const applied = new Walk(beginning).checked(undefined, survey(['applied'])).state;
    expect(() => checkCommands(applied, given)).not.toThrow();
  });

  test('--done answers the question', () => {
    const { question } = new Walk(beginning).atStep();
    expect(unattendedAnswer(question, { ...given, done: ['step-1:1'] }).value).toBe('done');
    expect(() => unattendedAnswer(question, given)).toThrow(expect.objectContaining({ exitStatus: 64 }));
  });
});
