/** `backout practice --list`: the drills of a runbook, without anything that gives one away. */
import type { Drill } from '../practice/drill/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import { EXIT } from '../exit.ts';
import type { Io } from './io.ts';
import { runbookPath } from './load.ts';
import { usableDrills } from './practice-open.ts';

const SCHEMA = 'backout.drills/1';

const shown = ({ id, number, title, level, minutes, stage, path }: Drill) => ({
  id,
  number,
  title: toLine(title, 200),
  level,
  minutes,
  stage,
  path,
});

function lines(drills: readonly Drill[]): string[] {
  const wide = Math.max(...drills.map(({ id }) => id.length));
  let level: string | null = null;
  return drills.flatMap((drill) => {
    const heading = drill.level === level ? [] : [...(level === null ? [] : ['']), drill.level];
    level = drill.level;
    const number = drill.number.padStart(4);
    return [
      ...heading,
      `${number}  ${drill.id.padEnd(wide)}  ${toLine(drill.title, 60)} (${drill.minutes} min)`,
    ];
  });
}

export async function practiceListCommand(io: Io, options: Options): Promise<number> {
  const { drills, broken } = await usableDrills(runbookPath(io, options, null));
  for (const sentence of broken) await io.err(`${sentence}\n`);
  if (options.json) {
    await io.out(toJson({ schema: SCHEMA, drills: drills.map(shown) }));
  } else if (drills.length === 0) {
    await io.out('This runbook has no drills. docs/drills.md says how to write one.\n');
  } else {
    await io.out(
      `${lines(drills).join('\n')}\n\nBegin one by its name or number: backout practice ${drills[0]!.id}\n`,
    );
  }
  return broken.length === 0 ? EXIT.ok : EXIT.badRunbook;
}
