/** A PGlite as a session that remembers what was sent, plans, positions and attempts, for the tests of risk. */
import { readFileSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql, planOf } from '../../src/sql/plan.ts';
import { assessRisk } from '../../src/sql/risk.ts';
import type { Session } from '../../src/sql/session.ts';
import type { AssessedRisk, Plan, Position, PositionState } from '../../src/sql/types.ts';
import { emptyPglite, freshPglite, sessionOn } from '../support/pglite.ts';

export interface Fixture {
  db: PGlite;
  session: Session;
  /** Every statement that was sent through the session. */
  sent: string[];
}

export async function openFixture(): Promise<Fixture> {
  await loadParser();
  const db = await freshPglite();
  const session = sessionOn(db);
  const sent: string[] = [];
  const query: Session['query'] = (sql, params) => {
    sent.push(sql);
    return session.query(sql, params);
  };
  return { db, sent, session: { ...session, query } };
}

/** Begins with an empty schema again. */
export async function clear({ db, sent }: Fixture, sql = ''): Promise<void> {
  await emptyPglite(db);
  await db.exec(sql);
  sent.length = 0;
}

export function planOfFile(path: string): Plan {
  return planOf(parseRunbook(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), path));
}

/** The same state everywhere, except where `states` ("step-1/3") says another. */
export function positionWith(plan: Plan, states: Record<string, PositionState> = {}): Position {
  return {
    steps: plan.steps.map((step) => ({
      id: step.id,
      state: 'pending',
      statements: step.statements.map(({ index }) => {
        return { index, state: states[`${step.id}/${index}`] ?? 'pending', reason: 'said so by the test' };
      }),
    })),
  };
}

/** @param version 180000 lets the server be asked; 150000 forces the regular expressions */
export async function riskOf(
  fixture: Fixture,
  plan: Plan | string,
  version = 180000,
  states: Record<string, PositionState> = {},
): Promise<AssessedRisk> {
  const whole = typeof plan === 'string' ? planFromSql(plan, 'Step') : plan;
  const catalog = await readCatalog(fixture.session, 'public');
  fixture.sent.length = 0;
  return assessRisk(whole, catalog, positionWith(whole, states), fixture.session, { serverVersion: version });
}

/** Runs statements in a transaction that is rolled back: rows touched by the last, or the SQLSTATE that stopped them. */
export async function attempt({ db }: Fixture, ...statements: string[]): Promise<number | string> {
  await db.exec('BEGIN');
  try {
    let rows = 0;
    for (const sql of statements) rows = (await db.query(sql)).affectedRows ?? 0;
    return rows;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await db.exec('ROLLBACK');
  }
}

/** One number. */
export async function count({ db }: Fixture, sql: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`SELECT (${sql})::int AS n`);
  return rows[0]?.n ?? -1;
}

/** One number as it is after statements, which are rolled back. */
export async function countAfter(
  fixture: Fixture,
  statements: readonly string[],
  sql: string,
): Promise<number> {
  await fixture.db.exec('BEGIN');
  try {
    for (const statement of statements) await fixture.db.query(statement);
    return await count(fixture, sql);
  } finally {
    await fixture.db.exec('ROLLBACK');
  }
}
