/** What the command line of the faults asks for. */
import { KINDS } from '../kinds/index.ts';

export interface Wanted {
  kinds: string[];
  scenarios: string[];
  /** Every Nth point alone; 0: as the scenario's share says. */
  every: number;
  from: number;
  /** Lanes side by side. */
  jobs: number;
  /** Each outcome is appended to this file, a line of JSON. */
  results: string | null;
  /** Tries nothing; prints the matrix of such a file. */
  matrix: string | null;
  trace: boolean;
}

/** @throws when a kind does not exist */
export function wanted(words: readonly string[]): Wanted {
  const result: Wanted = {
    ...{ kinds: [], scenarios: [], every: 0, from: 0, jobs: 4 },
    ...{ results: null, matrix: null, trace: false },
  };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--trace') result.trace = true;
    else if (word === '--every') result.every = Number(left.shift());
    else if (word === '--from') result.from = Number(left.shift());
    else if (word === '--jobs') result.jobs = Number(left.shift());
    else if (word === '--results') result.results = left.shift() ?? null;
    else if (word === '--matrix') result.matrix = left.shift() ?? null;
    else if (word === '--scenario') result.scenarios.push(left.shift() ?? '');
    else result.kinds.push(word);
  }
  const known = KINDS.map(({ name }) => name);
  const stray = result.kinds.find((kind) => !known.includes(kind));
  if (stray !== undefined) throw new Error(`${stray} is no kind of fault. They are: ${known.join(', ')}`);
  return result;
}
