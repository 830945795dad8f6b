/** How long a lock is waited for: decided without a server. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AMID_WORK,
  BEFORE_WORK,
  lockTimeout,
  pauseAfter,
  worthRetrying,
} from '../../../src/sql/execute/lock-policy.ts';

/** All pauses there would be if every try took its whole time. */
function pauses(policy: typeof BEFORE_WORK, random: () => number): number[] {
  const found: number[] = [];
  let elapsed = 0;
  for (let attempt = 1; ; attempt += 1) {
    elapsed += policy.tryMs;
    const pause = pauseAfter(policy, attempt, elapsed, random);
    if (pause === null) return found;
    found.push(pause);
    elapsed += pause;
  }
}

describe('the pauses between two tries', () => {
  it('double from 0.3 s up to 5 s, and never end later than a minute', () => {
    expect(pauses(BEFORE_WORK, () => 0.999_999).slice(0, 6)).toEqual([300, 600, 1200, 2400, 4800, 5000]);
  });

  it('are shorter while writers wait for the step', () => {
    expect(Math.max(...pauses(AMID_WORK, () => 0.999_999))).toBe(1000);
  });

  it('are never less than half of the ladder, never more than the whole, and bounded in number and length', () => {
    const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(BEFORE_WORK, AMID_WORK),
        fc.array(chance, { minLength: 1 }),
        (policy, dice) => {
          let at = 0;
          const found = pauses(policy, () => dice[at++ % dice.length] ?? 0);
          const total = found.reduce((sum, pause) => sum + pause + policy.tryMs, policy.tryMs);
          expect(found.length).toBeLessThan(policy.tries);
          expect(total).toBeLessThanOrEqual(policy.totalMs + policy.tryMs);
          for (const [index, pause] of found.entries()) {
            const ladder = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** index);
            expect(pause).toBeGreaterThanOrEqual(Math.floor(ladder / 2));
            expect(pause).toBeLessThanOrEqual(ladder);
          }
        },
      ),
    );
  });
});

describe('the time one lock of a try is given', () => {
  it('is what the locks before it have left of 200 ms', () => {
    expect(lockTimeout(BEFORE_WORK, 0)).toBe(200);
    expect(lockTimeout(BEFORE_WORK, 120)).toBe(80);
  });

  it('is never so short that a free lock could not be had over a slow connection', () => {
    expect(lockTimeout(BEFORE_WORK, 900)).toBe(50);
  });
});

describe('what is tried again', () => {
  it.each([
    ['55P03', true],
    ['40P01', true],
    ['57014', false],
    ['42501', false],
    ['08006', false],
  ])('%s: %s', (sqlstate, again) => {
    expect(worthRetrying(sqlstate)).toBe(again);
  });
});
