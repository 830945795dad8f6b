/** `npm run faults [-- KIND … [--scenario NAME] [--every N] [--from N]]`: all faults, or those of some kinds. */
import { KINDS } from './kinds/index.ts';
import { startLab } from './support/lab.ts';
import { matrixText } from './support/matrix.ts';
import { tryPoint, type Outcome } from './support/point.ts';
import { referenceOf } from './support/reference.ts';
import { SCENARIOS, prepare } from './support/scenario.ts';

/** Where each scenario's points are taken from: the first has all of them, the others every seventh of a kind. */
const SHARE: Record<string, number> = { parcels: 1 };
const REST = 7;

interface Wanted {
  kinds: string[];
  scenarios: string[];
  /** Every Nth point alone; 0: as {@link SHARE} says. */
  every: number;
  from: number;
}

function wanted(words: readonly string[]): Wanted {
  const result: Wanted = { kinds: [], scenarios: [], every: 0, from: 0 };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--every') result.every = Number(words[(at += 1)]);
    else if (word === '--from') result.from = Number(words[(at += 1)]);
    else if (word === '--trace') continue;
    else if (word === '--scenario') result.scenarios.push(words[(at += 1)] ?? '');
    else result.kinds.push(word);
  }
  const known = KINDS.map(({ name }) => name);
  const stray = result.kinds.find((kind) => !known.includes(kind));
  if (stray !== undefined) throw new Error(`${stray} is no kind of fault. They are: ${known.join(', ')}`);
  return result;
}

/** The exit status: 1 when anything was lost or said wrongly. */
export async function main(words: readonly string[]): Promise<number> {
  const { kinds, scenarios, every, from } = wanted(words);
  const outcomes: Outcome[] = [];
  let broken = 0;
  const lab = await startLab();
  try {
    for (const scenario of SCENARIOS) {
      if (scenarios.length > 0 && !scenarios.includes(scenario.name)) continue;
      await prepare(lab, scenario);
      const reference = await referenceOf(lab, scenario).catch((error: unknown) => {
        broken += 1;
        console.log(`WRONG without a fault: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      });
      if (reference === null) continue;
      console.log(
        `${scenario.name}: ${reference.trace.length} statements in transactions that write, ${reference.seconds} s without a fault`,
      );
      if (kinds.length === 0 && words.includes('--trace'))
        for (const { transaction, index, sql } of reference.trace)
          console.log(transaction, index, sql.replace(/\s+/g, ' ').slice(0, 120));
      const step = every > 0 ? every : (SHARE[scenario.name] ?? REST);
      for (const { name, faults } of KINDS) {
        if (kinds.length > 0 && !kinds.includes(name)) continue;
        const points = faults(reference).filter((_, at) => at >= from && (at - from) % step === 0);
        for (const fault of points) outcomes.push(tell(await tryPoint(lab, reference, fault)));
        const row = matrixText(outcomes.filter(({ kind }) => kind === name)).split('\n')[1];
        if (points.length > 0) console.log(row);
      }
    }
  } finally {
    await lab.close();
    if (outcomes.length > 0) console.log(`\n${matrixText(outcomes)}`);
  }
  return broken > 0 || outcomes.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

/** What is wrong is said at once, so that nobody waits for the end to hear of it. */
function tell(outcome: Outcome): Outcome {
  for (const line of outcome.wrong) console.log(`WRONG ${outcome.kind}, ${outcome.label}: ${line}`);
  return outcome;
}
