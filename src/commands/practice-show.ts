/** A drill shown where nobody can answer: its right play, and what is judged of it. */
import type { Spares } from '../practice/spare.ts';
import type { Drill } from '../practice/drill/types.ts';
import { toDisplay, toLine } from '../terminal/sanitize.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';
import { optionsOf, playDrill } from './practice-play.ts';
import { enterFolder, stageFor } from './practice-stage.ts';
import { fromHere } from './practice-staged.ts';

const PLAYS_ITSELF = [
  'PRACTICE on a database of its own. There is no terminal here, so nobody can answer:',
  'backout shows the drill, answering as its right play does. Every statement really runs; no database of yours is touched.',
];

/** @returns the exit status of the last run */
export async function showDrill(io: Io, options: Options, spares: Spares, drill: Drill): Promise<number> {
  const play = drill.plays.find(({ right }) => right)!;
  const here = fromHere(io, options);
  const title = options.random ? '' : `\n${toLine(drill.title, 200)}\n`;
  await io.out(`${PLAYS_ITSELF.join('\n')}\n${title}\n${toDisplay(drill.story, 8000)}\n\n`);
  const leave = enterFolder(drill);
  try {
    const stage = await stageFor(io, drill, here, spares);
    try {
      for (const sentence of stage.simulated) await io.out(`Simulated: ${toLine(sentence, 400)}\n`);
      const played = await playDrill(io, {
        drill,
        play,
        stage,
        options: optionsOf(drill, here),
        say: io.out,
        named: options.random !== true,
      });
      await io.out(`\nScore of this play: ${played.score.points} of ${played.score.of}.\n`);
      return played.exitStatus;
    } finally {
      await stage.stop();
    }
  } finally {
    leave();
  }
}
