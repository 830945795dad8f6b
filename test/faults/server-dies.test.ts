/** Faults after which the server recovers: a point of every kind, one after the other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { boundaryFaults } from './kinds/boundaries.ts';
import { commitFaults } from './kinds/commit-race.ts';
import { xidAgain } from './kinds/xid-again.ts';
import { startLab, type Lab } from './support/lab.ts';
import { tryPoint, type Fault, type Outcome } from './support/point.ts';
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

const tried = async (fault: Fault | undefined): Promise<void> => {
  if (fault === undefined) throw new Error('nothing to strike at');
  expect(await tryPoint(lab, reference, fault)).toMatchObject({ wrong: [], reached: true });
};
const at = (kind: string, side: Fault['side'], sql: RegExp): Fault | undefined =>
  boundaryFaults(reference, kind).find((fault) => fault.side === side && fault.at && sql.test(fault.at.sql));

describe('the server dies', () => {
  it('with SIGKILL, in the middle of the work: nothing of the step is there', () =>
    tried(at('server-killed', 'before', /^UPDATE parcels/)));

  it('with SIGKILL to one of its processes, while a statement waits: nothing of the step is there', () =>
    tried({ ...at('backend-killed', 'during', /^UPDATE parcels|^ALTER TABLE shipments/)!, brief: true }));

  it('by an immediate stop, when COMMIT is done and its answer was not heard: the step is there', async () => {
    const fault = boundaryFaults(reference, 'server-stopped').find(
      (each) => each.side === 'after' && each.at?.commits,
    );
    await tried(fault && { ...fault, brief: true });
  });

  it('and hands the id of the lost transaction out again: what the server says of the id is not believed', async () => {
    const [fault] = xidAgain(reference);
    let outcome: Outcome | null = null;
    // Another process may flush the WAL at the wrong moment: then the id is remembered, and there was nothing to try.
    for (let tries = 0; !outcome?.reached && tries < 4; tries += 1)
      outcome = await tryPoint(lab, reference, { ...fault!, brief: true });
    expect(outcome).toMatchObject({ wrong: [], reached: true });
  });

  it.each(['commit-server-stopped', 'commit-backend-killed'])(
    'while COMMIT is under way: %s',
    async (kind) => {
      for (const fault of commitFaults(reference, kind, 2)) await tried({ ...fault, brief: true });
    },
  );
});
