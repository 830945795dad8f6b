/** Playing a drill in a test: on its own stage, in its own folder, with a state folder that is thrown away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../../src/commands/args.ts';
import { processIo, type Io } from '../../../src/commands/io.ts';
import { optionsOf, playDrill, type Played } from '../../../src/commands/practice-play.ts';
import { enterFolder, stageFor } from '../../../src/commands/practice-stage.ts';
import type { Drill, Play } from '../../../src/practice/drill/types.ts';
import { startEmbedded } from '../../../src/practice/embedded.ts';
import { createSpares } from '../../../src/practice/spare.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export function testIo(state: string, env: NodeJS.ProcessEnv = {}): Io {
  return {
    ...processIo({ version: '0.0.0', root: ROOT }),
    env: { PATH: process.env['PATH'], XDG_STATE_HOME: state, ...env },
    home: state,
    out: () => Promise.resolve(),
    err: () => Promise.resolve(),
  };
}

export const NO_OPTIONS = (() => {
  const parsed = parseCommandLine(['practice']);
  if (parsed.kind !== 'command') throw new Error('no command');
  return parsed.options;
})();

/** What the play said on the way is in `shown`. */
export async function played(
  drill: Drill,
  play: Pick<Play, 'answers'>,
  more: { env?: NodeJS.ProcessEnv } = {},
): Promise<Played & { shown: string }> {
  const state = mkdtempSync(join(tmpdir(), 'backout-test-'));
  const io = testIo(state, more.env);
  const spares = createSpares(startEmbedded);
  const leave = enterFolder(drill);
  let shown = '';
  try {
    const stage = await stageFor(io, drill, NO_OPTIONS, spares);
    try {
      const options = optionsOf(drill, NO_OPTIONS);
      const say = async (text: string): Promise<void> => void (shown += text);
      return { ...(await playDrill(io, { drill, play, stage, options, say })), shown };
    } catch (error) {
      throw new Error(`${String(error)}\n${shown}`, { cause: error });
    } finally {
      await stage.stop();
    }
  } finally {
    await spares.stop();
    leave();
    rmSync(state, { recursive: true, force: true });
  }
}
