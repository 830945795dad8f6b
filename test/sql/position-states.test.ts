import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { positionOf } from '../../src/sql/position.ts';
import type { Plan } from '../../src/sql/types.ts';
import * as states from '../support/states.ts';
import { openDatabase, type TestDatabase } from './database.ts';
import { firstEdition, shippedEdition } from './documents.ts';

let db: TestDatabase;
let plans: { first: Plan; shipped: Plan };

beforeAll(async () => {
  await loadParser();
  plans = { first: firstEdition(), shipped: shippedEdition() };
  db = await openDatabase();
});

afterAll(() => db.close());

async function judge(state: (database: TestDatabase['pglite']) => Promise<void>, plan: Plan) {
  await db.empty();
  await state(db.pglite);
  const position = await positionOf(plan, await db.catalog(), db.session);
  return { position, states: position.steps.map((step) => step.state) };
}

const MIGRATED = ['pending', 'pending', 'pending', 'pending'];

for (const edition of ['first', 'shipped'] as const) {
  test.each([
    ['migrated', states.migrated, MIGRATED],
    ['written since', states.writtenSince, MIGRATED],
    ['later migrations recorded', states.laterMigrations, MIGRATED],
    ['git_commits still there', states.gitCommitsStill, MIGRATED],
    [
      'recorded as rolled back, tables not',
      states.recordedAsRolledBack,
      ['pending', 'pending', 'pending', 'applied'],
    ],
    ['old and new side by side', states.both, ['conflict', 'conflict', 'conflict', 'pending']],
  ] as const)(`${edition} edition: %s`, async (_name, state, expected) => {
    const judged = await judge(state, plans[edition]);
    expect(judged.states).toEqual(expected);
  });
}

test('old and new side by side: the reason names both, and nothing is called applied by mistake', async () => {
  const { position } = await judge(states.both, plans.first);
  const rename = position.steps[0]?.statements[3];
  expect(rename).toEqual({
    index: 4,
    state: 'conflict',
    reason: 'detection_events already exists beside codebase_snapshots.',
  });
  // DROP COLUMN on the old table would be a success that says nothing: its columns are not there.
  expect(position.steps[0]?.statements.slice(4).map((one) => one.state)).toEqual(
    Array<string>(11).fill('conflict'),
  );
  expect(position.steps[2]?.statements.slice(-2).map((one) => one.state)).toEqual(['conflict', 'conflict']);
});

test('rolled back by these statements: every step is applied', async () => {
  const { states: judged } = await judge((pglite) => states.brokenOff(pglite, 40), plans.first);
  expect(judged).toEqual(['applied', 'applied', 'applied', 'applied']);
});

test("rolled back by the migration's own down: what it leaves out is pending, and only that", async () => {
  const { position } = await judge(states.rolledBack, plans.first);
  const open = position.steps.flatMap((step) =>
    step.statements.filter((one) => one.state !== 'applied').map((one) => [step.id, one.index, one.state]),
  );
  expect(position.steps.map((step) => step.state)).toEqual(['partial', 'partial', 'applied', 'applied']);
  const commands = open.map(([step, index]) => {
    const statements = plans.first.steps.find((one) => one.id === step)?.statements;
    return statements?.find((one) => one.index === index)?.sql ?? '';
  });
  expect(commands.filter((sql) => !/SET NOT NULL|IS NULL$/.test(sql))).toEqual([]);
  expect(open.filter(([, , state]) => state !== 'pending')).toEqual([]);
});

test('never migrated: the old tables are there, and nothing would be destroyed', async () => {
  const { position } = await judge(states.before, plans.shipped);
  expect(position.steps.map((step) => step.state)).toEqual(['applied', 'applied', 'applied', 'applied']);
});

test('empty knowledge: the first edition cannot go on, the shipped one can', async () => {
  const first = await judge(states.emptyKnowledge, plans.first);
  expect(first.states).toEqual(['pending', 'pending', 'conflict', 'pending']);
  const [create, ...others] = first.position.steps[2]?.statements ?? [];
  expect(create?.reason).toContain('technology_knowledge already exists, and not as the statement makes it');
  expect(others.filter((one) => one.state === 'pending')).toEqual([]);
  const shipped = await judge(states.emptyKnowledge, plans.shipped);
  expect(shipped.states).toEqual(['pending', 'pending', 'partial', 'pending']);
});

test('edited in place: the missing table is named, and the templates are not dropped', async () => {
  for (const plan of [plans.first, plans.shipped]) {
    const { position, states: judged } = await judge(states.editedInPlace, plan);
    expect(judged).toEqual(['pending', 'pending', 'conflict', 'pending']);
    const step = position.steps[2];
    const drop = plan.steps[2]?.statements.find((one) => one.sql === 'DROP TABLE technology_templates');
    expect(step?.statements.find((one) => one.index === drop?.index)?.state).toBe('conflict');
  }
});

test('an empty database: every step is in conflict', async () => {
  const { states: judged } = await judge(() => Promise.resolve(), plans.first);
  expect(judged).toEqual(['conflict', 'conflict', 'conflict', 'conflict']);
});

test('one row that could not be converted, under a client that goes on after errors', async () => {
  const { position } = await judge(async (pglite) => {
    await states.unconvertible(pglite);
    for (const step of plans.first.steps.slice(0, 1)) {
      for (const statement of step.statements) await pglite.query(statement.sql).catch(() => undefined);
    }
  }, plans.first);
  expect(position.steps[0]?.state).toBe('applied');
});
