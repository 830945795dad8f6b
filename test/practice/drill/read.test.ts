import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/exit.ts';
import { examineDrill, readDrill } from '../../../src/practice/drill/read.ts';
import { DRILL } from './drills.ts';

const PATH = 'runbooks/x/drills/07-backup.md';

function refused(text: string, path = PATH): UserError {
  try {
    readDrill(path, text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const lineOf = (words: string): number => DRILL.split('\n').findIndex((line) => line.includes(words)) + 1;

describe('a drill', () => {
  it('is read whole', () => {
    const drill = readDrill(PATH, DRILL);
    expect(drill).toMatchObject({
      id: 'backup',
      number: '07',
      title: 'The backup',
      level: 'first day',
      minutes: 6,
      migratedHoursAgo: 504,
      role: 'deployer',
      stage: 'embedded',
      files: [{ path: 'yesterday.dump', content: '', ageHours: 40 }],
      options: { backup: 'yesterday.dump' },
      right: { decision: 'fix-forward', alsoRight: ['stop'], outcomes: ['fix-forward', 'declined'] },
      debrief: 'It was empty.',
      setup: ['CREATE ROLE deployer LOGIN;', 'DELETE FROM git_merge_history'],
    });
    expect(drill.story).toBe('It is *two* in the morning.\n\n- The pager rang.');
    expect(drill.coach.map(({ at, text }) => [at.text, text])).toEqual([
      ['at prerequisites', 'Before anything runs.'],
      ['at prerequisites/accept:backup', 'Look at the *size*.'],
    ]);
    expect(drill.must[0]).toMatchObject({ about: 'check', beforeActing: true });
    expect(drill.mustNot[0]).toMatchObject({ about: 'confirmation', beforeActing: false });
    expect(drill.keeps[0]).toMatchObject({ id: 'events', sqlAfter: 'SELECT count(*) FROM detection_events' });
    expect(drill.expert.map(({ moment }) => moment?.kind ?? null)).toEqual(['at', null]);
    expect(drill.plays.map(({ right, expect: { score } }) => [right, score])).toEqual([
      [true, { from: 90, to: 100 }],
      [false, { from: 0, to: 50 }],
    ]);
    expect(drill.plays[0]?.answers).toEqual([
      { at: expect.objectContaining({ screen: 'decision', name: 'choose' }), say: 'fix-forward' },
      { at: expect.objectContaining({ subject: 'backup' }), say: { action: 'backup' } },
    ]);
  });

  it('holds what happens, each by its kind', () => {
    expect(readDrill(PATH, DRILL).events).toMatchObject([
      { id: 'late', when: { kind: 'started', subject: 'step-1' }, act: { kind: 'sql' } },
      {
        id: 'blocker',
        act: { kind: 'hold', application: 'reporting', until: { kind: 'finished', subject: 'step-1' } },
      },
      { id: 'cut', act: { kind: 'cut', commit: 'after' } },
      {
        id: 'other',
        byInstructor: true,
        act: { kind: 'operator', name: 'mara', host: 'bastion', live: true },
      },
    ]);
  });

  it.each([
    ['level: first day', 'level: easy', 'level: first day', '"level"'],
    ['minutes: 6', 'minuts: 6', 'minutes: 6', 'Is minutes'],
    ['migrated: 3 weeks ago', 'migrated: long ago', 'migrated:', 'such as "3 hours ago"'],
    ['met: at prerequisites/accept', 'met: at prerequisits', 'fault:', 'Is prerequisites meant?'],
    ['say: fix-forward', 'press: enter', 'answers: [{at: decision', 'a key is expected'],
    ['score: 90..100', 'score: 100..90', 'score: 90', 'points from 0 to 100'],
    ['path: yesterday.dump', 'path: ../../etc/passwd', 'path: yesterday', 'inside the folder of the drill'],
    ['cut: after', 'cut: after, sql: SELECT 1', 'id: cut', 'an event does one thing'],
    ['right: true, why', 'why', 'text: Its size', 'has to be right: true'],
    ['backup: yesterday.dump', 'backup: other.dump', 'options:', 'not among the files'],
    ['id: cut, when: committing step-2', 'id: late, when: committing step-2', 'id: cut', 'there twice'],
    ['id: cut, when: committing step-2', 'id: cut, when: at step', 'id: cut', 'cut at a COMMIT'],
  ])('with %s as %s is refused with the line', (from, to, at, words) => {
    expect(DRILL).toContain(from);
    const error = refused(DRILL.replace(from, to));
    expect(error.exitStatus).toBe(65);
    expect(error.message).toContain(words);
    const [, line = ''] = /07-backup\.md, line (\d+):/.exec(error.message) ?? [];
    expect(Math.abs(Number(line) - lineOf(at))).toBeLessThanOrEqual(2);
  });

  it('without a right play is refused, and with two', () => {
    expect(refused(DRILL.replace('    right: true\n', '')).message).toContain('no play with "right: true"');
    const two = DRILL.replace('- name: blindly on', '- name: blindly on\n    right: true');
    expect(refused(two).message).toContain('2 plays with "right: true"');
  });

  it('for a server has to say what is simulated without one', () => {
    const text = DRILL.replace('minutes: 6', 'minutes: 6\nstage: server');
    expect(refused(text).message).toContain('does not say what is simulated');
  });

  it('tells everything that is wrong at once', () => {
    const text = DRILL.replace('## Debrief', '## Afterwards').replace(
      '### at prerequisites\n',
      '### at home\n',
    );
    const { drill, problems } = examineDrill(PATH, text);
    expect(drill).not.toBeNull();
    expect(problems.map(({ line, message }) => [line === null, message])).toEqual([
      [false, 'there is no screen "home"'],
      [false, '"## Afterwards" is no part of a drill'],
      [true, '"## Debrief" is missing or empty'],
    ]);
  });

  it('says what is not YAML, and where', () => {
    const error = refused(DRILL.replace('minutes: 6', 'minutes: [6'));
    expect(error.message).toMatch(/line \d+: this is not YAML/);
    expect(refused('# Only a title\n').message).toContain('the front matter is missing');
  });

  it('is named by its file', () => {
    expect(refused(DRILL, 'drills/The backup.md').message).toContain('the name of the file does not fit');
    expect(readDrill('drills/backup.md', DRILL)).toMatchObject({ id: 'backup', number: '' });
  });
});
