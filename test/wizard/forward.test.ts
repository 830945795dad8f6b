/** Fixing forward: found, chosen, left for the run that mends it, or written to a file. Nothing is run before. */
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import type { ForwardPlace } from '../../src/wizard/types.ts';
import { NOTHING_FOUND, Walk, failure, repair, result, survey } from './support.ts';

const place: ForwardPlace = { schema: 'app', run: '20261122-1549-next', file: './20261122154900_fix_it' };
const found = [repair('one'), repair('two', false), repair('three')];
const forward = (): Walk =>
  new Walk().deciding().answer('fix-forward').answer('agreed').send({ type: 'repairs', found, place });

const options = (walk: Walk): string[] =>
  walk.question.kind === 'choice'
    ? walk.question.options.map(({ label, disabled }) => (disabled === undefined ? label : `(${label})`))
    : [];

test('is looked for as soon as it is chosen; nothing else is asked for', () => {
  const walk = new Walk().deciding().answer('fix-forward').answer('agreed');
  expect(walk.last.at(-1)).toEqual({ type: 'find-repairs', about: { kind: 'forward' } });
  expect(walk.question.kind).toBe('wait');
  expect(walk.act('back').state.screen).toBe('decision');
});

test('the blocked prerequisites lead there as well, and nothing of what stands in their way is forgotten', () => {
  const walk = new Walk()
    .checked([result('objects', 'fail')], survey(['conflict']))
    .answer('forward')
    .send({ type: 'repairs', found, place });
  expect(options(walk)).toContain('[x] Mend one');
  walk.answer('repair');
  expect(walk.state.outcome).toMatchObject({
    exitStatus: EXIT.prerequisiteFailed,
    next: { kind: 'repair', after: null, schema: 'app', run: place.run },
  });
});

describe('choosing', () => {
  test('begins with what is recommended; each is taken in and out; Enter ends with the report', () => {
    const walk = forward();
    expect(walk.words).toContain('one is wrong.');
    expect(options(walk)).toEqual([
      '[x] Mend one',
      '[ ] Mend two',
      '[x] Mend three',
      'Carry out what is chosen: 2 repairs',
      'Write the skeleton of a forward migration',
      'End with the report',
    ]);
    expect(walk.question).toMatchObject({ default: 'report', flag: '--repair' });
    walk.answer('toggle:one').answer('toggle:two').answer('toggle:three');
    expect(walk.state.forward.chosen).toEqual(['two']);
    walk.answer('toggle:two');
    expect(options(walk)).toContain('(Carry out what is chosen: 0 repairs)');
    walk.answer('repair');
    expect(walk.state.ending).toBeNull();
  });

  test('the SQL is shown when asked for', () => {
    const walk = forward();
    expect(JSON.stringify(walk.screen.blocks)).not.toContain('UPDATE two');
    expect(JSON.stringify(walk.act('sql').screen.blocks)).toContain('UPDATE two');
    expect(JSON.stringify(walk.act('sql').screen.blocks)).not.toContain('UPDATE two');
  });

  test('looking again forgets what was found', () => {
    const walk = forward().act('retry');
    expect(walk.last).toEqual([{ type: 'find-repairs', about: { kind: 'forward' } }]);
    expect(walk.words).not.toContain('one is wrong.');
    walk.send(NOTHING_FOUND);
    expect(walk.words).toContain('Nothing was found wrong with the migrated tables');
  });
});

describe('leaving', () => {
  test('with the report: what was found is in it, nothing was run, exit status 11', () => {
    const walk = forward().answer('report');
    expect(walk.state.ending).toEqual({ outcome: 'fix-forward', exitStatus: EXIT.declined });
    expect(walk.journal.slice(-2)).toMatchObject([
      { type: 'repairs', run: null, found: [{ id: 'one', chosen: false }, { id: 'two' }, { id: 'three' }] },
      { type: 'result', outcome: 'fix-forward' },
    ]);
  });

  test('for the run that carries it out, which the record names before the result', () => {
    const walk = forward().answer('toggle:two').answer('toggle:three').answer('repair');
    expect(walk.journal.slice(-2)).toMatchObject([
      {
        type: 'repairs',
        run: place.run,
        found: [
          { id: 'one', chosen: true },
          { id: 'two', chosen: true },
          { id: 'three', chosen: false },
        ],
      },
      { type: 'result' },
    ]);
    expect(walk.state.outcome?.next).toEqual({
      kind: 'repair',
      title: `Fix forward: ${walk.state.runbook.migration ? `migration ${walk.state.runbook.migration.version}` : walk.state.runbook.title}`,
      repairs: found.slice(0, 2),
      after: null,
      run: place.run,
      schema: 'app',
    });
  });
});

describe('the skeleton of a migration', () => {
  test('asks where, offers a name, says what was written, and asks on', () => {
    const walk = forward().answer('skeleton');
    expect(walk.question).toMatchObject({ kind: 'text', placeholder: place.file, required: false });
    expect(walk.act('back').question).toMatchObject({ kind: 'choice' });
    walk.answer('skeleton').answer('');
    expect(walk.last).toEqual([
      {
        type: 'write-skeleton',
        path: place.file,
        repairs: [found[0], found[2]],
        left: [found[1]],
        notes: [],
      },
    ]);
    walk.send({ type: 'skeleton-written', paths: ['/srv/fix.exs', '/srv/fix.sql'] });
    expect(walk.words).toContain('/srv/fix.sql');
    expect(walk.journal.at(-1)).toMatchObject({ type: 'note' });
    expect(options(walk)).toContain('Carry out what is chosen: 2 repairs');
  });

  test('a file that cannot be written is said, and another can be named', () => {
    const walk = forward().answer('skeleton').answer('/srv/fix');
    walk.send({ type: 'skeleton-failed', error: failure({ message: '/srv/fix.exs is there already' }) });
    expect(walk.words).toContain('/srv/fix.exs is there already');
    expect(walk.answer('skeleton').question.kind).toBe('text');
  });
});

test('what could not be looked for is no reason to stay', () => {
  const walk = new Walk().deciding().answer('fix-forward').answer('agreed');
  walk.send({ type: 'repairs-failed', error: failure({ message: 'gone' }) });
  expect(walk.words).toContain('gone');
  expect(options(walk)).toEqual(['Look again', 'End with the report']);
  expect(walk.answer('retry').last).toEqual([{ type: 'find-repairs', about: { kind: 'forward' } }]);
});
