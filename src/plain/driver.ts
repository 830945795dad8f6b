/**
 * Drives the wizard on a surface of lines: shows what is new, asks the one question, hands the answer in, until
 * there is an outcome and nothing is under way any more. Knows neither terminal nor database.
 */
import type { Event, Question, Reduce, RoadStop, Screen, State, Task } from '../wizard/types.ts';
import { LINE_WIDTH } from './lines.ts';
import { NOTHING_SHOWN, whatIsNew } from './news.ts';
import { wrap } from './width.ts';

export interface Asked {
  screen: Screen;
  state: State;
  /** Aborted when the question was overtaken by an event: the answer is no longer wanted. */
  withdrawn: AbortSignal;
}

export interface Reply {
  event: Event;
  /** The answer in words, shown after the question; absent when the surface itself has shown it. */
  said?: string;
}

export interface LineSurface {
  show(lines: readonly string[]): Promise<void>;
  /** Resolves with null when the question was withdrawn. */
  answer(asked: Asked): Promise<Reply | null>;
  /** Work is under way (a wait question), or no longer (null). */
  waiting?(question: Extract<Question, { kind: 'wait' }> | null): void;
  /** Calls back when the operator interrupts (Ctrl-C, a signal); returns how to stop listening. */
  onInterrupt?(listener: () => void): () => void;
  /** Somebody reads what can be answered: where that changes, the question is asked anew. */
  readsOptions?: boolean;
}

export interface DriveOptions {
  state: State;
  reduce: Reduce;
  screenOf: (state: State) => Screen;
  roadOf: (state: State) => RoadStop[];
  perform: (task: Task, emit: (event: Event) => void) => void;
  /** Resolves when no task is under way. */
  idle: () => Promise<void>;
  surface: LineSurface;
}

/** What an interruption means on this screen: cancel what runs, otherwise ask to leave, otherwise nothing. */
export function interruption(screen: Screen): Event | null {
  const able = (id: 'cancel' | 'leave'): boolean =>
    screen.actions.some((action) => action.id === id && action.enabled);
  if (able('cancel')) return { type: 'action', action: 'cancel' };
  return able('leave') ? { type: 'action', action: 'leave' } : null;
}

/** A question that a surface answered by itself, and what it answered. */
function questionAndAnswer(prompt: string, said: string): string[] {
  return [...wrap(`? ${prompt}`, LINE_WIDTH), `  > ${said}`];
}

/** What is asked, and which of its options can be had. */
function offerOf(question: Question): string {
  const options = question.kind === 'choice' ? question.options : [];
  return JSON.stringify([question.id, options.map(({ value, disabled }) => [value, disabled ?? null])]);
}

interface Pending {
  /** A question that is still asked for this is left alone. */
  key: string;
  withdraw: AbortController;
}

class Drive {
  private state: State;
  private shown = NOTHING_SHOWN;
  private readonly queue: Event[] = [];
  private wake: () => void = () => {};
  private pending: Pending | null = null;
  private failure: { error: unknown } | null = null;

  constructor(private readonly options: DriveOptions) {
    this.state = options.state;
  }

  private keyOf(question: Question): string {
    return this.options.surface.readsOptions === true ? offerOf(question) : question.id;
  }

  private readonly emit = (event: Event): void => {
    this.queue.push(event);
    this.wake();
  };

  private arrived(): Promise<void> {
    if (this.queue.length > 0 || this.failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async showNews(screen: Screen): Promise<void> {
    const news = whatIsNew(this.shown, screen, this.options.roadOf(this.state));
    this.shown = news.shown;
    if (news.lines.length === 0) return;
    this.options.surface.waiting?.(null);
    await this.options.surface.show(news.lines);
  }

  /** Takes every event that has arrived, one by one, so that no state on the way goes unseen. */
  private async digest(): Promise<void> {
    for (let event = this.queue.shift(); event; event = this.queue.shift()) {
      const next = this.options.reduce(this.state, event);
      this.state = next.state;
      for (const task of next.tasks) this.options.perform(task, this.emit);
      const screen = this.options.screenOf(this.state);
      // Lines between a prompt and its answer would tear the prompt apart: they come with the next change of question.
      if (this.pending?.key === this.keyOf(screen.question)) continue;
      await this.withdrawAnswer();
      await this.showNews(screen);
    }
  }

  private ask(screen: Screen): void {
    const withdraw = new AbortController();
    const pending = { key: this.keyOf(screen.question), withdraw };
    this.pending = pending;
    const asked = { screen, state: this.state, withdrawn: withdraw.signal };
    this.options.surface
      .answer(asked)
      .then((reply) => this.replied(pending, screen, reply))
      .catch((error: unknown) => this.fail(error));
  }

  private async replied(pending: Pending, screen: Screen, reply: Reply | null): Promise<void> {
    if (this.pending !== pending) return;
    if (reply?.said !== undefined) {
      await this.options.surface.show(questionAndAnswer(screen.question.prompt, reply.said));
    }
    this.pending = null;
    if (reply) this.emit(reply.event);
    else this.wake();
  }

  private fail(error: unknown): void {
    this.failure = { error };
    this.wake();
  }

  private async withdrawAnswer(): Promise<void> {
    if (!this.pending) return;
    this.pending.withdraw.abort();
    this.pending = null;
    // A prompt that is taken back ends its own line, in microtasks: what is told next begins behind it.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private async wait(question: Extract<Question, { kind: 'wait' }>): Promise<void> {
    await this.withdrawAnswer();
    this.options.surface.waiting?.(question);
    const what = await Promise.race([
      this.arrived().then(() => 'event' as const),
      this.options.idle().then(() => 'idle' as const),
    ]);
    if (what === 'idle' && this.queue.length === 0 && !this.failure) {
      throw new Error(`"${question.prompt}" waits for work, but none is under way`);
    }
  }

  private async turn(): Promise<void> {
    // An answer that came in since the last event is digested first: its question must not be asked again.
    if (this.queue.length > 0) return;
    const screen = this.options.screenOf(this.state);
    if (screen.question.kind === 'wait') return this.wait(screen.question);
    this.options.surface.waiting?.(null);
    if (this.pending?.key !== this.keyOf(screen.question)) {
      await this.withdrawAnswer();
      this.ask(screen);
    }
    return this.arrived();
  }

  private interrupt = (): void => {
    const event = interruption(this.options.screenOf(this.state));
    if (event) this.emit(event);
  };

  async run(): Promise<State> {
    const stopListening = this.options.surface.onInterrupt?.(this.interrupt);
    try {
      this.emit({ type: 'start' });
      for (;;) {
        await this.digest();
        if (this.failure) throw this.failure.error;
        if (this.state.outcome) {
          await this.options.idle();
          if (this.queue.length === 0) return this.state;
        } else {
          await this.turn();
        }
      }
    } finally {
      this.withdrawAnswer();
      this.options.surface.waiting?.(null);
      stopListening?.();
    }
  }
}

/**
 * Runs the wizard to its outcome and returns the last state.
 * @throws whatever the surface's `answer` throws (an unattended run that lacks an answer)
 */
export function drive(options: DriveOptions): Promise<State> {
  return new Drive(options).run();
}
