import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { nextStatements, positionOf } from '../../src/sql/position.ts';
import { catalogAfter } from '../../src/sql/symbolic.ts';
import type { Plan } from '../../src/sql/types.ts';
import { brokenOff, emptyKnowledge, migrated, writtenSince } from '../support/states.ts';
import { definitions, openDatabase, type TestDatabase } from './database.ts';
import { shippedEdition } from './documents.ts';

let db: TestDatabase;
let plan: Plan;

beforeAll(async () => {
  await loadParser();
  plan = shippedEdition();
  db = await openDatabase();
});

afterAll(() => db.close());

async function finish(): Promise<void> {
  const catalog = await db.catalog();
  const position = await positionOf(plan, catalog, db.session);
  expect(
    position.steps
      .flatMap((step) => step.statements)
      .filter((one) => one.state === 'conflict' || one.state === 'partial'),
  ).toEqual([]);
  const intended = catalogAfter(plan, catalog, position);
  for (const statement of nextStatements(plan, position)) await db.session.query(statement.sql);
  const found = await db.catalog();
  expect(definitions(found)).toEqual(definitions(intended));
  const after = await positionOf(plan, found, db.session);
  expect(after.steps.flatMap((step) => step.statements.filter((one) => one.state !== 'applied'))).toEqual([]);
}

describe.each([
  ['migrated', migrated],
  ['written since', writtenSince],
] as const)(
  'the first edition broken off in a %s database, finished with the edition that ships',
  (_name, state) => {
    let whole: ReturnType<typeof definitions>;

    beforeAll(async () => {
      await db.empty();
      await state(db.pglite);
      await finish();
      whole = definitions(await db.catalog());
    });

    test.each(Array.from({ length: 41 }, (_, k) => k))('after %i statements', async (k) => {
      await db.empty();
      await brokenOff(db.pglite, k, state);
      await finish();
      expect(definitions(await db.catalog())).toEqual(whole);
    });
  },
);

test('a knowledge table that was left because it was empty is kept, and the rest is finished', async () => {
  await db.empty();
  await migrated(db.pglite);
  await finish();
  const whole = definitions(await db.catalog());
  await db.empty();
  await emptyKnowledge(db.pglite);
  await finish();
  expect(definitions(await db.catalog())).toEqual(whole);
});
