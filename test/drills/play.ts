/** One test for each play of the drills of a level, made from their files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Drill, Level, Play } from '../../src/practice/drill/types.ts';
import { played, shippedDrills } from './support.ts';

/** So many points a wrong answer has to be below the right one. */
const GAP = 20;

/** Some go through three runs, each with its look at the database. */
const PATIENCE_MS = 300_000;

const drills = await shippedDrills();

/** Each rightly, every third wrongly as well; all plays with `npm run test:all`. */
function count(drill: Drill): number | undefined {
  if (process.env['BACKOUT_TEST'] === 'all') return undefined;
  return drills.indexOf(drill) % 3 === 0 ? 2 : 1;
}

/** The right play first: the others are measured by it. */
const inOrder = (drill: Drill): Play[] =>
  [...drill.plays].sort((a, b) => Number(b.right) - Number(a.right)).slice(0, count(drill));

export function playedByLevel(level: Level): void {
  describe.each(
    drills.filter((drill) => drill.level === level).map((drill) => [drill.title, drill] as const),
  )('%s', (_, drill) => {
    const cwd = process.cwd();
    let right: number | null = null;
    beforeAll(() => expect(drill.plays.filter((play) => play.right)).toHaveLength(1));
    afterAll(() => expect(process.cwd()).toBe(cwd));

    it.each(inOrder(drill).map((play) => [play.right ? 'right' : 'wrong', play.name, play] as const))(
      '%s: %s',
      async (_kind, _name, play) => {
        const { outcome, score, unused } = await played(drill, play);
        const lost = score.items.filter(({ points, of }) => points < of).map(({ text }) => text);
        expect(unused).toEqual([]);
        expect({ outcome, lost }).toEqual({ outcome: play.expect.outcome, lost });
        const { from, to } = play.expect.score;
        expect({ points: score.points, lost }).toSatisfy(
          ({ points }: { points: number }) => points >= from && points <= to,
        );
        if (play.right) right = score.points;
        else if (right !== null) expect(right - score.points).toBeGreaterThanOrEqual(GAP);
      },
      PATIENCE_MS,
    );
  });
}
