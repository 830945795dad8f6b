/** What must be there, and what must not, when the way down has run: read off its effects. */
import type { Expectation } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';

/** Of tables and indexes; the last statement about a name counts. Names in other schemas are left to the steps' own checks. */
export function expectationsFrom(plan: Plan): Expectation[] {
  const found = new Map<string, Expectation | null>();
  const table = (name: string, exists: boolean, line: number): void =>
    void found.set(`table ${name}`, { kind: 'table', name, exists, line });
  for (const { effects, line } of plan.steps.flatMap(({ statements }) => statements)) {
    for (const effect of effects) {
      if (effect.schema !== undefined) continue;
      if (effect.kind === 'create-table') table(effect.table, true, line);
      if (effect.kind === 'drop-table') table(effect.table, false, line);
      if (effect.kind === 'rename-table') {
        table(effect.from, false, line);
        table(effect.to, true, line);
      }
      if (effect.kind === 'create-index' && effect.name !== '')
        found.set(`index ${effect.name}`, { kind: 'index', name: effect.name, line });
      if (effect.kind === 'drop-index') found.set(`index ${effect.name}`, null);
    }
  }
  return [...found.values()].filter((one) => one !== null);
}
