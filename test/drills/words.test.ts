/** What stands in a drill before its fault is met gives none of it away, and every drill has what a trainee needs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { shippedRunbook } from '../../src/commands/io.ts';
import { loadPlan } from '../../src/commands/load.ts';
import { givenAway, strayNames } from '../../src/practice/drill/examine.ts';
import { LEVELS, type Drill, type Moment } from '../../src/practice/drill/types.ts';
import { root, shippedDrills } from './support.ts';

let drills: Drill[];
beforeAll(async () => {
  drills = await shippedDrills();
});

/** In the order in which an operator meets them; a wait for a lock and a lost COMMIT are of the step. */
const ROAD = ['target', 'prerequisites', 'decision', 'forward', 'quick', 'plan', 'step', 'verification'];

/** As far along the road as this; a question of a screen comes after the screen itself. */
function placeOf({ kind, screen, name }: Moment): number {
  if (['waiting', 'started', 'committing', 'finished'].includes(kind)) return ROAD.indexOf('step') + 0.7;
  const late = name === 'unknown' || name === 'lock' || name === 'failed' ? 0.7 : name ? 0.3 : 0;
  return ROAD.indexOf(screen ?? '') + late;
}

/** Everything that may be read before the fault is met. */
function before({ fault, title, id, story, coach, questions, hints, simulated }: Drill): string[] {
  const met = placeOf(fault.met);
  const early = (at: Moment): boolean => placeOf(at) < met;
  return [
    id,
    title,
    story,
    ...simulated,
    ...coach.filter(({ at }) => early(at)).map(({ text }) => text),
    ...questions
      .filter(({ at }) => early(at))
      .flatMap(({ question, options }) => [question, ...options.flatMap(({ text, why }) => [text, why])]),
    ...hints.filter(({ from }) => early(from)).map(({ text }) => text),
  ];
}

describe('the drills that ship', () => {
  it('are eighteen, from the first day to the expert, each known by its own name', () => {
    expect(drills).toHaveLength(18);
    expect(new Set(drills.map(({ id }) => id)).size).toBe(18);
    expect(drills[0]).toMatchObject({ id: 'calm', level: 'first day' });
    const levels = drills.map(({ level }) => LEVELS.indexOf(level));
    expect(levels).toEqual([...levels].sort());
    expect(new Set(levels).size).toBe(LEVELS.length);
  });

  it('hold no word of their fault before it is met', () => {
    const told = drills.flatMap((drill) =>
      before(drill).flatMap((text) =>
        drill.fault.words
          .filter((word) => text.toLowerCase().includes(word.toLowerCase()))
          .map((word) => `${drill.id}: "${word}" in "${text.slice(0, 60)}"`),
      ),
    );
    expect(told).toEqual([]);
  });

  it('would be found out if they did', () => {
    const [calm] = drills;
    const leaking = { ...calm!, story: `${calm!.story} ${calm!.fault.words[0]!.toUpperCase()}` };
    expect(before(leaking).some((text) => text.includes('STAND-IN'))).toBe(true);
  });

  it.each(['coach', 'questions', 'hints', 'risks', 'must', 'mustNot', 'keeps', 'expert'] as const)(
    'have %s, all of them',
    (part) => {
      expect(drills.filter((drill) => drill[part].length === 0).map(({ id }) => id)).toEqual([]);
    },
  );

  it('have a road of the expert and at least one that people really take', () => {
    for (const { id, plays } of drills) {
      expect([id, plays.filter(({ right }) => right).length]).toEqual([id, 1]);
      expect([id, plays.length > 1]).toEqual([id, true]);
    }
  });

  it('expect at least twenty points less of a wrong play than of the right one', () => {
    for (const { id, plays } of drills) {
      const right = plays.find((play) => play.right)!;
      for (const wrong of plays.filter((play) => !play.right)) {
        const gap = right.expect.score.from - wrong.expect.score.to;
        expect([id, wrong.name, gap >= 20]).toEqual([id, wrong.name, true]);
      }
    }
  });

  it('have hints that cost, and coach notes that a screen of 80 by 24 takes', () => {
    for (const { id, hints, coach } of drills) {
      expect([id, hints.every(({ cost }) => cost > 0)]).toEqual([id, true]);
      const longest = Math.max(...coach.map(({ text }) => text.length));
      expect([id, longest < 900]).toEqual([id, true]);
    }
  });

  it('pass what "practice --check" looks for before it plays them', async () => {
    const { plan } = await loadPlan(shippedRunbook({ root }));
    const wrong = drills.flatMap((drill) =>
      [...strayNames(drill, plan), ...givenAway(drill)].map((problem) => ({ id: drill.id, ...problem })),
    );
    expect(wrong).toEqual([]);
  });
});
