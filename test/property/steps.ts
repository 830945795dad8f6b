/** A plan of random statements. */
import { planFromSql } from '../../src/sql/plan.ts';
import type { Plan } from '../../src/sql/types.ts';

/** The statements in up to three steps. Needs `loadParser`. */
export function planOf(sqls: readonly string[], breaks: readonly number[]): Plan {
  const places = new Set(breaks.map((one) => one % sqls.length).filter((one) => one > 0));
  const at = [...places].sort((one, other) => one - other);
  const parts = [0, ...at].map((from, i) => sqls.slice(from, at[i] ?? sqls.length));
  const steps = parts.map((part, i) => ({
    id: `step-${i + 1}`,
    title: '',
    words: '',
    statements: planFromSql(part.join(';\n')).steps[0]?.statements ?? [],
  }));
  return { steps, hash: '' };
}
