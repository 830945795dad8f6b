/**
 * What judgement is worth. Every weight stands here, with the reason for it. Lost data and a wrong decision cost more
 * than time can ever give back: {@link WEIGHTS.time} is the smallest of all.
 */

/** Points of 100. What a drill has nothing of (no risks, no checks …) goes to the others in proportion, never to time. */
export const WEIGHTS = {
  /** The heaviest: everything else can be done again, data that is gone cannot. */
  data: 40,
  /** Rolling back when the migration should have stayed (or the reverse) is the mistake that makes all others. */
  decision: 16,
  /** A right decision that is not carried through leaves the database in between. */
  outcome: 8,
  /** A risk that is seen before the first step costs a minute; seen after it, it costs the night. */
  risk: 15,
  /** Saying yes to what should have been a no is how people are hurt by a program that asks. */
  confirmation: 11,
  /** A check that was skipped went well by luck. */
  check: 6,
  /** Being quick is good, and never more than a few points good. */
  time: 4,
} as const;

/** Of the weight of data that any loss takes, be it of one row: a loss is a loss before it is an amount. */
export const ANY_LOSS = 0.65;

/** What is only in the archive is out of the application's reach: it can be brought back, and somebody has to know that. */
export const OUT_OF_REACH = { any: 0.1, all: 0.3 } as const;

/** A risk noticed when the steps had begun is noticed, but too late to decide on it. */
export const NOTICED_LATE = 0.3;

/** Full points for time up to what an expert takes, none from so many times that on. */
export const SLOWEST = 3;

/** A typed confirmation that was mistyped destroys nothing (that is what it is for), but shows haste. */
export const SLIP = { points: 1, most: 3 } as const;
