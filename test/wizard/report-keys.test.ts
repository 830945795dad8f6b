/** What the report offers beside closing: each key is there whatever the run was, with its reason where it does nothing. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/wizard/types.ts';
import { survey, verification, Walk } from './support.ts';

const written: Event = { type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: [] };

const keysOf = (walk: Walk): Record<string, string> =>
  Object.fromEntries(
    walk
      .send(written)
      .screen.actions.filter(({ id }) => id === 'undo' || id === 'rollback')
      .map(({ id, enabled, reason }) => [id, enabled ? 'can be had' : (reason ?? '')]),
  );

describe('the keys of the report', () => {
  test('of a verified rollback: it can be undone, and has nothing to go on with', () => {
    const walk = new Walk()
      .allSteps()
      .send({ type: 'verified', verification: verification(true) })
      .answer('next');
    while (walk.state.screen === 'checklist')
      walk.answer(walk.question.kind === 'continue' ? 'next' : 'open');
    expect(keysOf(walk)).toEqual({
      undo: 'can be had',
      rollback: 'The rollback is done and verified.',
    });
  });

  test('of one that was stopped before anything was committed', () => {
    const walk = new Walk().atStep().act('stop');
    expect(keysOf(walk)).toEqual({
      undo: 'Nothing of this run is committed: there is nothing to undo.',
      rollback: 'This run has ended, and nothing of it was run. Begin again with "backout".',
    });
  });

  test('of one that was stopped between steps: the command that goes on is named', () => {
    const walk = new Walk()
      .running()
      .carriesOut(survey(['applied']))
      .answer('next')
      .act('stop');
    expect(keysOf(walk)).toEqual({
      undo: 'can be had',
      rollback: `This run has ended. "backout resume ${walk.state.run}" goes on with it.`,
    });
  });

  test('of a decision to fix forward', () => {
    const walk = new Walk()
      .deciding()
      .answer('fix-forward')
      .answer('a reason')
      .send({ type: 'repairs', found: [] })
      .answer('report');
    expect(keysOf(walk)).toEqual({
      undo: 'Nothing of this run is committed: there is nothing to undo.',
      rollback: 'The decision was to fix forward.',
    });
  });
});
