/** A program of its own for the pseudo-terminal: asks the questions of the fake wizard and prints what came of it. */
import { drive } from '../../src/plain/driver.ts';
import { operatorSurface } from '../../src/plain/surface.ts';
import { standardStreams, writeOut } from '../../src/terminal/streams.ts';
import type { Event } from '../../src/wizard/types.ts';
import { action, choice, confirm, fakeState, goOn, screen, scripted, typed, wait } from './fake.ts';

const ACTIONS = [action('leave'), action('back', { enabled: false, reason: 'a step has run' })];

const screens = [
  screen(choice('q:choice'), { actions: ACTIONS }),
  screen(confirm('q:confirm'), { actions: ACTIONS }),
  screen(typed('q:typed'), { actions: ACTIONS }),
  screen(wait(), { actions: [action('cancel')] }),
  screen(goOn('q:last'), { actions: ACTIONS }),
];

const events: Event[] = [];
const { reduce, screenOf } = scripted({
  screens,
  on(event) {
    events.push(event);
    return {};
  },
});
const { stdin, stdout, stderr } = standardStreams();
const cursor = process.argv[2] === 'cursor';
// Never idle while it waits: the wait ends with the interruption alone. The timer keeps the process there.
const work = setInterval(() => undefined, 1000);

const surface = await operatorSurface({
  streams: { input: stdin, output: stdout },
  cursor,
  spinner: cursor ? stderr : null,
  say: writeOut,
  onInterrupt(listener) {
    process.on('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
});
await drive({
  state: fakeState(),
  reduce,
  screenOf,
  roadOf: () => [],
  perform: () => undefined,
  idle: () =>
    events.some((event) => event.type === 'action' && event.action === 'cancel')
      ? Promise.resolve()
      : new Promise(() => undefined),
  surface,
});
clearInterval(work);
const said = events.map((event) =>
  event.type === 'answer'
    ? `${event.question}=${event.value}`
    : event.type === 'action'
      ? event.action
      : event.type,
);
await writeOut(`said ${said.join(' ')}\n`);
