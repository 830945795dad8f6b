/** A command of the checklist with its placeholders: what is asked, what comes of the answers, what is never run. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { prepareCommand } from '../../src/checklist/prepare.ts';
import type { CommandAsked } from '../../src/shell/consent.ts';

const asked = (command: string, more: Partial<CommandAsked> = {}): CommandAsked => ({
  command,
  from: 'runbook',
  allowed: { runbook: null, config: null },
  database: 'orders',
  env: { HOME: '/home/ada' },
  ...more,
});
const ids = (command: string): string[] => prepareCommand(asked(command), {}).questions.map(({ id }) => id);

describe('what is asked for', () => {
  it.each([
    ['./deploy.sh /path/to/release', ['path:/path/to/release']],
    ['./deploy.sh <name> <name>', ['words:<name>']],
    ['deploy --to $TARGET', ['variable:$TARGET']],
    ['psql orders -c "SELECT 1"', []],
    ['psql singularity_dev -c "SELECT 1"', ['database:singularity_dev']],
    ['cd $HOME && mix test', []],
  ])('%s: %j', (command, expected) => {
    expect(ids(command)).toEqual(expected);
  });

  it('without a connection the name of any database', () => {
    const { questions } = prepareCommand(asked('psql orders -c "SELECT 1"', { database: null }), {});
    expect(questions).toHaveLength(1);
  });
});

describe('with the answers in it', () => {
  it('each is one word of the shell, whatever it holds, and the whole is confirmed by its program', () => {
    const hostile = `$(touch /tmp/x); 'a" \\ b`;
    const command = 'printf %s <name>';
    const prepared = prepareCommand(asked(command), { 'words:<name>': hostile });
    expect(prepared).toMatchObject({ word: 'printf', why: null, questions: [] });
    expect(execFileSync('/bin/sh', ['-c', prepared.command], { encoding: 'utf8' })).toBe(hostile);
  });

  it('part of the answers asks for the rest; blank is no answer', () => {
    const answers = { 'words:<a>': '1', 'words:<b>': ' ' };
    const prepared = prepareCommand(asked('run <a> <b>'), answers);
    expect(prepared).toMatchObject({ command: 'run <a> <b>', word: null });
    expect(prepared.questions.map(({ id }) => id)).toEqual(['words:<b>']);
  });

  it('what is never run is not run by way of an answer, and another runbook stays text', () => {
    expect(prepareCommand(asked('<tool> orders'), { 'words:<tool>': 'dropdb' })).toMatchObject({
      word: null,
      why: expect.stringContaining('never drops a database') as string,
    });
    const text = asked('run <a>', { allowed: { runbook: 'Another runbook.', config: null } });
    expect(prepareCommand(text, { 'words:<a>': '1' })).toMatchObject({ word: null, why: 'Another runbook.' });
  });
});
