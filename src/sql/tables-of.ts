/** The tables a plan names, in the order it first names them. */
import type { Effect, Plan } from './types.ts';

/** Every name a table of the plan has at some time: before, in between and after. */
export function tablesOf(plan: Plan): string[] {
  const names = plan.steps.flatMap((step) =>
    step.statements.flatMap((statement) => statement.effects.flatMap(tablesOfEffect)),
  );
  return [...new Set(names)];
}

/** The tables one effect changes or reads. */
export function tablesOfEffect(effect: Effect): string[] {
  switch (effect.kind) {
    case 'rename-table':
      return [effect.from, effect.to];
    case 'update':
    case 'insert':
    case 'delete':
      return [effect.table, ...effect.reads];
    case 'select':
      return effect.reads;
    case 'drop-index':
    case 'rename-index':
    case 'comment':
    case 'not-understood':
      return [];
    default:
      return [effect.table];
  }
}
