/** A drill that ships, played by what plays drills anywhere: on a stage of its own, in its own folder, every run to its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../src/commands/args.ts';
import { processIo, shippedRunbook, type Io } from '../../src/commands/io.ts';
import { loadPlan } from '../../src/commands/load.ts';
import { optionsOf, playDrill, type Played } from '../../src/commands/practice-play.ts';
import { makeFolder } from '../../src/practice/drill/folder.ts';
import { drillsOf } from '../../src/practice/drill/list.ts';
import { stageDrill } from '../../src/practice/drill/stage.ts';
import type { Drill, Play } from '../../src/practice/drill/types.ts';
import { startEmbedded } from '../../src/practice/embedded.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Beside the runbook that ships, in the order of their files. */
export const shippedDrills = (): Promise<Drill[]> => drillsOf(shippedRunbook({ root }));

function ioIn(state: string): Io {
  return {
    ...processIo({ version: '0.0.0-test', root }),
    out: () => Promise.resolve(),
    err: () => Promise.resolve(),
    interactive: false,
    keyboard: false,
    env: { XDG_STATE_HOME: state },
    osUser: 'trainee',
    onSignal: () => () => undefined,
  };
}

/** Plays it once. What needs two sessions is simulated, so that it runs the same everywhere. */
export async function played(drill: Drill, play: Pick<Play, 'answers'>): Promise<Played> {
  const parsed = parseCommandLine(['practice']);
  if (parsed.kind !== 'command') throw new Error('practice is no command');
  const state = await mkdtemp(join(tmpdir(), 'backout-drills-'));
  const io = ioIn(state);
  const { runbook, plan } = await loadPlan(shippedRunbook(io));
  const folder = makeFolder(drill.files);
  const before = process.cwd();
  const stage = await stageDrill(drill, {
    runbook,
    plan,
    version: io.version,
    home: state,
    osUser: io.osUser,
    embedded: startEmbedded,
  });
  process.chdir(folder.path);
  try {
    const options = optionsOf(drill, parsed.options);
    return await playDrill(io, { drill, play, stage, options, say: () => Promise.resolve() });
  } finally {
    process.chdir(before);
    await stage.stop();
    folder.remove();
    await rm(state, { recursive: true, force: true });
  }
}
