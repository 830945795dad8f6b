/**
 * The wizard's state outside React, and what comes in from all sides put in order: events of tasks, keys, the
 * clock, the terminal's size. A frame is offered a dozen times a second at most, however much happens.
 */
import type { Input } from '../terminal/keys.ts';
import type { Size } from '../terminal/screen.ts';
import type { Event, Reduce, RoadStop, Screen, State, Task } from '../wizard/types.ts';
import { composeFrame, type Scene } from './compose.ts';
import { press, type TerminalCommand } from './press.ts';
import { freshView, viewFor, type View } from './view.ts';

export interface StoreOptions {
  initial: State;
  reduce: Reduce;
  screenOf(state: State): Screen;
  roadOf(state: State): RoadStop[];
  perform(task: Task, emit: (event: Event) => void): void;
  size: Size;
  /** ms since the epoch. */
  now?(): number;
  /** False for screen readers: what changes by itself is read out again and again. */
  ticks?: boolean;
  onCommand(command: TerminalCommand): void;
  /** Called once, when the wizard's outcome is set. */
  onOutcome(): void;
}

export interface Store {
  /** What is to be drawn; the same object until `subscribe`'s listener was called. */
  scene(): Scene;
  state(): State;
  subscribe(listener: () => void): () => void;
  dispatch(event: Event): void;
  input(input: Input, at: number): void;
  resize(size: Size): void;
  /** Stops the clocks. */
  close(): void;
}

/** Twelve frames a second: enough to read along, little enough for a slow line. */
const FRAME_MS = 80;
/** How long a question stands before it takes keys; longer than a frame takes to be drawn. */
export const ARM_MS = 150;
const SECOND = 1000;
const MINUTE = 60_000;

/** A store with the wizard's first screen; nothing happens before the first `dispatch`. */
export function createStore(options: StoreOptions): Store {
  const now = options.now ?? Date.now;
  const startedAt = now();
  const listeners = new Set<() => void>();
  const queue: Event[] = [];
  let running = false;
  let state = options.initial;
  let screen = options.screenOf(state);
  let view: View = freshView(screen);
  let size = options.size;
  let drawn: Scene = sceneNow();
  let ended = false;
  let closed = false;
  let frame: NodeJS.Timeout | undefined;
  let tick: NodeJS.Timeout | undefined;
  let lastFrameAt = Number.NEGATIVE_INFINITY;

  function sceneNow(): Scene {
    return { state, screen, road: options.roadOf(state), view, size, now: now(), startedAt };
  }

  function draw(): void {
    frame = undefined;
    if (closed) return;
    lastFrameAt = performance.now();
    drawn = sceneNow();
    for (const listener of listeners) listener();
    arm(drawn.screen.question.id);
    scheduleTick();
  }

  function changed(): void {
    if (closed || frame !== undefined) return;
    const wait = lastFrameAt + FRAME_MS - performance.now();
    if (wait <= 0) draw();
    else frame = setTimeout(draw, wait);
  }

  let arming: string | null = null;
  function arm(question: string): void {
    if (view.armed || arming === question) return;
    arming = question;
    // After the timer one turn of the loop, so that keys that were already waiting to be read are read, and
    // dropped, before the question takes any.
    setTimeout(
      () =>
        setImmediate(() => {
          if (arming === question) arming = null;
          if (view.question !== question || view.armed) return;
          view = { ...view, armed: true };
          changed();
        }),
      ARM_MS,
    ).unref();
  }

  function scheduleTick(): void {
    clearTimeout(tick);
    if (options.ticks === false) return;
    const delay = screen.question.kind === 'wait' ? SECOND : MINUTE;
    tick = setTimeout(changed, delay - ((now() - startedAt) % delay));
    tick.unref();
  }

  function show(next: View): void {
    view = next;
    changed();
  }

  function take(event: Event): void {
    const result = options.reduce(state, event);
    if (result.state !== state) {
      state = result.state;
      screen = options.screenOf(state);
      view = viewFor(view, screen);
    }
    for (const task of result.tasks) options.perform(task, dispatch);
  }

  /** A task may answer while it is being handed over: events wait for each other. */
  function dispatch(event: Event): void {
    queue.push(event);
    if (running) return;
    running = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) take(next);
    } finally {
      running = false;
    }
    changed();
    if (state.outcome !== null && !ended) {
      ended = true;
      options.onOutcome();
    }
  }

  return {
    scene: () => drawn,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch,
    input(input, at) {
      if (closed || ended) return;
      const { scrolling, tooSmall } = composeFrame(sceneNow());
      const pressed = press(view, input, at, { screen, scrolling, blind: tooSmall !== null });
      show(pressed.view);
      for (const event of pressed.events) dispatch(event);
      if (pressed.command !== undefined) options.onCommand(pressed.command);
    },
    resize(next) {
      size = next;
      changed();
    },
    close() {
      closed = true;
      clearTimeout(frame);
      clearTimeout(tick);
    },
  };
}
