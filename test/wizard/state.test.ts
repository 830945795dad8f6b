import { expect, test } from 'vitest';
import { initialState } from '../../src/wizard/state.ts';
import { BEGINNING, PLAN, RUNBOOK } from './support.ts';

test('the state begins with nothing connected, nothing asked, the checklist as the runbook has it', () => {
  const state = initialState(BEGINNING);
  expect(state).toMatchObject({ screen: 'target', outcome: null, ending: null, survey: null, plan: PLAN });
  expect(state.checklist.items.map(({ id, command }) => [id, command])).toEqual([
    ['starts', null],
    ['tests', 'mix test'],
  ]);
  expect(state.runbook).toBe(RUNBOOK);
});
