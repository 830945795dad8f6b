/** The user's document and the shipped one, on a migrated database that was written to: every figure proved by running. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AssessedRisk, Plan, Statement } from '../../src/sql/types.ts';
import { writtenSince } from '../support/states.ts';
import {
  attempt,
  clear,
  count,
  countAfter,
  openFixture,
  planOfFile,
  riskOf,
  type Fixture,
} from './support.ts';

const USERS = 'test/fixtures/ROLLBACK_PROCEDURE.md';
const SHIPPED = 'runbooks/20250101000014-align-schema-table-names.md';
const AT = `'2025-10-05 15:00:00', '2025-10-05 15:00:00'`;

function event(n: number, metadata: string | null): string {
  const value = metadata === null ? 'NULL' : `'${metadata.replaceAll("'", "''")}'`;
  return `INSERT INTO codebase_snapshots (id, metadata, inserted_at, updated_at)
    VALUES ('00000000-0000-0000-0000-${String(n).padStart(12, '0')}', ${value}, ${AT})`;
}

function session(n: number, meta: string | null): string {
  const value = meta === null ? 'NULL' : `'${meta}'`;
  return `INSERT INTO git_agent_sessions (id, agent_id, branch, status, meta, inserted_at, updated_at)
    VALUES ('00000000-0000-0000-0000-${String(n).padStart(12, '0')}', 'agent-${n}', 'b', 'active', ${value}, ${AT})`;
}

/** Rows that the statements of Step 1 and 2 stop at; and beside them rows that look odd and are fine. */
const BAD = [
  event(1, '{"event_type":"e","detector":"d","confidence":"high"}'),
  event(2, '{"event_type":"e","detector":"d","confidence":""}'),
  event(3, '{"event_type":"e","detector":"d","confidence":"1e400"}'),
  event(6, `{"event_type":"${'x'.repeat(300)}","detector":"d","confidence":1}`),
  session(1, `{"session_type":"${'y'.repeat(300)}"}`),
];
const FINE = [
  event(4, '{"event_type":"e","detector":"d","confidence":"NaN"}'),
  event(5, '{"event_type":"e","detector":"d","confidence":" 1.5 "}'),
  event(7, `{"event_type":"${'x'.repeat(255)}     ","detector":"d","confidence":1}`),
  event(8, null),
  event(9, '["a","list"]'),
  event(10, '{}'),
  session(2, null),
  session(3, '[1]'),
];

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.db.close());
beforeEach(async () => {
  await clear(fixture);
  await writtenSince(fixture.db);
  await fixture.db.exec(`DELETE FROM codebase_snapshots WHERE codebase_id = 'unconvertible';
    DELETE FROM git_agent_sessions WHERE agent_id = 'long'`);
  await fixture.db.exec(FINE.join(';'));
});

function statements(plan: Plan): { step: string; statement: Statement }[] {
  return plan.steps.flatMap((step) => step.statements.map((statement) => ({ step: step.id, statement })));
}

function before(plan: Plan, step: string, index: number): string[] {
  const all = statements(plan);
  const at = all.findIndex((one) => one.step === step && one.statement.index === index);
  return all.slice(0, at).map((one) => one.statement.sql);
}

const assessed = new Map<string, { risk: AssessedRisk; sent: string[] }>();

/** The rows are the same before each test, and so is what is said of them. */
async function assess(path: string, version: number): Promise<{ risk: AssessedRisk; sent: string[] }> {
  const key = `${path} ${version}`;
  const known = assessed.get(key);
  if (known) return known;
  const risk = await riskOf(fixture, planOfFile(path), version);
  const fresh = { risk, sent: [...fixture.sent] };
  assessed.set(key, fresh);
  return fresh;
}

function keysOf(risk: AssessedRisk, column: string): string[] | undefined {
  return risk.failing.find((one) => one.column === column)?.keys.map((key) => key.replace(/^[0-]+/, ''));
}

