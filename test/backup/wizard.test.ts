/** The backup within the walk: opened by a key, begun by the command line, never in the way of what was asked. */
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { unattendedAnswer } from '../../src/plain/unattended.ts';
import type { Proof } from '../../src/wizard/types.ts';
import { Walk, failure, result, survey } from '../wizard/support.ts';

const PATH = '/backups/orders.dump';
const FOUND = { folder: '/backups', proposal: { path: PATH, words: `${PATH}: 12 kB.` }, leftOvers: [] };
const taken = (path: string) =>
  ({ type: 'backup-taken', path, bytes: 12, seconds: 2, words: `Taken: ${path}: 12 bytes.` }) as const;
const proof = (verdict: Proof['verdict'], path = PATH): Proof => ({
  path,
  verdict,
  words: [`The proof says ${verdict}.`, 'public.a: 3 rows here, 2 in the backup.'],
});

const warned = (): Walk => new Walk().checked([result('backup', 'warn'), result('primary', 'pass')]);
const opened = (
  found: typeof FOUND | (Omit<typeof FOUND, 'leftOvers'> & { leftOvers: string[] }) = FOUND,
): Walk => warned().act('backup').send({ type: 'backups-found', found });
const values = ({ question }: Walk): string[] =>
  question.kind === 'choice' ? question.options.map(({ value }) => value) : [];
/** The checks that come next, passed. */
const looked = (walk: Walk, status: 'pass' | 'warn' | 'fail' = 'pass'): Walk =>
  walk.send(
    { type: 'prerequisite', result: result('backup', status) },
    { type: 'prerequisites-done', survey: survey() },
  );

describe('beside the warning', () => {
  test('a key opens it, Enter and Esc lead back, and nothing was accepted', () => {
    const walk = warned();
    expect(walk.screen.actions.find(({ id }) => id === 'backup')).toMatchObject({
      keys: ['b'],
      enabled: true,
    });
    walk.act('backup');
    expect(walk.last).toEqual([{ type: 'find-backups' }]);
    expect(walk.question.kind).toBe('wait');
    walk.send({ type: 'backups-found', found: FOUND });
    expect(values(walk)).toEqual(['take', 'use', 'name', 'close']);
    expect(walk.question).toMatchObject({ default: 'close' });
    expect(walk.words).toContain('has no backup to fall back on');
    walk.act('back');
    expect(walk.question.id).toBe('accept:backup');
    expect(walk.state.prerequisites.accepted).toEqual([]);
    expect(walk.journal.some(({ type }) => type === 'consent')).toBe(false);
  });

  test('taking one: where to, live progress, and everything is checked again with it', () => {
    const walk = opened().answer('take');
    expect(walk.question).toMatchObject({ kind: 'text', placeholder: '/backups' });
    walk.answer('');
    expect(walk.last).toEqual([{ type: 'take-backup', place: null }]);
    walk.send(
      { type: 'backup-begun', at: 1000 },
      { type: 'backup-progress', words: 'Taking the backup: 1 of 4 tables, now public.a.', line: true },
      { type: 'backup-progress', words: 'Taking the backup: 1 of 4 tables, 3 kB written.', line: false },
    );
    expect(walk.question).toMatchObject({
      kind: 'wait',
      since: 1000,
      prompt: 'Taking the backup: 1 of 4 tables, 3 kB written.',
    });
    expect(walk.words).toContain('now public.a');
    walk.send(taken(PATH));
    expect(walk.last).toEqual([
      {
        type: 'record',
        event: {
          type: 'backup',
          what: 'taken',
          path: PATH,
          bytes: 12,
          seconds: 2,
          words: [`Taken: ${PATH}: 12 bytes.`],
        },
      },
      { type: 'check', backup: PATH },
    ]);
    expect(looked(walk).question.kind).toBe('continue');
    expect(walk.answer('next').state.screen).toBe('decision');
  });

  test('into a place that was typed, and by the newest that was found, and by name', () => {
    expect(opened().answer('take').answer(' /mnt/x \u001b').last).toEqual([
      { type: 'take-backup', place: '/mnt/x' },
    ]);
    expect(opened().answer('use').last).toEqual([{ type: 'check', backup: PATH }]);
    expect(opened().answer('name').answer('/other.dump').last).toEqual([
      { type: 'check', backup: '/other.dump' },
    ]);
    expect(opened().answer('name').answer('').question).toMatchObject({ prompt: 'What about a backup?' });
  });

  test('while it is taken it can be stopped and not left; a failure is told and opens the choice again', () => {
    const walk = opened().answer('take').answer('');
    const leave = walk.screen.actions.find(({ id }) => id === 'leave');
    expect(leave).toMatchObject({ enabled: false });
    expect(walk.act('leave').state.leaving).toBe(false);
    expect(walk.act('cancel').last).toEqual([{ type: 'cancel-backup' }]);
    walk.send({ type: 'backup-failed', error: failure({ message: 'It was stopped.' }) });
    expect(walk.words).toContain('It was stopped.');
    expect(values(walk)).toContain('leave');
    expect(walk.journal).toContainEqual({
      type: 'note',
      text: 'Taking a backup: It was stopped. (SQLSTATE 22P02)',
    });
    expect(walk.answer('close').question.id).toBe('accept:backup');
  });

  test('what comes late, or of other work, changes nothing', () => {
    const walk = warned();
    const before = walk.state;
    walk.send(
      taken('/x'),
      { type: 'backups-found', found: FOUND },
      { type: 'backup-failed', error: failure() },
    );
    expect(walk.state).toEqual(before);
    expect(walk.last).toEqual([]);
  });

  test('left over scratch databases are named, and dropped on request alone', () => {
    const walk = opened({ ...FOUND, leftOvers: ['backout_proof_0123456789ab'] });
    expect(walk.words).toContain('backout_proof_0123456789ab was left over');
    expect(walk.started('drop-scratch')).toBe(0);
    walk.answer('drop').send({ type: 'scratch-dropped', names: ['backout_proof_0123456789ab'] });
    expect(walk.words).toContain('Dropped: backout_proof_0123456789ab.');
    expect(values(walk)).not.toContain('drop');
  });

  test('in practice the key is there and says why not', () => {
    const walk = new Walk({ environment: 'PRACTICE' }).checked([result('backup', 'warn')]);
    const key = walk.screen.actions.find(({ id }) => id === 'backup');
    expect(key).toMatchObject({
      enabled: false,
      reason: expect.stringContaining('made anew at every start'),
    });
  });
});

