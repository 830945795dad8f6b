/** A drill's stage for an operator: on its way while the first frame stands, and taken away when they have left. */
import { resolve } from 'node:path';
import { liveDrill } from '../practice/drill/live.ts';
import type { Stage } from '../practice/drill/stage.ts';
import type { Drill } from '../practice/drill/types.ts';
import type { Spares } from '../practice/spare.ts';
import type { Options } from './args.ts';
import type { Place } from './begin.ts';
import type { Io } from './io.ts';
import { runbookPath } from './load.ts';
import { personOf } from './practice-judged.ts';
import { optionsOf } from './practice-play.ts';
import { enterFolder, stageFor } from './practice-stage.ts';
import type { Staged } from './practice-walks.ts';

/** Paths that were given from where backout was started: a drill works in a folder of its own. */
export const fromHere = (io: Io, options: Options): Options => ({
  ...options,
  runbook: runbookPath(io, options, null),
  ...(options.config === undefined ? {} : { config: resolve(options.config) }),
  ...(options.backup === undefined ? {} : { backup: resolve(options.backup) }),
  ...(options.project === undefined ? {} : { project: resolve(options.project) }),
});

/** The embedded database as it is, on its way: the first screen does not wait for it. */
export function plainPlace(io: Io, spares: Spares): { place: Place; stop(): Promise<void> } {
  const started = spares.take();
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

/** On the embedded database it is known at once, and the story is read while that is made ready. */
async function simulatedOn(io: Io, drill: Drill, stage: Promise<Stage>): Promise<string[]> {
  if (drill.stage !== 'server') return drill.simulated;
  const { whyNoServer } = await import('../practice/server/stage.ts');
  const whyNot = whyNoServer(io.env['PATH']);
  return whyNot === null ? (await stage).simulated : [whyNot, ...drill.simulated];
}

/** @param options as {@link fromHere} makes them */
export function stagedFor(io: Io, options: Options, spares: Spares): (drill: Drill | null) => Staged {
  return (drill) => {
    if (!drill) {
      const ready = Promise.resolve({ simulated: [], injector: null });
      return { ...plainPlace(io, spares), options, ready };
    }
    const leave = enterFolder(drill);
    const stage = stageFor(io, drill, options, spares);
    let made: Stage | null = null;
    stage.then(
      (one) => (made = one),
      () => undefined,
    );
    const live = liveDrill({ drill, stage, person: personOf(io, options) });
    const connection = stage.then((one) => one.connection);
    // The connect task tells of a failure.
    connection.catch(() => undefined);
    return {
      place: { connection, embedded: true, seconds: () => made?.seconds },
      options: optionsOf(drill, options),
      ready: simulatedOn(io, drill, stage).then((simulated) => ({ simulated, injector: live.injector })),
      around: live.around,
      tasks: live.tasks,
      onJournal(event) {
        live.heard(event);
        // The first look is over: the machine has time to make the next one ready.
        if (event.type === 'prerequisites') spares.prepare();
      },
      async stop() {
        await live.injector.close();
        await (await stage.catch(() => null))?.stop();
        leave();
      },
    };
  };
}
