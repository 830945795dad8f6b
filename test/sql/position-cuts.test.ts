import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { nextStatements, positionOf } from '../../src/sql/position.ts';
import type { Plan, Position } from '../../src/sql/types.ts';
import { migrated, writtenSince } from '../support/states.ts';
import { definitions, openDatabase, type TestDatabase } from './database.ts';
import { firstEdition } from './documents.ts';

let db: TestDatabase;
let plan: Plan;

beforeAll(async () => {
  await loadParser();
  plan = firstEdition();
  db = await openDatabase();
});

afterAll(() => db.close());

/** Random at each run. */
const RANDOM = ['technology_knowledge.id'];

const texts = (): string[] => plan.steps.flatMap((step) => step.statements.map((statement) => statement.sql));

async function brokenOff(state: typeof migrated, k: number): Promise<void> {
  await db.empty();
  await state(db.pglite);
  for (const sql of texts().slice(0, k)) await db.pglite.query(sql);
}

const CUTS = Array.from({ length: 41 }, (_, k) => k);

/** Every cut is shown on one state; on the other those where tables go, and each fourth; all with `npm run test:all`. */
const SOME = process.env['BACKOUT_TEST'] === 'all' ? CUTS : CUTS.filter((k) => k % 4 === 0 || k >= 37);

function flat(position: Position) {
  return position.steps.flatMap((step) => step.statements.map((one) => ({ step: step.id, ...one })));
}

async function finish(): Promise<void> {
  const position = await positionOf(plan, await db.catalog(), db.session);
  for (const statement of nextStatements(plan, position)) await db.session.query(statement.sql);
}

describe.each([
  ['migrated', migrated, CUTS],
  ['written since', writtenSince, SOME],
] as const)('the first edition, pasted into a %s database and broken off', (_name, state, cuts) => {
  let whole: { definitions: unknown; rows: Record<string, string[]> };

  beforeAll(async () => {
    await brokenOff(state, 40);
    whole = { definitions: definitions(await db.catalog()), rows: await db.rows(RANDOM) };
  });

  test.each(cuts)('after %i statements', async (k) => {
    await brokenOff(state, k);
    const judged = flat(await positionOf(plan, await db.catalog(), db.session));
    const statements = plan.steps.flatMap((step) => step.statements);
    expect(judged.filter((one) => one.state === 'conflict' || one.state === 'partial')).toEqual([]);
    // What ran is applied.
    expect(judged.slice(0, k).filter((one) => one.state !== 'applied')).toEqual([]);
    // What did not run is pending, unless running it changes nothing.
    for (const [at, one] of judged.entries()) {
      if (at < k || one.state === 'pending') continue;
      const before = { definitions: definitions(await db.catalog()), rows: await db.rows() };
      await db.session.query(statements[at]?.sql ?? '');
      expect(
        { definitions: definitions(await db.catalog()), rows: await db.rows() },
        `${one.step} ${one.index}`,
      ).toEqual(before);
    }
    await finish();
    expect(definitions(await db.catalog())).toEqual(whole.definitions);
    expect(await db.rows(RANDOM)).toEqual(whole.rows);
    const after = await positionOf(plan, await db.catalog(), db.session);
    expect(after.steps.map((step) => step.state)).toEqual(['applied', 'applied', 'applied', 'applied']);
  });
});
