import { describe, expect, it } from 'vitest';
import { drive, interruption, type Asked, type LineSurface, type Reply } from '../../src/plain/driver.ts';
import type { Event, Question, Screen, State, Task } from '../../src/wizard/types.ts';
import { action, choice, confirm, fakeState, goOn, screen, scripted, wait, type Script } from './fake.ts';

interface Told {
  shown: string[];
  asked: string[];
  events: Event[];
  waits: (string | null)[];
}

interface Setting extends Script {
  answer?(asked: Asked): Promise<Reply | null>;
  perform?(task: Task, emit: (event: Event) => void): void;
  idle?(): Promise<void>;
  onInterrupt?: LineSurface['onInterrupt'];
  readsOptions?: boolean;
}

function play(setting: Setting): { end: Promise<State>; told: Told } {
  const told: Told = { shown: [], asked: [], events: [], waits: [] };
  const { reduce, screenOf } = scripted({
    screens: setting.screens,
    on(event, turn) {
      told.events.push(event);
      return setting.on?.(event, turn) ?? {};
    },
  });
  const surface: LineSurface = {
    show: async (lines) => void told.shown.push(...lines),
    async answer(asked) {
      told.asked.push(asked.screen.question.id);
      return setting.answer
        ? setting.answer(asked)
        : { event: { type: 'answer', question: asked.screen.question.id, value: 'next' } };
    },
    waiting: (question) => void told.waits.push(question?.prompt ?? null),
    ...(setting.readsOptions ? { readsOptions: true } : {}),
    ...(setting.onInterrupt ? { onInterrupt: setting.onInterrupt } : {}),
  };
  const end = drive({
    state: fakeState(),
    reduce,
    screenOf,
    roadOf: () => [],
    perform: setting.perform ?? (() => undefined),
    idle: setting.idle ?? (() => Promise.resolve()),
    surface,
  });
  return { end, told };
}

const text = (words: string): Screen['blocks'] => [{ kind: 'text', spans: [{ text: words, tone: 'plain' }] }];

