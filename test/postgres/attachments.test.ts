import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAttachments } from '../../src/postgres/attachments.ts';
import { withSchema } from '../../src/postgres/connect.ts';
import type { Attachment } from '../../src/postgres/types.ts';
import { DatabaseError } from '../../src/sql/session.ts';
import { settledPlan } from '../../src/sql/settled.ts';
import { MEASURED, MORE, PLAN, TABLE, type Case } from './attachment-cases.ts';
import { execute, openBench, pendingPlan, type Bench } from './support.ts';

let bench: Bench;
let number = 0;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => bench.close());

async function judge({
  plant,
  plan: sql,
}: Case): Promise<{ schema: string; found: Attachment[]; sql: string[] }> {
  number += 1;
  const schema = `case ${number}`;
  await bench.session.query(`CREATE SCHEMA "${schema}"`);
  await execute(bench.session, schema, [...TABLE, ...plant]);
  const { plan, catalog, position } = await pendingPlan(bench.session, schema, sql ?? PLAN);
  const found = await findAttachments(bench.session, catalog, plan, position);
  return {
    schema,
    found,
    sql: plan.steps.flatMap((step) => step.statements.map((statement) => statement.sql)),
  };
}

/** The SQLSTATE of the first statement that fails, or null. */
async function failure(statements: readonly string[]): Promise<string | null> {
  try {
    for (const statement of statements) await bench.session.query(statement);
    return null;
  } catch (error) {
    if (error instanceof DatabaseError) return error.sqlstate;
    throw error;
  }
}

async function prove(given: Case, schema: string, sql: string[]): Promise<void> {
  await withSchema(bench.session, schema);
  await bench.session.query('BEGIN');
  try {
    const broken = await failure(sql);
    if (given.outcome === 'breaks') return expect(broken, 'the plan must fail').not.toBeNull();
    expect(broken, 'the plan must run').toBeNull();
    if (given.fails) return expect(await failure([given.fails[0]])).toBe(given.fails[1]);
    const { rows, fields } = await bench.session.query(given.proof ?? '');
    expect(rows[0]?.[fields[0] ?? '']).toBe('t');
  } finally {
    await bench.session.query('ROLLBACK');
  }
}

async function tidy(schema: string): Promise<void> {
  await execute(bench.session, schema, [
    'DROP EVENT TRIGGER IF EXISTS backout_test_event',
    'DROP PUBLICATION IF EXISTS pub',
    `DROP SCHEMA "${schema}" CASCADE`,
  ]);
}

test('the kinds that were measured are all there', () => {
  expect(MEASURED).toHaveLength(31);
  expect(new Set([...MEASURED, ...MORE].map(({ name }) => name)).size).toBe(MEASURED.length + MORE.length);
});

describe.each([...MEASURED, ...MORE])('$name', (given) => {
  test(`is found, and ${given.outcome} in truth`, async () => {
    const { schema, found, sql } = await judge(given);
    try {
      const mine = found.filter(({ kind, name }) => kind === given.kind && name !== 't_pkey');
      expect(mine.map(({ outcome }) => outcome)).toEqual([given.outcome]);
      expect(mine[0]?.words).toMatch(/^[A-Z].*\.$/);
      await prove(given, schema, sql);
    } finally {
      await tidy(schema);
    }
  });
});

test('the table alone has nothing but its key, which stays', async () => {
  const { schema, found } = await judge({ name: '', plant: [], kind: '', outcome: 'follows' });
  expect(found.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['key or exclusion constraint', 'follows'],
  ]);
  await tidy(schema);
});

test('a column of a partition goes with its parent’s, and by itself it cannot', async () => {
  const schema = 'case family';
  await bench.session.query(`CREATE SCHEMA "${schema}"`);
  const family = [
    'CREATE TABLE p (a int, gone text) PARTITION BY LIST (a)',
    'CREATE TABLE c PARTITION OF p DEFAULT',
  ];
  await execute(bench.session, schema, family);
  for (const [table, outcome] of [
    ['p', 'follows'],
    ['c', 'breaks'],
  ]) {
    const { plan, catalog, position } = await pendingPlan(
      bench.session,
      schema,
      `ALTER TABLE ${table} DROP COLUMN gone`,
    );
    const found = await findAttachments(bench.session, catalog, settledPlan(plan, catalog), position);
    expect(found.find(({ kind }) => kind === 'parent table')?.outcome).toBe(outcome);
  }
  await tidy(schema);
});

test('what the plan itself drops by name is no attachment', async () => {
  const plan = 'DROP INDEX i; ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t DROP COLUMN gone;';
  const plant = ['CREATE INDEX i ON t (gone)', "ALTER TABLE t ADD CONSTRAINT c CHECK (gone <> '')"];
  const { schema, found } = await judge({ name: '', plant, plan, kind: '', outcome: 'follows' });
  expect(found.map(({ name }) => name)).toEqual(['t_pkey']);
  await tidy(schema);
});

test('a table that refers to a dropped one, and is dropped before it, stands in no way', async () => {
  const plan = 'DROP TABLE r; DROP TABLE t;';
  const given: Case = {
    name: '',
    plant: ['CREATE TABLE r (x int REFERENCES t)'],
    plan,
    kind: '',
    outcome: 'follows',
  };
  const { schema, found, sql } = await judge(given);
  expect(found).toEqual([]);
  await prove({ ...given, proof: "SELECT to_regclass('t') IS NULL" }, schema, sql);
  await tidy(schema);
});

test.each([
  'ALTER TABLE r DROP COLUMN x; ALTER TABLE t DROP COLUMN gone;',
  'ALTER TABLE r DROP CONSTRAINT r_x_fkey; ALTER TABLE t DROP COLUMN gone;',
])('a key that goes before what it points at stands in no way: %s', async (plan) => {
  const plant = ['ALTER TABLE t ADD UNIQUE (gone)', 'CREATE TABLE r (x text REFERENCES t (gone))'];
  const given: Case = { name: '', plant, plan, kind: '', outcome: 'follows' };
  const { schema, found, sql } = await judge(given);
  expect(
    found.filter(({ kind, outcome }) => kind === 'foreign key to the table' || outcome === 'breaks'),
  ).toEqual([]);
  await prove({ ...given, proof: 'SELECT true' }, schema, sql);
  await tidy(schema);
});

test('a key that goes only afterwards stands in the way', async () => {
  const plan = 'ALTER TABLE t DROP COLUMN gone; ALTER TABLE r DROP COLUMN x;';
  const plant = ['ALTER TABLE t ADD UNIQUE (gone)', 'CREATE TABLE r (x text REFERENCES t (gone))'];
  const given: Case = { name: '', plant, plan, kind: '', outcome: 'breaks' };
  const { schema, found, sql } = await judge(given);
  expect(found.filter(({ outcome }) => outcome === 'breaks').map(({ kind }) => kind)).toEqual([
    'foreign key to the table',
  ]);
  await prove(given, schema, sql);
  await tidy(schema);
});

test('a TRUNCATE that would empty a table of another schema is refused', async () => {
  await bench.session.query('CREATE SCHEMA beyond');
  const given: Case = { name: '', plant: [], plan: 'TRUNCATE t CASCADE', kind: '', outcome: 'breaks' };
  const key = `CREATE TABLE beyond.r (x int REFERENCES t)`;
  const { schema, found } = await judge({ ...given, plant: [key] });
  try {
    expect(found.map(({ kind, outcome }) => [kind, outcome])).toContainEqual([
      'foreign key to the table',
      'breaks',
    ]);
  } finally {
    await bench.session.query('DROP SCHEMA beyond CASCADE');
    await tidy(schema);
  }
});