/** Each document with one way of asking whether a text can be converted; with both by `npm run test:all`. */
const cases: [string, number][] =
  process.env['BACKOUT_TEST'] === 'all'
    ? [USERS, SHIPPED].flatMap((path): [string, number][] => [
        [path, 180000],
        [path, 150000],
      ])
    : [
        [USERS, 150000],
        [SHIPPED, 180000],
      ];

describe.each(cases)('%s on version %i', (path, version) => {
  it('names the rows on which a statement would stop, and they are what stops it', async () => {
    await fixture.db.exec(BAD.join(';'));
    const plan = planOfFile(path);
    const risk = await riskOf(fixture, plan, version);
    expect(
      risk.failing.map(({ step, index, column, kind, rows, keyColumns }) => [
        step,
        index,
        column,
        kind,
        rows,
        keyColumns,
      ]),
    ).toEqual([
      ['step-1', 6, 'event_type', 'length', 1, 'id'],
      ['step-1', 6, 'confidence', 'cast', 3, 'id'],
      ['step-2', 6, 'session_type', 'length', 1, 'id'],
    ]);
    expect(keysOf(risk, 'confidence')).toEqual(['1', '2', '3']);
    expect(keysOf(risk, 'event_type')).toEqual(['6']);
    expect(keysOf(risk, 'session_type')).toEqual(['1']);
    for (const entry of risk.failing) {
      const rest = before(plan, entry.step, entry.index);
      const sql = plan.steps.find((one) => one.id === entry.step)?.statements[entry.index - 1]?.sql ?? '';
      const table = entry.step === 'step-1' ? 'codebase_snapshots' : 'git_agent_sessions';
      // With each bad row alone the statement stops; without all of them it runs.
      for (const key of entry.keys) {
        const only = `DELETE FROM ${table} WHERE id::text LIKE '00000000-%' AND id <> '${key}'`;
        const state = entry.kind === 'cast' ? /^22P02|22003$/ : /^22001$/;
        const inStep = rest.slice(entry.step === 'step-2' ? before(plan, 'step-2', 1).length : 0);
        expect(await attempt(fixture, only, ...inStep, sql)).toMatch(state);
      }
    }
  });

  it('runs through where nothing was said to fail, and what was said to be invented is', async () => {
    const plan = planOfFile(path);
    const { risk } = await assess(path, version);
    expect(risk.failing).toEqual([]);
    expect(risk.unchecked).toEqual([]);
    await fixture.db.exec(`CREATE TABLE copy_events AS TABLE codebase_snapshots;
      CREATE TABLE copy_sessions AS TABLE git_agent_sessions`);
    const all = statements(plan).map((one) => one.statement.sql);
    const invented = (column: string): number =>
      risk.invented
        .filter((one) => one.column === column && one.step !== 'step-3')
        .reduce((sum, one) => sum + one.rows, 0);
    const events = (column: string, value: string, source: string): Promise<number> =>
      countAfter(
        fixture,
        all,
        `SELECT count(*) FROM detection_events e JOIN copy_events c USING (id)
        WHERE e.${column} = ${value} AND ${source} IS NULL`,
      );
    expect(invented('event_type')).toBe(await events('event_type', `'unknown'`, `c.metadata->>'event_type'`));
    expect(invented('detector')).toBe(await events('detector', `'unknown'`, `c.metadata->>'detector'`));
    expect(invented('confidence')).toBe(await events('confidence', '1.0', `c.metadata->>'confidence'`));
    expect(invented('data')).toBe(await events('data', `'{}'`, 'c.metadata'));
    expect(invented('data')).toBeGreaterThan(0);
    const sessions = (column: string, value: string, source: string): Promise<number> =>
      countAfter(
        fixture,
        all,
        `SELECT count(*) FROM git_sessions s JOIN copy_sessions c USING (id)
        WHERE s.${column} = ${value} AND ${source} IS NULL`,
      );
    expect(invented('session_type')).toBe(
      await sessions('session_type', `'unknown'`, `c.meta->>'session_type'`),
    );
    expect(invented('metadata')).toBe(await sessions('metadata', `'{}'`, 'c.meta'));
    expect(risk.invented.every((one) => one.rows > 0)).toBe(true);
  });

  it('counts what goes with columns and tables as it is right before it goes', async () => {
    const plan = planOfFile(path);
    const { risk } = await assess(path, version);
    expect(risk.dataAtRisk.length).toBeGreaterThan(10);
    for (const entry of risk.dataAtRisk.filter((one) => one.step !== 'step-3')) {
      const test = entry.column === undefined ? '' : ` WHERE "${entry.column}" IS NOT NULL`;
      const rows = await countAfter(
        fixture,
        before(plan, entry.step, entry.index),
        `SELECT count(*) FROM ${entry.table}${test}`,
      );
      expect([entry.table, entry.column, entry.rows]).toEqual([entry.table, entry.column, rows]);
    }
    // `metadata = meta` keeps meta whole.
    expect(risk.dataAtRisk.filter((one) => one.column === 'meta')).toEqual([]);
    expect(risk.dataAtRisk.some((one) => one.table === 'schema_migrations')).toBe(false);
  });

  it('sends SELECTs alone', async () => {
    const { sent } = await assess(path, version);
    expect(sent.length).toBeGreaterThan(10);
    for (const sql of sent) expect(sql).toMatch(/^(SELECT|WITH backout_r\d+ AS )/);
  });

  it('knows how many rows each table will have', async () => {
    const plan = planOfFile(path);
    const { rowsAfter } = (await assess(path, version)).risk;
    const all = statements(plan).map((one) => one.statement.sql);
    expect(Object.keys(rowsAfter).sort()).toEqual([
      'detection_events',
      'git_sessions',
      'technology_knowledge',
    ]);
    for (const [table, rows] of Object.entries(rowsAfter)) {
      expect([table, rows]).toEqual([table, await countAfter(fixture, all, `SELECT count(*) FROM ${table}`)]);
    }
  });
});

