/** What must be there, and what must not, when the way down has run: read off its effects. */
import type { Expectation } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';

/** Of tables and indexes; the last statement about a name counts. */
export function expectationsFrom(plan: Plan): Expectation[] {
  const found = new Map<string, Expectation | null>();
  const table = (name: string, exists: boolean, line: number): void =>
    void found.set(`table ${name}`, { kind: 'table', name, exists, line });
  for (const { effects, line } of plan.steps.flatMap(({ statements }) => statements)) {
    for (const effect of effects) {
      const { schema } = effect;
      const named = (name: string): string => (schema === undefined ? name : `${schema}.${name}`);
      if (effect.kind === 'create-table') table(named(effect.table), true, line);
      if (effect.kind === 'drop-table') table(named(effect.table), false, line);
      if (effect.kind === 'rename-table') {
        table(named(effect.from), false, line);
        table(named(effect.to), true, line);
      }
      if (effect.kind === 'create-index' && effect.name !== '')
        found.set(`index ${effect.name}`, { kind: 'index', name: effect.name, line });
      if (effect.kind === 'drop-index') found.set(`index ${effect.name}`, null);
    }
  }
  return [...found.values()].filter((one) => one !== null);
}
