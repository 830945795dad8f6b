/** What could be mended is looked for before a failure is told; a search that fails says so. */
import { expect, it } from 'vitest';
import { afterChecks, withRepairs } from '../../src/runtime/mending.ts';
import type { Event } from '../../src/wizard/types.ts';
import { failure, result } from '../wizard/support.ts';

const broken = (): Promise<never> => Promise.reject(new Error('the catalog is locked'));

it('a search that fails after a failed prerequisite is told as such', async () => {
  const events: Event[] = [];
  await afterChecks([result('state', 'fail')], (event) => events.push(event), broken);
  expect(events).toMatchObject([
    { type: 'repairs-failed', unasked: true, error: { message: 'the catalog is locked' } },
  ]);
});

it('a search that fails after a failed step keeps nobody from hearing of the step', async () => {
  const failed: Event = {
    type: 'step-failed',
    step: 'step-1',
    seconds: 1,
    error: failure({ sqlstate: '23503' }),
    cancelled: false,
  };
  const events: Event[] = [];
  await withRepairs(
    async (emit) => emit(failed),
    (event) => events.push(event),
    broken,
  );
  expect(events.map(({ type }) => type)).toEqual(['repairs-failed', 'step-failed']);
});
