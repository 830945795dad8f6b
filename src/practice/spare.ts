/** Embedded databases, one of them kept ready in the background, so that a drill begins anew at once. */
import { freemem } from 'node:os';
import type { Embedded } from './embedded.ts';

/** One that is kept ready takes some 360 MB (bench/practice.mjs): not on a machine that has little left. */
const ROOM_BYTES = 1.5e9;

export interface Spares {
  /** One that is ready, or on its way. @throws {UserError} 69 */
  take(): Promise<Embedded>;
  /** Makes one ready, unless there is one or memory is short. */
  prepare(): void;
  /** Ends what nobody took. */
  stop(): Promise<void>;
}

export function createSpares(start: () => Promise<Embedded>): Spares {
  let spare: Promise<Embedded> | null = null;

  function made(): Promise<Embedded> {
    const making = start();
    // Whoever takes it hears of a failure.
    making.catch(() => undefined);
    return making;
  }

  return {
    take() {
      const taken = spare ?? made();
      spare = null;
      return taken;
    },
    prepare() {
      if (spare === null && freemem() > ROOM_BYTES) spare = made();
    },
    async stop() {
      const left = spare;
      spare = null;
      await (await left?.catch(() => null))?.stop();
    },
  };
}
