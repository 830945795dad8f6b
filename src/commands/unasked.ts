/** A run in plain lines that nobody is asked in: from flags, or from a script. */
import { drive, type LineSurface } from '../plain/driver.ts';
import type { State } from '../wizard/types.ts';
import type { Begun } from './begin.ts';
import type { Io } from './io.ts';
import { ending, exitStatusOf, lastWords } from './leave.ts';
import { watchSignals } from './watch.ts';

/** Drives the run to its end and says its last words; a signal cancels what runs. Returns the exit status. */
export async function runUnasked(
  io: Io,
  begun: Begun,
  say: (text: string) => Promise<void>,
  answer: LineSurface['answer'],
  ended: (last: State) => void = () => undefined,
): Promise<number> {
  const { screenOf, roadOf } = await import('../steps/index.ts');
  const watch = watchSignals(io, { asksOnControlC: false });
  const surface = watch.guard({ show: (lines) => say(`${lines.join('\n')}\n`), answer });
  try {
    return await ending(
      () => begun,
      async () => {
        const { initial, reduce, perform, idle } = begun;
        const last = await drive({ state: initial, reduce, screenOf, roadOf, perform, idle, surface });
        await say(`\n${lastWords(last, begun.folder(), await begun.settle()).join('\n')}\n`);
        ended(last);
        return exitStatusOf(last);
      },
    );
  } finally {
    watch.release();
  }
}
