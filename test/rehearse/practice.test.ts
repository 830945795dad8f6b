/** The rehearsal that the plan's screen begins, in practice: on the embedded database's one session. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbedded, type Embedded } from '../../src/practice/embedded.ts';
import type { Event } from '../../src/wizard/types.ts';
import { harness, type Harness } from '../runtime/harness.ts';

let embedded: Embedded;
let walk: Harness;

beforeAll(async () => {
  embedded = await startEmbedded();
  walk = await harness(embedded.url, { embedded: true });
  await walk.runtime.connect();
});
afterAll(async () => {
  await walk.end();
  await embedded.stop();
});

const last = (events: readonly Event[]) => {
  const event = events.at(-1);
  if (event?.type !== 'rehearsed') throw new Error(`ended with ${JSON.stringify(event)}`);
  return event;
};

it('runs the plan and its undo in a scratch schema, tells what it is at, and leaves nothing', async () => {
  const before = await walk.survey();
  const events = await walk.perform({ type: 'rehearse', forms: {}, withoutArchive: false });
  expect(events[0]?.type).toBe('rehearsal-begun');
  expect(events.filter(({ type }) => type === 'rehearsal-progress').length).toBeGreaterThan(10);
  const { rehearsal, words } = last(events);
  expect(rehearsal).toMatchObject({ outcome: 'ok', way: 'schema', undo: { outcome: 'same', words: [] } });
  expect(words[0]).toBe('Rehearsed: every step ran on the copy, and the verification holds.');
  const after = await walk.survey();
  expect(after.hash).toBe(before.hash);
  expect(rehearsal.look).toBe(before.hash);
});

it('ends when it is asked to, and the session goes on', async () => {
  const events = await walk.perform({ type: 'rehearse', forms: {}, withoutArchive: false }, (event) => {
    if (event.type === 'rehearsal-progress' && event.words.startsWith('Copied'))
      walk.runtime.perform({ type: 'cancel-rehearsal' }, () => undefined);
  });
  expect(last(events).rehearsal).toMatchObject({ outcome: 'stopped', steps: [] });
  expect((await walk.survey()).offers.length).toBe(4);
});
