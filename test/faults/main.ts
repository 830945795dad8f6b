/** `npm run faults [-- KIND … [--scenario NAME] [--every N] [--from N] [--jobs N] [--results FILE]]` */
import { appendFileSync, readFileSync } from 'node:fs';
import { KINDS } from './kinds/index.ts';
import { scenarioNamed, type Shown } from './support/lane.ts';
import { shareOut, startLane, type Lane } from './support/lanes.ts';
import { matrixText } from './support/matrix.ts';
import { AFTERWARDS, type Afterwards, type Outcome } from './support/point.ts';
import { SCENARIOS } from './support/scenario.ts';
import { wanted, type Wanted } from './support/wanted.ts';

export { serve } from './support/lane.ts';

/** Where each scenario's points are taken from: the first has all of them, the others every seventh of a kind. */
const SHARE: Record<string, number> = { parcels: 1 };
const REST = 7;

interface Piece {
  scenario: string;
  kind: string;
  index: number;
  then: Afterwards;
}

/** The exit status: 1 when anything was lost or said wrongly. `bundle`: the file that this was bundled into. */
export async function main(words: readonly string[], bundle: string): Promise<number> {
  const want = wanted(words);
  if (want.matrix !== null) {
    const lines = readFileSync(want.matrix, 'utf8').trim().split('\n');
    console.log(matrixText(lines.map((line) => JSON.parse(line) as Outcome)));
    return 0;
  }
  const outcomes: Outcome[] = [];
  const lanes = await Promise.all(Array.from({ length: want.jobs }, () => startLane(bundle)));
  try {
    const { references, broken } = await shownBy(lanes, want);
    const pieces = piecesOf(references, want);
    console.log(`${pieces.length} points, ${lanes.length} side by side`);
    await shareOut(lanes, pieces, async (lane, piece) => {
      const outcome = await lane.ask({ type: 'point', ...piece });
      outcomes.push(outcome);
      tell(outcome, want);
    });
    return broken > 0 || outcomes.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
  } finally {
    for (const lane of lanes) lane.end();
    if (outcomes.length > 0) console.log(`\n${matrixText(outcomes)}`);
  }
}

/** Each scenario once without a fault, shown to all lanes. One that fails by itself does not hide the others. */
async function shownBy(lanes: readonly Lane[], { scenarios, trace }: Wanted) {
  const references = new Map<string, Shown>();
  let broken = 0;
  const names = SCENARIOS.map(({ name }) => name);
  const asked = names.filter((name) => scenarios.length === 0 || scenarios.includes(name));
  await shareOut(lanes, asked, async (lane, name) => {
    try {
      references.set(name, await lane.ask({ type: 'reference', scenario: name }));
    } catch (error) {
      broken += 1;
      console.log(`WRONG without a fault: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  for (const [scenario, shown] of references) {
    console.log(
      `${scenario}: ${shown.trace.length} statements in transactions that write, ${shown.seconds} s without a fault`,
    );
    if (trace)
      for (const { transaction, index, sql } of shown.trace)
        console.log(transaction, index, sql.replace(/\s+/g, ' ').slice(0, 120));
    for (const lane of lanes) await lane.ask({ type: 'learn', scenario, shown });
  }
  return { references, broken };
}

/** In turn the run is gone on with and undone, undone where it stands, and left as it is. */
function piecesOf(references: Map<string, Shown>, { kinds, every, from }: Wanted): Piece[] {
  return [...references].flatMap(([scenario, shown]) => {
    const reference = { ...shown, scenario: scenarioNamed(scenario) };
    const step = every > 0 ? every : (SHARE[scenario] ?? REST);
    const tried = reference.scenario.kinds;
    return KINDS.filter(
      ({ name }) =>
        (kinds.length === 0 || kinds.includes(name)) && (tried === undefined || tried.includes(name)),
    ).flatMap(({ name, faults }) =>
      faults(reference)
        .map((_, index) => index)
        .filter((index) => index >= from && (index - from) % step === 0)
        .map((index, at) => ({ scenario, kind: name, index, then: AFTERWARDS[at % 3]! })),
    );
  });
}

/** What is wrong is said at once, so that nobody waits for the end to hear of it. */
function tell(outcome: Outcome, { results }: Wanted): void {
  for (const line of outcome.wrong) console.log(`WRONG ${outcome.kind}, ${outcome.label}: ${line}`);
  if (results !== null) appendFileSync(results, `${JSON.stringify(outcome)}\n`);
}
