import { expect, test } from 'vitest';
import { screenOf } from '../../src/steps/index.ts';
import { noApplication } from '../../src/wizard/application.ts';
import { initialState } from '../../src/wizard/state.ts';
import type { Application, State } from '../../src/wizard/types.ts';
import { keepsQuestion } from './promises.ts';
import { BEGINNING } from './support.ts';

/** In front of a verification that has ended, as after a rollback that was found applied. */
function at(application: Partial<Application>): State {
  const state = initialState(BEGINNING);
  return {
    ...state,
    screen: 'verification',
    verification: { ...state.verification, status: 'done' },
    steps: state.steps.map((step) => ({ ...step, status: 'already-applied' })),
    application: { ...noApplication(), open: true, ...application },
  };
}

const SCAN = { folder: '/srv/app', files: 1, cut: null, changes: [], look: [] };

test.each<[Partial<Application>, string]>([
  [{ status: 'working' }, 'wait'],
  [{ status: 'working', scan: SCAN }, 'wait'],
  [{ status: 'no-folder' }, 'text'],
  [{ status: 'done', scan: SCAN }, 'choice'],
  [{ status: 'done', scan: SCAN, consenting: true }, 'typed'],
])('%j asks by a %s', (application, kind) => {
  const state = at(application);
  expect(screenOf(state).question.kind).toBe(kind);
  keepsQuestion(state);
});
