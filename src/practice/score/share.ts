/** Whole points, so that what is shown adds up. Pure. */

/**
 * Splits `total` in whole points by weight: nothing is left over, and the largest remainders are rounded up (the
 * earlier where they are equal). Weights of 0 get nothing.
 */
export function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((one, other) => one + other, 0);
  if (sum <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const whole = exact.map(Math.floor);
  const left = total - whole.reduce((one, other) => one + other, 0);
  const byRemainder = exact
    .map((value, at) => ({ at, rest: value - Math.floor(value) }))
    .sort((one, other) => other.rest - one.rest || one.at - other.at);
  for (const { at } of byRemainder.slice(0, left)) whole[at] = (whole[at] ?? 0) + 1;
  return whole;
}

/** `total` over so many equal parts, in whole points. */
export const evenly = (total: number, parts: number): number[] =>
  shares(
    total,
    Array.from({ length: parts }, () => 1),
  );
