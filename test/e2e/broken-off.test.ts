/**
 * The first edition of the runbook was pasted into psql and broken off after any of its 40 statements: `backout run`
 * finishes each of the 41 databases to the same right end, on a real server. By default every fifth and the last four, for
 * time's sake (where each of the 41 stands is told by test/sql); all of them:
 * BACKOUT_TEST=all npx vitest run test/e2e/broken-off.test.ts
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/server.ts';
import { brokenOff, migrated } from '../support/states.ts';
import { fingerprint, type Fingerprint } from './support/fingerprint.ts';
import { rollBack } from './support/in-process.ts';

/** From here on the pasted SQL had dropped technology_templates: what only they held exists nowhere any more. */
const TEMPLATES_GONE = 38;

const EVERY = process.env['BACKOUT_TEST'] === 'all' ? 1 : 5;
const CUTS = Array.from({ length: 41 }, (_, k) => k).filter(
  (k) => k % EVERY === 0 || k >= TEMPLATES_GONE - 1,
);

let whole: Fingerprint;

beforeAll(async () => {
  const database = await freshDatabase({ state: migrated });
  const { status, err } = await rollBack(database);
  expect(status, err).toBe(0);
  whole = await database.use(fingerprint);
  await database.drop();
});

describe('broken off after statement', () => {
  // Each is mostly waiting: for three seconds it is watched whether somebody writes.
  it.concurrent.each(CUTS)('%i of 40', async (k) => {
    const database = await freshDatabase({ state: (db) => brokenOff(db, k) });
    const { status, err, events } = await rollBack(database);
    const end = await database.use(fingerprint);
    await database.drop();
    expect(status, err).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'verified', exitStatus: 0 });
    expect(end.definitions).toEqual(whole.definitions);
    if (k < TEMPLATES_GONE) expect(end.rows).toEqual(whole.rows);
    else
      expect({ ...end.rows, technology_knowledge: [] }).toEqual({ ...whole.rows, technology_knowledge: [] });
  });
});
