/** After the last run of a drill: it is judged once, told, and something else begins. */
import { describe, expect, it } from 'vitest';
import { noCoach, plainPractice } from '../../src/wizard/drill.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import { initialState } from '../../src/wizard/state.ts';
import { questionOf, screenOf } from '../../src/steps/index.ts';
import type { Event, State, Task } from '../../src/wizard/types.ts';
import { debriefOf } from '../../src/practice/score/debrief.ts';
import { DRILL, end, journal, WRONG } from '../practice/score/support.ts';
import { BEGINNING, failure } from './support.ts';

const drill = {
  ...plainPractice(),
  id: 'calm',
  title: 'The calm one',
  following: 'next-one',
  coach: noCoach(),
};

/** Ended before anything was run, with its report written. */
function ended(more: Partial<State['drill']> | null = {}): { state: State; tasks: Task[] } {
  const state = initialState({ ...BEGINNING, drill: more === null ? null : { ...drill, ...more } });
  const left: Event[] = [
    { type: 'start' },
    { type: 'connect-failed', error: failure() },
    { type: 'action', action: 'leave' },
  ];
  let now = left.reduce<State>((before, event) => reduce(before, event).state, state);
  now = { ...now, leaving: false, screen: 'report', ending: { outcome: 'declined', exitStatus: 11 } };
  now = { ...now, report: { ...now.report, status: 'writing' } };
  return reduce(now, { type: 'report-written', markdownPath: '/r.md', jsonPath: '/r.json', summary: [] });
}

const answer = (state: State, value: string) =>
  reduce(state, { type: 'answer', question: questionOf(state).id, value });

const RESULT = debriefOf(DRILL, journal(WRONG), end(100));
const judged = (state: State): State =>
  reduce(state, { type: 'debriefed', debrief: RESULT, paths: ['/rec.md', '/rec.json'] }).state;

const words = (state: State): string => JSON.stringify(screenOf(state).blocks);

describe('the end of a drill', () => {
  it('is judged as soon as the report was tried, and only of a drill', () => {
    expect(ended().tasks).toEqual([{ type: 'debrief' }]);
    expect(ended(null).tasks).toEqual([]);
    expect(ended({ id: null }).tasks).toEqual([]);
  });

  it('shows the report first, then waits for the debrief, then shows it', () => {
    const { state } = ended();
    expect(questionOf(state)).toMatchObject({ kind: 'continue', prompt: 'Enter shows the debrief.' });
    const opened = answer(state, 'next').state;
    expect(opened.outcome).toBeNull();
    expect(questionOf(opened)).toMatchObject({ kind: 'wait' });
    const shown = judged(opened);
    expect(screenOf(shown).title).toBe('Debrief: The backup is empty');
    expect(words(shown)).toContain('The backup holds nothing.');
    expect(words(shown)).toContain(`${RESULT.score.points} of 100 points.`);
    expect(words(shown)).toContain('not on your road');
    expect(words(shown)).toContain('/rec.json');
  });

  it('tells neither fault nor title before', () => {
    const { state } = ended({ title: '' });
    for (const one of [state, answer(state, 'next').state]) {
      expect(words(one) + screenOf(one).title).not.toMatch(/empty|holds nothing/);
    }
  });

  it('goes on with what is chosen, and Enter with the next drill', () => {
    const state = judged(answer(ended().state, 'next').state);
    const next = (value: string) => answer(state, value).state.outcome?.next;
    expect(questionOf(state)).toMatchObject({ default: 'next', unattended: 'leave' });
    expect(next('again')).toEqual({ kind: 'drill', drill: 'calm' });
    expect(next('next')).toEqual({ kind: 'drill', drill: 'next-one' });
    expect(next('list')).toEqual({ kind: 'drill', drill: null });
    expect(answer(state, 'leave').state.outcome).toEqual({ outcome: 'declined', exitStatus: 11 });
  });

  it('offers no next drill after the last one', () => {
    const state = judged(answer(ended({ following: null }).state, 'next').state);
    const question = questionOf(state);
    expect(question).toMatchObject({ default: 'list' });
    expect(question.kind === 'choice' && question.options.map(({ value }) => value)).toEqual([
      'again',
      'list',
      'leave',
    ]);
  });

  it('goes back to the report with Esc', () => {
    const state = judged(answer(ended().state, 'next').state);
    const back = reduce(state, { type: 'action', action: 'back' }).state;
    expect(screenOf(back).title).toBe('Report');
    expect(screenOf(answer(back, 'next').state).title).toContain('Debrief');
  });

  it('can be judged again where that failed', () => {
    const opened = answer(ended().state, 'next').state;
    const failed = reduce(opened, {
      type: 'debrief-failed',
      error: failure({ message: 'the disk is full' }),
    }).state;
    expect(words(failed)).toContain('the disk is full');
    const again = answer(failed, 'retry');
    expect(again.tasks).toEqual([{ type: 'debrief' }]);
    expect(screenOf(judged(again.state)).title).toBe('Debrief: The backup is empty');
  });

  it('takes the debrief even after the operator has left', () => {
    const { state } = ended();
    const left = { ...state, outcome: state.ending };
    expect(judged(left).debrief).toMatchObject({ status: 'done', paths: ['/rec.md', '/rec.json'] });
  });

  it('is not judged where another run of the drill follows', () => {
    const { state } = ended();
    const before: State = {
      ...state,
      report: { ...state.report, status: 'writing' },
      debrief: { ...state.debrief, status: 'idle' },
      outcome: { outcome: 'fix-forward', exitStatus: 11, next: { kind: 'rollback', resume: null } },
    };
    const written: Event = { type: 'report-written', markdownPath: '', jsonPath: '', summary: [] };
    expect(reduce(before, written).tasks).toEqual([]);
    expect(reduce({ ...before, outcome: null }, written).tasks).toEqual([{ type: 'debrief' }]);
  });
});

describe('the screen of the debrief', () => {
  it('opens at its top: the first bad news on it is the fault itself', () => {
    const { blocks } = screenOf(judged(answer(ended().state, 'next').state));
    const bad = blocks.findIndex(
      (block) =>
        (block.kind === 'text' && block.spans.some(({ tone }) => tone === 'bad')) ||
        (block.kind === 'item' && block.mark === 'fail'),
    );
    expect(bad).toBeLessThan(5);
  });

  it('says nothing of time where the database was never reached', () => {
    const state = judged(answer(ended().state, 'next').state);
    const bare = { ...RESULT, minutes: null, kept: [], evidence: [], expert: [], told: '', measured: [] };
    const shown = words({ ...state, debrief: { ...state.debrief, result: bare, paths: [] } });
    expect(shown).not.toMatch(/NaN|null|undefined|What had to stay/);
  });
});
