/** `backout run`: a rollback without an operator. Every answer is an option; nothing is assumed. */
import { unattended, type GivenAnswers } from '../plain/unattended.ts';
import { drive, type LineSurface } from '../plain/driver.ts';
import type { Options } from './args.ts';
import { beginRun } from './begin.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { ending, exitStatusOf, lastWords } from './leave.ts';
import { connectionOf } from './load.ts';
import { watchSignals } from './watch.ts';

function givenAnswers({ confirm, choose, reason, accept, answers }: Options): GivenAnswers {
  if (confirm === undefined || choose === undefined) throw new Error('the command line was not checked');
  return { confirm, choose, accept, answers, ...(reason === undefined ? {} : { reason }) };
}

export async function runCommand(io: Io, options: Options): Promise<number> {
  const { screenOf, roadOf } = await import('../steps/index.ts');
  // With --json, standard output belongs to the events alone.
  const say = options.json ? io.err : io.out;
  let written: Promise<void> = Promise.resolve();
  const begun = await beginRun(io, {
    options,
    positional: null,
    surface: 'unattended',
    place: { connection: Promise.resolve(connectionOf(io, options)), embedded: false },
    ...(options.json
      ? {
          onJournal: (event) => {
            written = io.out(toJson(event, 0));
          },
        }
      : {}),
  });
  const surface: LineSurface = {
    show: (lines) => say(`${lines.join('\n')}\n`),
    answer: unattended(givenAnswers(options)),
  };
  const watch = watchSignals(io, { asksOnControlC: false });
  try {
    return await ending(
      () => begun,
      async () => {
        const { initial, reduce, perform, idle } = begun;
        const last = await drive({
          state: initial,
          reduce,
          screenOf,
          roadOf,
          perform,
          idle,
          surface: watch.guard(surface),
        });
        await say(`\n${lastWords(last, begun.folder()).join('\n')}\n`);
        return exitStatusOf(last);
      },
    );
  } finally {
    watch.release();
    await written;
  }
}
