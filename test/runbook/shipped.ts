/** The shipped runbook and its statements, for tests that run them. */
import type { Database } from '../support/states.ts';
import { readRunbook } from '../../src/runbook/read.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import type { Plan } from '../../src/sql/types.ts';

export const SHIPPED = 'runbooks/20250101000014-align-schema-table-names.md';

export async function shipped(): Promise<{ runbook: Runbook; plan: Plan }> {
  await loadParser();
  const runbook = await readRunbook(SHIPPED);
  return { runbook, plan: planOf(runbook) };
}

/** Each step in one transaction; throws what the database says. */
export async function runPlan(db: Database, plan: Plan): Promise<void> {
  for (const step of plan.steps) {
    await db.exec('BEGIN');
    try {
      for (const { sql } of step.statements) await db.query(sql);
      await db.exec('COMMIT');
    } catch (error) {
      await db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Something is there already, or no longer: what a statement says that was applied before. */
const APPLIED_BEFORE = new Set(['42P01', '42P07', '42703', '42701', '42704']);

/** Runs what is still possible of the plan, in order: what was applied before fails by name and is left out. */
export async function finishPlan(db: Database, plan: Plan): Promise<void> {
  await db.exec('BEGIN');
  for (const { sql } of plan.steps.flatMap(({ statements }) => statements)) {
    await db.exec('SAVEPOINT statement');
    try {
      await db.query(sql);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!APPLIED_BEFORE.has(code)) throw error;
      await db.exec('ROLLBACK TO SAVEPOINT statement');
    }
  }
  await db.exec('COMMIT');
}
