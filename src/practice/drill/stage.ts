/** Prepares everything that a drill needs, and takes it away again. It leads to no database but one made for it. */
import type { RuntimeOptions } from '../../runtime/types.ts';
import type { Embedded } from '../embedded.ts';
import { embeddedStage } from './embedded-stage.ts';
import { countAfter, countBefore, type Count } from './keeps.ts';
import type { OtherRunOf } from './operator.ts';
import type { Scene } from './scene.ts';
import type { Drill, EndState } from './types.ts';

/** A database with its drill set up. */
export interface Base {
  /** A real server: sessions beside the wizard's are real. */
  server: boolean;
  url: string;
  scene: Scene;
  count: Count;
  stop(): Promise<void>;
}

export interface Stage {
  drill: Drill;
  /** What the wizard connects with: nothing of the operator's own settings is in it. */
  connection: RuntimeOptions['connection'];
  /** What a second session of the wizard meets. */
  seconds: 'simulated' | 'real';
  /** What of it is simulated here, a sentence each. */
  simulated: string[];
  scene: Scene;
  /** What is there now, beside what was there at the beginning. Between transactions. */
  keeps(acted: boolean): Promise<EndState['keeps']>;
  stop(): Promise<void>;
}

export interface StageOptions extends OtherRunOf {
  /** A fresh embedded database. */
  embedded(): Promise<Embedded>;
  home: string;
  osUser: string;
  /** Absent: drills that want a real server are simulated. */
  startServer?: (
    drill: Drill,
    other: OtherRunOf,
  ) => Promise<{ base: Base; simulated: string[] } | { whyNot: string }>;
}

/**
 * Makes the stage of a drill ready.
 * @throws {UserError} 69 when no database can be had
 * @throws {DatabaseError} when the drill's set-up fails
 */
export async function stageDrill(drill: Drill, options: StageOptions): Promise<Stage> {
  const { base, simulated } = await baseOf(drill, options);
  const before = await countBefore(drill.keeps, base.count);
  return {
    drill,
    connection: {
      url: base.url,
      urlOrigin: 'practice',
      env: {},
      home: options.home,
      osUser: options.osUser,
    },
    seconds: base.server ? 'real' : 'simulated',
    simulated,
    scene: base.scene,
    keeps: (acted) => countAfter(drill.keeps, before, { count: base.count, acted }),
    stop: () => base.stop(),
  };
}

async function baseOf(drill: Drill, options: StageOptions): Promise<{ base: Base; simulated: string[] }> {
  const wants = drill.stage === 'server';
  const real = wants && options.startServer ? await options.startServer(drill, options) : null;
  if (real && 'base' in real) return real;
  const why = real && 'whyNot' in real ? [real.whyNot] : [];
  const embedded = await options.embedded();
  try {
    const base = await embeddedStage(embedded, drill, options);
    return { base, simulated: [...why, ...drill.simulated] };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