describe('drive', () => {
  it('shows nothing between a prompt and its answer, and all of it after', async () => {
    const asking = ['one', 'two', 'three'].map((word) => screen(goOn('same'), { blocks: text(word) }));
    let answerNow: (reply: Reply) => void = () => undefined;
    let emit: (event: Event) => void = () => undefined;
    const seen: string[][] = [];
    const { end, told } = play({
      screens: [...asking, screen(goOn('next'), { blocks: text('four') })],
      on: (event) => (event.type === 'start' ? { tasks: [{ type: 'watch' }], stay: true } : {}),
      perform: (_, send) => {
        emit = send;
      },
      answer: (asked) => {
        if (asked.screen.question.id !== 'same') {
          return Promise.resolve({ event: { type: 'answer', question: 'next', value: 'next' } });
        }
        return new Promise((resolve) => {
          answerNow = resolve;
          emit({ type: 'other-run', other: null });
          emit({ type: 'other-run', other: null });
          setImmediate(() => {
            seen.push([...told.shown]);
            answerNow({ event: { type: 'answer', question: 'same', value: 'next' } });
          });
        });
      },
    });
    await end;
    expect(told.asked).toEqual(['same', 'next']);
    expect(seen[0]).toContain('one');
    expect(seen[0]).not.toContain('two');
    expect(told.shown).toContain('four');
  });

  it('asks anew where what can be answered has changed, and only where somebody reads it', async () => {
    const offered = (disabled?: string): Question =>
      choice('menu', {
        options: [{ value: 'stop', key: 's', label: 'Stop', ...(disabled ? { disabled } : {}) }],
        default: 'stop',
      });
    const askedOn = async (readsOptions: boolean): Promise<string[]> => {
      const { end, told } = play({
        screens: [screen(offered('not connected')), screen(offered()), screen(goOn('next'))],
        on: (event) => (event.type === 'start' ? { tasks: [{ type: 'watch' }], stay: true } : {}),
        perform: (_, emit) => void setImmediate(() => emit({ type: 'other-run', other: null })),
        readsOptions,
        answer: ({ screen: { question }, withdrawn }) =>
          new Promise((resolve) => {
            withdrawn.addEventListener('abort', () => resolve(null));
            const able = question.kind !== 'choice' || question.options[0]?.disabled === undefined;
            const reply: Reply = { event: { type: 'answer', question: question.id, value: 'next' } };
            if (able) resolve(reply);
            // Nobody looks again: the answer comes from what was known before.
            else if (!readsOptions) setTimeout(() => resolve(reply), 20);
          }),
      });
      await end;
      return told.asked;
    };
    expect(await askedOn(true)).toEqual(['menu', 'menu', 'next']);
    expect(await askedOn(false)).toEqual(['menu', 'next']);
  });

  it('starts, asks each question once, and ends with the outcome', async () => {
    const { end, told } = play({ screens: [screen(goOn('a')), screen(goOn('b'))] });
    expect((await end).outcome).toEqual({ outcome: 'verified', exitStatus: 0 });
    expect(told.asked).toEqual(['a', 'b']);
    expect(told.events.map(({ type }) => type)).toEqual(['start', 'answer', 'answer']);
  });

  it('shows an answer that the surface did not show itself', async () => {
    const { end, told } = play({
      screens: [screen(confirm('a'))],
      answer: async () => ({
        event: { type: 'answer', question: 'a', value: 'no' },
        said: 'no (--confirm db)',
      }),
    });
    await end;
    expect(told.shown.slice(-2)).toEqual(['? Run it?', '  > no (--confirm db)']);
  });

  it('waits for events while work is under way, and shows each state on the way', async () => {
    const states = ['one', 'two', 'three'].map((word) => screen(wait(), { blocks: text(word) }));
    let finish: () => void = () => undefined;
    const idle = new Promise<void>((resolve) => (finish = resolve));
    const { end, told } = play({
      screens: states,
      on: (event) => (event.type === 'start' ? { tasks: [{ type: 'check' }], stay: true } : {}),
      perform(_task, emit) {
        setImmediate(() => {
          emit({ type: 'verify-failed', error: { message: '', explanation: '', advice: '' } });
          emit({ type: 'verify-failed', error: { message: '', explanation: '', advice: '' } });
          emit({ type: 'verify-failed', error: { message: '', explanation: '', advice: '' } });
          finish();
        });
      },
      idle: () => idle,
    });
    await end;
    expect(told.shown.filter((line) => /one|two|three/.test(line))).toEqual(['one', 'two', 'three']);
    expect(told.asked).toEqual([]);
    expect(told.waits).toContain('Working');
    expect(told.waits.at(-1)).toBeNull();
  });

  it('does not return before the last task is done, and takes what it still brings', async () => {
    const order: string[] = [];
    let pending = false;
    const { end, told } = play({
      screens: [screen(goOn('a'))],
      on: (event) =>
        event.type === 'answer' ? { tasks: [{ type: 'write-report' }] } : { stay: event.type === 'start' },
      perform(_task, emit) {
        pending = true;
        setImmediate(() => {
          pending = false;
          order.push('task');
          emit({ type: 'report-written', markdownPath: 'r.md', jsonPath: 'r.json', summary: [] });
        });
      },
      async idle() {
        while (pending) await new Promise((resolve) => setImmediate(resolve));
      },
    });
    await end;
    order.push('end');
    expect(order).toEqual(['task', 'end']);
    expect(told.events.at(-1)?.type).toBe('report-written');
  });

  it('withdraws a question that an event has overtaken', async () => {
    let withdrawn = false;
    let emitLater: (event: Event) => void = () => undefined;
    const { end } = play({
      screens: [screen(confirm('old')), screen(goOn('new'))],
      on: (event) => (event.type === 'start' ? { tasks: [{ type: 'check' }], stay: true } : {}),
      perform(_task, emit) {
        emitLater = emit;
      },
      answer: (asked) =>
        asked.screen.question.id === 'new'
          ? Promise.resolve({ event: { type: 'answer', question: 'new', value: 'next' } })
          : new Promise((resolve) => {
              asked.withdrawn.addEventListener('abort', () => {
                withdrawn = true;
                resolve(null);
              });
              emitLater({ type: 'connected', server: {} as never });
            }),
    });
    await end;
    expect(withdrawn).toBe(true);
  });

  it('keeps a question on the screen when an event leaves it as it was', async () => {
    let emitLater: (event: Event) => void = () => undefined;
    const { end, told } = play({
      screens: [screen(goOn('a'))],
      on: (event) => {
        if (event.type === 'start') return { tasks: [{ type: 'check' }], stay: true };
        return { stay: event.type === 'connected' };
      },
      perform(_task, emit) {
        emitLater = emit;
      },
      async answer() {
        emitLater({ type: 'connected', server: {} as never });
        await new Promise((resolve) => setImmediate(resolve));
        return { event: { type: 'answer', question: 'a', value: 'next' } };
      },
    });
    await end;
    expect(told.asked).toEqual(['a']);
  });

  it('fails with what the surface failed with', async () => {
    const { end } = play({
      screens: [screen(goOn('a'))],
      answer: () => Promise.reject(new Error('no answer')),
    });
    await expect(end).rejects.toThrow('no answer');
  });

  it('fails instead of waiting for ever when nothing is under way', async () => {
    const { end } = play({ screens: [screen(wait())] });
    await expect(end).rejects.toThrow('"Working" waits for work, but none is under way');
  });

  it('turns an interruption into the cancel of this screen', async () => {
    let interrupt: () => void = () => undefined;
    let listening = true;
    let finish: () => void = () => undefined;
    const idle = new Promise<void>((resolve) => (finish = resolve));
    const { end, told } = play({
      screens: [screen(wait(), { actions: [action('leave'), action('cancel')] })],
      idle: () => idle,
      onInterrupt(listener) {
        interrupt = listener;
        setImmediate(() => {
          interrupt();
          finish();
        });
        return () => (listening = false);
      },
    });
    await end;
    expect(told.events).toContainEqual({ type: 'action', action: 'cancel' });
    expect(listening).toBe(false);
  });
});

describe('interruption', () => {
  it('cancels, else asks to leave, else does nothing', () => {
    const able = action('cancel');
    const unable = action('cancel', { enabled: false, reason: 'committing' });
    expect(interruption(screen(wait(), { actions: [action('leave'), able] }))).toMatchObject({
      action: 'cancel',
    });
    expect(interruption(screen(wait(), { actions: [action('leave'), unable] }))).toMatchObject({
      action: 'leave',
    });
    expect(interruption(screen(wait(), { actions: [unable] }))).toBeNull();
  });
});
