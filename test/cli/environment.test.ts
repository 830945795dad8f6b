import { describe, expect, it } from 'vitest';
import { colourWanted, environmentChanges } from '../../bin/environment.js';

describe('colour', () => {
  const cases: [
    why: string,
    env: Record<string, string>,
    argv: string[],
    tty: boolean,
    wanted: boolean | null,
  ][] = [
    ['a terminal decides', {}, [], true, null],
    ['no terminal, no colour', {}, [], false, false],
    ['NO_COLOR', { NO_COLOR: '1' }, [], true, false],
    ['an empty NO_COLOR says nothing', { NO_COLOR: '' }, [], true, null],
    ['TERM=dumb', { TERM: 'dumb' }, [], true, false],
    ['FORCE_COLOR is left to say it', { FORCE_COLOR: '1' }, [], false, null],
    ['NO_COLOR wins over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, [], true, false],
    ['--color wins over NO_COLOR', { NO_COLOR: '1' }, ['--color'], false, true],
    ['--no-color wins over FORCE_COLOR', { FORCE_COLOR: '3' }, ['--no-color'], true, false],
  ];

  it.each(cases)('%s', (_why, env, argv, tty, wanted) => {
    expect(colourWanted(env, argv, tty)).toBe(wanted);
  });
});

describe('the environment that libraries see', () => {
  const both = { stdin: true, stdout: true };

  it('is production, always', () => {
    expect(environmentChanges({ NODE_ENV: 'development' }, [], both)['NODE_ENV']).toBe('production');
  });

  it('turns colour off for all of them by FORCE_COLOR=0', () => {
    expect(environmentChanges({ NO_COLOR: '1' }, [], both)['FORCE_COLOR']).toBe('0');
  });

  it('leaves no NO_COLOR beside forced colour: Node would warn about it in the frame', () => {
    const changes = environmentChanges({ NO_COLOR: '1' }, ['--color'], both);
    expect(changes).toMatchObject({ FORCE_COLOR: '1' });
    expect('NO_COLOR' in changes && changes['NO_COLOR'] === undefined).toBe(true);
  });

  it('hides CI only from a wizard that somebody sits at', () => {
    expect(environmentChanges({ CI: 'true' }, [], both)['CI']).toBe('false');
    expect('CI' in environmentChanges({ CI: 'true' }, [], { stdin: false, stdout: true })).toBe(false);
    expect('CI' in environmentChanges({ CI: 'true' }, [], { stdin: true, stdout: false })).toBe(false);
  });
});
