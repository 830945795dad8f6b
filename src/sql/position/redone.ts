/**
 * Constraints that a step drops and adds again under the same name: the catalog has one of that name before and after,
 * and whether it is the new one cannot be told from its text, which the server writes in its own words.
 */
import type { PlanStep, Statement, StatementPosition } from '../types.ts';

const key = (table: string, name: string): string => `${table}.${name}`;

/** Statements of a step that do nothing but drop such constraints and add them again. */
export function redoing(step: PlanStep): Set<number> {
  const dropped = new Set<string>();
  const again = new Set<string>();
  for (const { effects } of step.statements)
    for (const effect of effects) {
      if (effect.kind === 'drop-constraint') dropped.add(key(effect.table, effect.name));
      if (effect.kind !== 'add-constraint' || effect.name === null) continue;
      const own = key(effect.table, effect.name);
      if (dropped.has(own)) again.add(own);
    }
  const isRedone = (effect: Statement['effects'][number]): boolean =>
    (effect.kind === 'drop-constraint' || effect.kind === 'add-constraint') &&
    effect.name !== null &&
    again.has(key(effect.table, effect.name));
  const only = step.statements.filter(({ effects }) => effects.length > 0 && effects.every(isRedone));
  return new Set(only.map(({ index }) => index));
}

/**
 * Which of them count as still to run although a constraint of that name is there: running them again ends in the same,
 * leaving them out would not. They have run where everything else of their step has.
 *
 * @param done the journal says that the step has run
 */
export function toRedo(
  step: PlanStep,
  judged: readonly StatementPosition[],
  done: boolean,
): ReadonlySet<number> {
  const redone = redoing(step);
  const others = judged.filter(({ index }) => !redone.has(index));
  const applied = others.length > 0 && others.every(({ state }) => state === 'applied');
  if (done || applied || others.some(({ state }) => state === 'conflict')) return new Set();
  return new Set(
    judged.filter(({ index, state }) => redone.has(index) && state === 'applied').map(({ index }) => index),
  );
}
