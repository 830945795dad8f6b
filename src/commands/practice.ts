/** `backout practice`: the wizard on an embedded database; without a terminal it plays itself. */
import { drive, type LineSurface } from '../plain/driver.ts';
import type { Options } from './args.ts';
import { beginRun, type Place } from './begin.ts';
import type { Io } from './io.ts';
import { ending, exitStatusOf, lastWords } from './leave.ts';
import { walk } from './walk.ts';
import { watchSignals } from './watch.ts';

const PLAYS_ITSELF = [
  'PRACTICE on an embedded database. There is no terminal here, so nobody can answer:',
  'backout plays itself, with scripted answers. Every statement really runs; no database of yours is touched.',
];

/** The embedded database, on its way: the first screen does not wait for it. */
function embeddedPlace(io: Io): { place: Place; stop(): Promise<void> } {
  const started = import('../practice/embedded.ts').then(({ startEmbedded }) => startEmbedded());
  const connection = started.then(({ url }) => ({
    url,
    urlOrigin: 'the embedded practice database',
    // Nothing of the operator's own settings may lead practice anywhere else.
    env: {},
    home: io.home,
    osUser: io.osUser,
  }));
  // The connect task tells of a failure.
  connection.catch(() => undefined);
  return {
    place: { connection, embedded: true },
    async stop() {
      await (await started.catch(() => null))?.stop();
    },
  };
}

async function playItself(io: Io, options: Options, place: Place): Promise<number> {
  await io.out(`${PLAYS_ITSELF.join('\n')}\n`);
  const [{ screenOf, roadOf }, { practiceAnswers }] = await Promise.all([
    import('../steps/index.ts'),
    import('../practice/script.ts'),
  ]);
  const begun = await beginRun(io, { options, positional: null, place, surface: 'self-play' });
  const answered = new Set<string>();
  const surface: LineSurface = {
    show: (lines) => io.out(`${lines.join('\n')}\n`),
    async answer({ screen: { question }, state }) {
      if (answered.has(question.id)) throw new Error(`the scripted answer to ${question.id} was not taken`);
      answered.add(question.id);
      const value = practiceAnswers(question, state);
      return {
        event: { type: 'answer', question: question.id, value },
        ...(question.kind === 'continue' ? {} : { said: `${value} (scripted)` }),
      };
    },
  };
  const watch = watchSignals(io, { asksOnControlC: false });
  try {
    return await ending(
      () => begun,
      async () => {
        const { initial, reduce, perform, idle } = begun;
        const guarded = watch.guard(surface);
        const last = await drive({
          state: initial,
          reduce,
          screenOf,
          roadOf,
          perform,
          idle,
          surface: guarded,
        });
        await io.out(`\n${lastWords(last, begun.folder()).join('\n')}\n`);
        return exitStatusOf(last);
      },
    );
  } finally {
    watch.release();
  }
}

export async function practiceCommand(io: Io, options: Options): Promise<number> {
  const { place, stop } = embeddedPlace(io);
  try {
    const asked = io.interactive || (options.plain && io.keyboard);
    return await (asked ? walk(io, { options, positional: null, place }) : playItself(io, options, place));
  } finally {
    await stop();
  }
}
