import { describe, expect, test } from 'vitest';
import { commandConsent, commandsAllowed, confirmationWord, whyNever } from '../../src/shell/consent.ts';
import { filled, placeholdersOf } from '../../src/shell/placeholders.ts';
import { simpleCommands } from '../../src/shell/words.ts';

const ours = commandsAllowed({
  environment: 'PRODUCTION',
  allowCommands: false,
  runbookSha256: 'aa',
  shippedSha256: 'aa',
});
const place = { database: 'singularity_dev', env: { HOME: '/root' } };
const ask = (command: string, more: object = {}) =>
  commandConsent({ command, from: 'runbook', allowed: ours, ...place, ...more });

describe('whose commands may be run', () => {
  const of = (run: Partial<Parameters<typeof commandsAllowed>[0]>) =>
    commandsAllowed({
      environment: 'PRODUCTION',
      allowCommands: false,
      runbookSha256: 'aa',
      shippedSha256: 'bb',
      ...run,
    });

  test('of another runbook only with --allow-commands; the configuration is the team’s own', () => {
    expect(of({}).runbook).toMatch(/--allow-commands/);
    expect(of({}).config).toBeNull();
    expect(of({ allowCommands: true }).runbook).toBeNull();
    expect(of({ runbookSha256: 'bb' }).runbook).toBeNull();
    expect(of({ shippedSha256: null }).runbook).toMatch(/--allow-commands/);
  });

  test('practice runs nothing', () => {
    const practice = of({ environment: 'PRACTICE', runbookSha256: 'bb' });
    expect(practice.runbook).toMatch(/practice/);
    expect(practice.config).toMatch(/practice/);
  });

  test('a command of another runbook is text, the same command from the configuration is not', () => {
    const allowed = of({});
    expect(ask('./stop-all.sh', { allowed })).toMatchObject({ kind: 'text' });
    expect(ask('./stop-all.sh', { allowed, from: 'config' })).toEqual({
      kind: 'confirm',
      command: './stop-all.sh',
      word: 'stop-all.sh',
    });
  });
});

describe('what has to be typed', () => {
  test.each([
    ['./stop-all.sh', 'stop-all.sh'],
    ['mix ecto.migrate', 'mix'],
    ['cd singularity && MIX_ENV=prod mix ecto.migrate', 'mix'],
    ['sudo -u app /usr/bin/systemctl stop app # all of it', 'systemctl'],
  ])('%s: %s', (command, word) => {
    expect(confirmationWord(command)).toBe(word);
  });
});

describe('what is never run', () => {
  test.each([
    'dropdb singularity_dev',
    'sudo -u postgres /usr/lib/postgresql/15/bin/dropdb --force singularity_dev',
    'echo sure && dropdb singularity_dev',
    `psql postgres -c 'DROP  DATABASE singularity_dev'`,
    'createdb singularity_dev',
    'pg_restore -d singularity_dev /path/to/backup.dump',
    `psql postgres -c 'ALTER DATABASE a RENAME TO b'`,
    'MIX_ENV=prod mix ecto.reset',
    'ssh db1 dropdb orders',
    'echo `dropdb orders` $(true)',
    'echo $(dropdb orders)',
    'sh -c "cd /tmp && dropdb orders"',
    `ssh db1 'sudo -u postgres sh -c "dropdb orders"'`,
  ])('%s', (command) => {
    expect(whyNever(command)).not.toBeNull();
    const allowed = { runbook: null, config: null };
    expect(ask(command, { allowed, from: 'operator' }).kind).toBe('never');
  });

  test('a word in a comment, or part of one, is no command', () => {
    expect(whyNever('# dropdb x\n./stop-all.sh')).toBeNull();
    expect(whyNever('./drop-cache.sh --all')).toBeNull();
    expect(whyNever('echo $((40 + 2))')).toBeNull();
    expect(whyNever('mix ecto.migrate')).toBeNull();
  });
});

describe('placeholders', () => {
  const found = (command: string) => placeholdersOf(command, place).map(({ kind, text }) => [kind, text]);

  test('paths, angle brackets, capitals', () => {
    expect(found('tar xf /path/to/backup.tar <release> YOUR_TOKEN')).toEqual([
      ['path', '/path/to/backup.tar'],
      ['words', '<release>'],
      ['words', 'YOUR_TOKEN'],
    ]);
  });

  test('variables that nobody set', () => {
    expect(found("cd $HOME && ls $APP_HOME ${OTHER} ${WITH:-x} '$NOT' \\$NEITHER; A=1; echo $A")).toEqual([
      ['variable', '$APP_HOME'],
      ['variable', '${OTHER}'],
    ]);
    expect(placeholdersOf('ls $APP', { ...place, env: { APP: '/a' } })).toEqual([]);
  });

  test('a database that is not the one that is connected', () => {
    expect(found('psql -h db1 orders')).toEqual([['database', 'orders']]);
    expect(found('psql singularity_dev -c "SELECT 1"')).toEqual([]);
    expect(found('pg_dump -Fc -f out.dump -d orders')).toEqual([['database', 'orders']]);
    expect(found('vacuumdb --dbname=orders')).toEqual([['database', 'orders']]);
    expect(found('mix orders')).toEqual([]);
  });

  test('a redirection is none', () => {
    expect(found('mix run < seeds.exs > out.log')).toEqual([]);
  });

  test('they are asked for before anything is confirmed, and filled in as one word each', () => {
    const command = 'cp /path/to/a.conf <target>';
    const asked = ask(command);
    if (asked.kind !== 'ask') throw new Error(asked.kind);
    const answers = { 'path:/path/to/a.conf': `/b/it's; rm -rf x`, 'words:<target>': '/c' };
    const whole = filled(command, asked.placeholders, answers);
    expect(whole).toBe(`cp '/b/it'\\''s; rm -rf x' /c`);
    expect(simpleCommands(whole)).toHaveLength(1);
    expect(() => filled(command, asked.placeholders, { 'words:<target>': '/c' })).toThrow(
      /nothing was given/,
    );
  });
});
