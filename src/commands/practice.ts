/** `backout practice`: the wizard on an embedded database; without a terminal it plays itself. */
import type { Options } from './args.ts';
import { beginRun, rollbackBy, type Place } from './begin.ts';
import type { Io } from './io.ts';
import { runUnasked } from './unasked.ts';
import { runbookPath } from './load.ts';
import { checkTerminal } from './walk.ts';

const PLAYS_ITSELF = [
  'PRACTICE on an embedded database. There is no terminal here, so nobody can answer:',
  'backout plays itself, with scripted answers. Every statement really runs; no database of yours is touched.',
];

/** The embedded database, on its way: the first screen does not wait for it. */
function embeddedPlace(io: Io, hoursAgo?: number): { place: Place; stop(): Promise<void> } {
  const started = import('../practice/embedded.ts').then(({ startEmbedded }) => startEmbedded({ hoursAgo }));
  const connection = started.then(({ url }) => ({
    url,
    urlOrigin: 'practice',
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
  const { practiceAnswers } = await import('../practice/script.ts');
  const begun = await beginRun(io, {
    options,
    subject: rollbackBy(io, options, null),
    place,
    surface: 'self-play',
  });
  const answered = new Set<string>();
  return runUnasked(io, begun, io.out, async ({ screen: { question }, state }) => {
    if (answered.has(question.id)) throw new Error(`the scripted answer to ${question.id} was not taken`);
    answered.add(question.id);
    const value = practiceAnswers(question, state);
    return {
      event: { type: 'answer', question: question.id, value },
      ...(question.kind === 'continue' ? {} : { said: `${value} (scripted)` }),
    };
  });
}

/** With an operator: from the list into a drill, or straight into the plain walk where there are no drills. */
async function withOperator(io: Io, options: Options): Promise<number> {
  checkTerminal(io, options);
  const [{ usableDrills }, { practise }] = await Promise.all([
    import('./practice-open.ts'),
    import('./practice-walks.ts'),
  ]);
  const { drills, broken } = await usableDrills(runbookPath(io, options, null));
  return practise(io, options, {
    drills,
    broken,
    first: drills.length + broken.length === 0 ? { kind: 'free' } : null,
    stage: (drill) => ({
      ...embeddedPlace(io, drill?.migratedHoursAgo),
      options,
      simulated: drill?.simulated ?? [],
    }),
    reached: () => Promise.resolve({}),
    random: Math.random,
  });
}

export async function practiceCommand(io: Io, options: Options): Promise<number> {
  if (io.interactive || (options.plain && io.keyboard)) return withOperator(io, options);
  const { place, stop } = embeddedPlace(io);
  try {
    return await playItself(io, options, place);
  } finally {
    await stop();
  }
}
