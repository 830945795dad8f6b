/** A PGlite as a session, its catalog, and plans from SQL, for the tests of risk. */
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql, planOf } from '../../src/sql/plan.ts';
import { assessRisk } from '../../src/sql/risk.ts';
import { DatabaseError, type QueryResult, type Session } from '../../src/sql/session.ts';
import type { Plan, Position, PositionState, Risk } from '../../src/sql/types.ts';

export interface Fixture {
  db: PGlite;
  session: Session;
  /** Every statement that was sent through the session. */
  sent: string[];
}

/** Everything that the program's own connection hands over is text or null. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function sessionOn(db: PGlite, sent: string[] = []): Session {
  const query = async (sql: string, params: readonly unknown[] = []): Promise<QueryResult> => {
    sent.push(sql);
    try {
      const result = await db.query<Record<string, unknown>>(sql, [...params]);
      const rows = result.rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, asText(value)])),
      );
      return {
        rows,
        fields: result.fields.map((field) => field.name),
        rowCount: result.affectedRows ?? null,
        command: '',
      };
    } catch (error) {
      const { message, code } = error as { message: string; code?: string };
      throw new DatabaseError(`${message}\n${sql}`, code ?? 'XX000', {}, { cause: error });
    }
  };
  return {
    query,
    onNotice: () => () => undefined,
    cancel: () => Promise.resolve(),
    close: () => Promise.resolve(),
    processId: null,
    lost: false,
  };
}

export async function emptyDatabase(): Promise<Fixture> {
  await loadParser();
  const db = await PGlite.create({ extensions: { vector } });
  await db.exec('CREATE EXTENSION vector');
  const sent: string[] = [];
  return { db, session: sessionOn(db, sent), sent };
}

/** Begins with an empty schema again: a new PGlite costs a second, this does not. */
export async function clear({ db, sent }: Fixture): Promise<void> {
  await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION vector SCHEMA public');
  sent.length = 0;
}

export function planOfFile(path: string): Plan {
  return planOf(parseRunbook(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), path));
}

/** A position with the same state everywhere, except where `states` says another. */
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
): Promise<Risk> {
  const whole = typeof plan === 'string' ? planFromSql(plan, 'Step') : plan;
  const catalog = await readCatalog(fixture.session, 'public');
  return assessRisk(whole, catalog, positionWith(whole, states), fixture.session, { serverVersion: version });
}

/** Runs a statement in a transaction that is rolled back: how many rows it touched, or the SQLSTATE of its error. */
export async function attempt(
  fixture: Fixture,
  sql: string,
): Promise<{ rows: number } | { sqlstate: string }> {
  await fixture.db.exec('BEGIN');
  try {
    const result = await fixture.db.query(sql);
    return { rows: result.affectedRows ?? 0 };
  } catch (error) {
    return { sqlstate: (error as { code: string }).code };
  } finally {
    await fixture.db.exec('ROLLBACK');
  }
}

export async function count(fixture: Fixture, sql: string): Promise<number> {
  const { rows } = await fixture.db.query<{ n: number }>(`SELECT (${sql})::int AS n`);
  return rows[0]?.n ?? -1;
}
