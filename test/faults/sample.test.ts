/** One fault of every kind that leaves the server standing; `npm run faults` tries all of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { KINDS } from './kinds/index.ts';
import { NEEDS_THE_SERVER } from './kinds/boundaries.ts';
import { startLab, type Lab } from './support/lab.ts';
import { tryPoint, type Fault } from './support/point.ts';
import { referenceOf, type Reference } from './support/reference.ts';
import { PARCELS, prepare } from './support/scenario.ts';

let lab: Lab;
let reference: Reference;
beforeAll(async () => {
  await built();
  lab = await startLab();
  await prepare(lab, PARCELS);
  reference = await referenceOf(lab, PARCELS);
});
afterAll(() => lab.close());

/** After these the run is also gone on with and undone. */
const WHOLE = new Set(['client-killed', 'late-commit', 'journal-full']);
const SERVER = new Set([...NEEDS_THE_SERVER, 'xid-again', 'commit-server-stopped', 'commit-backend-killed']);

/** Whoever waits longest begins first. */
const names = KINDS.map(({ name }) => name)
  .filter((name) => !SERVER.has(name))
  .sort((one, other) => Number(other === 'lock-timeout') - Number(one === 'lock-timeout'));

/** In the middle of the first step's work, or where the kind strikes. */
function sampleOf(faults: Fault[]): Fault {
  const inside = faults.filter(({ at, side }) => at && side !== 'after' && /^UPDATE parcels/.test(at.sql));
  const chosen = inside.at(-1) ?? faults.find(({ at }) => at?.commits) ?? faults[0];
  if (chosen === undefined) throw new Error('this kind of fault finds nothing to strike at');
  return chosen;
}

it.concurrent.each(names)('%s: whole steps or none, and it says so', async (name) => {
  const kind = KINDS.find((each) => each.name === name)!;
  const fault = sampleOf(kind.faults(reference));
  const outcome = await tryPoint(lab, reference, { ...fault, brief: !WHOLE.has(name) });
  expect(outcome).toMatchObject({ wrong: [], reached: true });
});