describe('the proof', () => {
  const proving = (): Walk => {
    const walk = looked(opened().answer('use'));
    walk.act('backup').send({ type: 'backups-found', found: FOUND });
    return walk.answer('prove');
  };

  test('is offered for what was named, and said beside the prerequisite ever after', () => {
    const walk = proving();
    expect(walk.last).toEqual([{ type: 'prove-backup', path: PATH }]);
    walk.send({ type: 'backup-proved', proof: proof('changed'), seconds: 3 });
    expect(walk.words).toContain('The proof says changed.');
    expect(walk.words).toContain('public.a: 3 rows here, 2 in the backup.');
    walk.answer('close');
    expect(walk.words).toContain('The proof says changed.');
    expect(walk.question.kind).toBe('continue');
    expect(walk.journal).toContainEqual({
      type: 'backup',
      what: 'proved',
      path: PATH,
      seconds: 3,
      verdict: 'changed',
      words: proof('changed').words,
    });
  });

  test('one that failed stops the run, also after checking again, until there is another backup', () => {
    const walk = proving()
      .send({ type: 'backup-proved', proof: proof('failed'), seconds: 3 })
      .answer('close');
    expect(walk.words).toContain('1 prerequisite failed');
    looked(walk.answer('retry'));
    expect(walk.state.prerequisites.results).toMatchObject([{ id: 'backup', status: 'fail' }]);
    walk.act('backup').send({ type: 'backups-found', found: FOUND }).answer('name').answer('/better.dump');
    expect(looked(walk).question.kind).toBe('continue');
  });
});

describe('by the command line', () => {
  const begun = (backup: ConstructorParameters<typeof Walk>[0]): Walk => new Walk(backup).connected();
  const wanted = (take: boolean, prove: boolean, place: string | null = null) => ({ take, prove, place });

  test('taken before anything is looked at, once, and used', () => {
    const walk = begun({ backup: { path: null, wanted: wanted(true, false, '/mnt') } }).answer('next');
    expect(walk.last).toEqual([{ type: 'take-backup', place: '/mnt' }]);
    expect(walk.started('check')).toBe(0);
    walk.send(taken(PATH));
    expect(looked(walk).question.kind).toBe('continue');
    expect(walk.act('retry').last).toEqual([{ type: 'check', backup: PATH }]);
    expect(walk.started('take-backup')).toBe(1);
  });

  test('one that cannot be taken ends a run without an operator, with nothing run and exit status 10', () => {
    const walk = begun({ backup: { path: null, wanted: wanted(true, false) } }).answer('next');
    walk.send({ type: 'backup-failed', error: failure({ message: 'pg_dump is not on PATH' }) });
    const { value } = unattendedAnswer(walk.question, {
      confirm: 'orders',
      choose: 'rollback',
      accept: ['backup'],
      answers: {},
    });
    expect(value).toBe('leave');
    walk.answer(value);
    expect(walk.state.outcome).toMatchObject({ exitStatus: EXIT.prerequisiteFailed });
  });

  test('an operator may go on without it: then the prerequisites are checked', () => {
    const walk = begun({ backup: { path: null, wanted: wanted(true, false) } }).answer('next');
    walk.send({ type: 'backup-failed', error: failure() }).answer('close');
    expect(walk.last).toEqual([{ type: 'check' }]);
  });

  test.each(['equal', 'changed'] as const)(
    'proved after the check, and on by itself when it is %s',
    (verdict) => {
      const walk = looked(begun({ backup: { path: PATH, wanted: wanted(false, true) } }).answer('next'));
      expect(walk.last.at(-1)).toEqual({ type: 'prove-backup', path: PATH });
      walk.send({ type: 'backup-proved', proof: proof(verdict), seconds: 1 });
      expect(walk.question.kind).toBe('continue');
      expect(walk.state.prerequisites.results[0]?.items).toContain(`The proof says ${verdict}.`);
      expect(looked(walk.act('retry')).started('prove-backup')).toBe(1);
    },
  );

  test('a proof that fails ends it with exit status 10', () => {
    const walk = looked(begun({ backup: { path: PATH, wanted: wanted(false, true) } }).answer('next'));
    walk.send({ type: 'backup-proved', proof: proof('failed'), seconds: 1 });
    expect(walk.question).toMatchObject({ unattended: 'leave' });
    expect(walk.answer('leave').state.outcome).toMatchObject({ exitStatus: EXIT.prerequisiteFailed });
  });

  test('what the check refuses is not proved', () => {
    const walk = looked(
      begun({ backup: { path: PATH, wanted: wanted(false, true) } }).answer('next'),
      'fail',
    );
    expect(walk.started('prove-backup')).toBe(0);
  });
});
