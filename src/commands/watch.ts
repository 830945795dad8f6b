/** Signals while the wizard is driven in lines: the first stops it in order, the second at once. */
import type { Asked, LineSurface } from '../plain/driver.ts';
import { signalStatus, type StopSignal } from '../terminal/signals.ts';
import type { Io } from './io.ts';

/** A signal asked us to stop; whatever ran was cancelled or has ended. */
export class Stopped extends Error {
  readonly exitStatus: number;

  constructor(readonly signal: StopSignal) {
    super(`Stopped by ${signal}.`);
    this.name = 'Stopped';
    this.exitStatus = signalStatus(signal);
  }
}

export interface Watch {
  /** The surface, which now ends with {@link Stopped} at the next question after a signal. */
  guard(surface: LineSurface): LineSurface;
  release(): void;
}

export interface WatchOptions {
  /** With an operator, Ctrl-C cancels what runs and asks; without one it stops like every other signal. */
  asksOnControlC: boolean;
}

/** Listens until released. */
export function watchSignals(io: Pick<Io, 'onSignal' | 'exit' | 'err'>, options: WatchOptions): Watch {
  const stopping = new AbortController();
  const listeners = new Set<() => void>();
  let stopped: StopSignal | null = null;

  const release = io.onSignal((signal) => {
    if (signal === 'SIGINT' && options.asksOnControlC) {
      for (const listener of listeners) listener();
      return;
    }
    if (stopped) {
      io.exit(signalStatus(signal));
      return;
    }
    stopped = signal;
    void io.err(
      `Stopping because of ${signal}. A step that is under way is cancelled. Once more leaves at once.\n`,
    );
    for (const listener of listeners) listener();
    stopping.abort();
  });

  const check = (): void => {
    if (stopped) throw new Stopped(stopped);
  };

  return {
    guard: (surface) => ({
      ...surface,
      async answer(asked: Asked) {
        check();
        const withdrawn = AbortSignal.any([asked.withdrawn, stopping.signal]);
        const reply = await surface.answer({ ...asked, withdrawn });
        check();
        return reply;
      },
      onInterrupt(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    release,
  };
}