it('the user’s document drops templates unread, and what patterns alone hold', async () => {
  const { dataAtRisk } = (await assess(USERS, 180000)).risk;
  const ofStep = dataAtRisk.filter((one) => one.step === 'step-3');
  expect(ofStep.find((one) => one.table === 'technology_templates')).toMatchObject({
    rows: await count(fixture, 'SELECT count(*) FROM technology_templates'),
  });
  expect(ofStep.find((one) => one.column === 'build_command')).toMatchObject({
    rows: await count(fixture, 'SELECT count(*) FROM technology_patterns WHERE build_command IS NOT NULL'),
  });
  expect(ofStep.find((one) => one.column === 'detection_count')).toMatchObject({
    rows: await count(fixture, 'SELECT count(*) FROM technology_patterns WHERE detection_count <> 0'),
  });
  expect(ofStep.some((one) => one.column === 'extended_metadata')).toBe(false);
});

it('the shipped document takes every template and pattern, and loses their numbers alone', async () => {
  const { dataAtRisk } = (await assess(SHIPPED, 180000)).risk;
  const ofStep = dataAtRisk.filter((one) => one.step === 'step-3').map((one) => [one.table, one.column]);
  expect(ofStep).toEqual([
    ['technology_templates', 'id'],
    ['technology_patterns', 'id'],
  ]);
});

it('finds the NULL that stops Step 3 in tables of other migrations', async () => {
  await fixture.db.exec(`ALTER TABLE technology_patterns ALTER created_at DROP NOT NULL;
    UPDATE technology_patterns SET created_at = NULL WHERE id IN (2, 10)`);
  for (const path of [USERS, SHIPPED]) {
    const plan = planOfFile(path);
    const { failing } = await riskOf(fixture, plan);
    expect(failing).toMatchObject([
      {
        step: 'step-3',
        index: 2,
        column: 'inserted_at',
        kind: 'not-null',
        rows: 2,
        keys: ['2', '10'],
        keyColumns: 'id',
      },
    ]);
    const sql = plan.steps[2]?.statements[1]?.sql ?? '';
    expect(await attempt(fixture, ...before(plan, 'step-3', 2), sql)).toBe('23502');
  }
});
