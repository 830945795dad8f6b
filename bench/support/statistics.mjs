// Ratios of pairs, since the machine's speed drifts: A and B of one pair ran right after each other.

/** @param {number[]} values */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** @param {number[]} values */
export const spread = (values) => `${Math.min(...values).toFixed(3)} … ${Math.max(...values).toFixed(3)}`;

/**
 * @param {string} name
 * @param {number[]} ours
 * @param {number[]} theirs
 */
export function printPairs(name, ours, theirs) {
  const ratios = ours.map((value, index) => value / theirs[index]);
  console.log(
    `${name.padEnd(34)} median ${median(ours).toFixed(3)} s against ${median(theirs).toFixed(3)} s,` +
      ` ratio ${median(ratios).toFixed(2)} (${spread(ratios)})`,
  );
}
