import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalBody, JournalEvent } from '../../src/journal/types.ts';
import { listenTo, runningDrills, type Listening } from '../../src/practice/instructor/connect.ts';
import { controlFolder } from '../../src/practice/instructor/place.ts';
import { readRequest, type FromDrill } from '../../src/practice/instructor/protocol.ts';
import { serveInstructor, type Instructed } from '../../src/practice/instructor/serve.ts';
import { parseMoment } from '../../src/practice/drill/moment.ts';
import type { Injection } from '../../src/practice/drill/types.ts';
import { aDrill } from './a-drill.ts';

let folder: string;
let served: Instructed | null = null;
let listening: Listening | null = null;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'backout-control-')), 'control');
});
afterEach(async () => {
  listening?.close();
  await served?.close();
  served = listening = null;
  await rm(join(folder, '..'), { recursive: true, force: true });
});

const event = (seq: number, body: JournalBody): JournalEvent => ({
  schema: 'backout.event/1',
  seq,
  at: '2026-11-23T03:00:00.000Z',
  ...body,
});

const blocker: Injection = {
  id: 'blocker',
  when: parseMoment('started step-1'),
  title: 'A report holds a lock',
  byInstructor: false,
  act: { kind: 'sql', sql: 'SELECT 1' },
};

/** An injector that only writes down what it is asked for. */
function fakeInjector(events: Injection[]) {
  let left = events;
  const asked: string[] = [];
  return {
    asked,
    waiting: () => left,
    inject(id: string) {
      asked.push(id);
      const known = left.some((one) => one.id === id);
      left = left.filter((one) => one.id !== id);
      return Promise.resolve(known ? 'done' : 'The drill has no such event.');
    },
  };
}

/** Listens, and resolves once a message fits. */
function hears(path: string) {
  const heard: FromDrill[] = [];
  let over = false;
  let look: () => void = () => undefined;
  listening = listenTo(
    path,
    (news) => (heard.push(news), look()),
    () => ((over = true), look()),
  );
  const until = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => fits() && resolve();
      look();
    });
  return { heard, until, isOver: () => over };
}

describe('the socket of a running drill', () => {
  it('can be reached by its owner alone', async () => {
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector: null });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(served!.path)).mode & 0o777).toBe(0o600);
  });

  it('is found, with who is in it, and gone when the drill is over', async () => {
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector: null });
    expect(await runningDrills(folder)).toEqual([
      { path: served!.path, person: 'ada', title: 'The calm one' },
    ]);
    await served!.close();
    expect(await readdir(folder)).toEqual([]);
    expect(await runningDrills(folder)).toEqual([]);
  });

  it('is cleaned up when a crash has left it behind', async () => {
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector: null });
    const left = join(folder, 'drill-1.sock');
    // What a killed process leaves: a socket on which nobody listens. Closing would remove it, so it is renamed away first.
    const server = createServer().listen(join(folder, 'other.sock'));
    await new Promise((resolve) => server.once('listening', resolve));
    const { rename } = await import('node:fs/promises');
    await rename(join(folder, 'other.sock'), left);
    await new Promise((resolve) => server.close(resolve));
    expect(await readdir(folder)).toContain('drill-1.sock');
    expect((await runningDrills(folder)).map(({ path }) => path)).toEqual([served!.path]);
    expect(await readdir(folder)).not.toContain('drill-1.sock');
  });

  it('stands in the runtime folder of the login where there is one, else in the state folder', () => {
    expect(controlFolder({ XDG_RUNTIME_DIR: '/run/user/7' }, '/home/a')).toBe('/run/user/7/backout');
    expect(controlFolder({ XDG_RUNTIME_DIR: 'relative' }, '/home/a')).toBe(
      '/home/a/.local/state/backout/practice/control',
    );
    expect(controlFolder({ XDG_STATE_HOME: '/s' }, '/home/a')).toBe('/s/backout/practice/control');
  });
});

describe('what is told', () => {
  it('is everything from the beginning, also to one who comes late, and what has not happened yet', async () => {
    const injector = fakeInjector([blocker]);
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector });
    served!.hear(event(1, { type: 'note', text: 'first' }));
    const { heard, until } = hears(served!.path);
    await until(() => heard.length === 3);
    expect(heard.map(({ type }) => type)).toEqual(['hello', 'journal', 'waiting']);
    expect(heard[0]).toMatchObject({ person: 'ada', drill: { title: 'The calm one' } });
    expect(heard[2]).toEqual({
      type: 'waiting',
      events: [{ id: 'blocker', title: 'A report holds a lock', when: 'started step-1' }],
    });
    served!.hear(event(2, { type: 'note', text: 'second' }));
    await until(() => heard.filter(({ type }) => type === 'journal').length === 2);
  });

  it('ends when the drill does', async () => {
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector: null });
    const { until, heard, isOver } = hears(served!.path);
    await until(() => heard.length > 0);
    await served!.close();
    await until(isOver);
  });
});

describe('what can be asked for', () => {
  it("is one of the drill's own events, and what came of it is said", async () => {
    const injector = fakeInjector([blocker]);
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector });
    const { heard, until } = hears(served!.path);
    await until(() => heard.length > 0);
    listening!.inject('blocker');
    await until(() => heard.some((news) => news.type === 'said'));
    expect(injector.asked).toEqual(['blocker']);
    expect(heard.find((news) => news.type === 'said')).toEqual({ type: 'said', text: 'done' });
    await until(() => heard.some((news) => news.type === 'waiting' && news.events.length === 0));
    listening!.inject('DROP TABLE');
    await until(() => heard.filter((news) => news.type === 'said').length === 2);
    expect(heard.findLast((news) => news.type === 'said')).toMatchObject({
      text: 'The drill has no such event.',
    });
  });

  it.each([
    ['SQL', '{"sql":"DROP TABLE t"}'],
    ['an event and more', '{"inject":"blocker","sql":"DROP TABLE t"}'],
    ['no JSON', 'inject blocker'],
    ['too much', `{"inject":"${'x'.repeat(2000)}"}`],
  ])('%s is not: the connection ends, and nothing happens', async (_what, line) => {
    const injector = fakeInjector([blocker]);
    served = await serveInstructor({ folder, person: 'ada', drill: aDrill(), injector });
    const socket = createConnection(served!.path);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(`${line}\n`);
    await closed;
    expect(injector.asked).toEqual([]);
    expect(readRequest(line)).toBeNull();
  });
});
