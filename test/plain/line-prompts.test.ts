/** Numbered lines on one input, question after question. */
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { lineAnswers } from '../../src/plain/line-prompts.ts';
import type { LineStreams } from '../../src/plain/streams.ts';
import { choice, fakeState, screen } from './fake.ts';

/** As of a program whose standard input is a pipe. */
function piped(): LineStreams & { input: PassThrough } {
  const ends: { input: unknown; output: unknown } = { input: new PassThrough(), output: new PassThrough() };
  return ends as LineStreams & { input: PassThrough };
}

it('lets go of the input after each answer: nothing is left that listens, or that reads what is meant for the next', async () => {
  const streams = piped();
  const { input } = streams;
  const ask = lineAnswers(streams, () => Promise.resolve());
  const events = ['data', 'end', 'error'];
  const before = events.map((event) => input.listenerCount(event));
  for (let turn = 0; turn < 15; turn += 1) {
    const question = choice(`q:${turn}`, { default: 'a' });
    const answered = ask({
      screen: screen(question),
      state: fakeState(),
      withdrawn: new AbortController().signal,
    });
    input.write('1\n');
    expect(await answered).toMatchObject({ event: { type: 'answer', question: `q:${turn}` } });
  }
  expect(events.map((event) => input.listenerCount(event))).toEqual(before);
});

it('lets go of it too when the question is withdrawn', async () => {
  const streams = piped();
  const { input } = streams;
  const ask = lineAnswers(streams, () => Promise.resolve());
  const before = input.listenerCount('end');
  const withdraw = new AbortController();
  const answered = ask({ screen: screen(choice('q')), state: fakeState(), withdrawn: withdraw.signal });
  setImmediate(() => withdraw.abort());
  expect(await answered).toBeNull();
  expect(input.listenerCount('end')).toBe(before);
});
