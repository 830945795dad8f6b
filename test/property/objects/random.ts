/** Numbers that come the same each time for a seed (mulberry32), and what is picked by them. */
export interface Random {
  /** From 0 to `below` - 1. */
  number(below: number): number;
  /** Once in `times`. */
  once(times: number): boolean;
  pick<T>(list: readonly T[]): T | undefined;
}

export function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const number = (below: number): number => Math.floor(next() * below);
  return {
    number,
    once: (times) => number(times) === 0,
    pick: (list) => list[number(list.length)],
  };
}
