/** Embedded databases, one of them kept ready in the background, so that a drill begins anew at once. */
import type { Embedded } from './embedded.ts';

export interface Spares {
  /** One that is ready, or on its way. @throws {UserError} 69 */
  take(): Promise<Embedded>;
  /** Makes one ready, unless there is one. */
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
      spare ??= made();
    },
    async stop() {
      const left = spare;
      spare = null;
      await (await left?.catch(() => null))?.stop();
    },
  };
}
