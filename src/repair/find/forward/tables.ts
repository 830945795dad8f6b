/** Which tables fixing forward is about. */
import { tablesOf } from '../../../sql/tables-of.ts';
import type { Plan, Table } from '../../../sql/types.ts';
import { versionTables } from '../../../sql/lock-levels.ts';
import type { RepairContext } from '../../find.ts';

const effectsOf = (plan: Plan) =>
  plan.steps.flatMap(({ statements }) => statements.flatMap(({ effects }) => effects));

/** What the rollback renames, as it is called after the migration and before it. */
export const renamed = (plan: Plan): { now: string; was: string }[] =>
  effectsOf(plan).flatMap((effect) =>
    effect.kind === 'rename-table' ? [{ now: effect.from, was: effect.to }] : [],
  );

/** Tables that the migration made or renamed: those that the rollback drops or renames. */
export function forwardTables(plan: Plan): string[] {
  const dropped = effectsOf(plan).flatMap((effect) => (effect.kind === 'drop-table' ? [effect.table] : []));
  return [...new Set([...renamed(plan).map(({ now }) => now), ...dropped])];
}

/** Tables that the migration renamed or dropped: those that the rollback makes. */
export function oldTables(plan: Plan): string[] {
  const made = effectsOf(plan).flatMap((effect) => (effect.kind === 'create-table' ? [effect.table] : []));
  return [...new Set([...renamed(plan).map(({ was }) => was), ...made])];
}

/** Tables of the plan that are there, without the framework's own. */
export function concerned({ plan, catalog }: RepairContext): Table[] {
  const own = new Set(versionTables(plan));
  return tablesOf(plan)
    .filter((name) => !own.has(name))
    .flatMap((name) => catalog.tables[name] ?? [])
    .filter(({ kind }) => kind === 'r' || kind === 'p');
}
