/**
 * Invalid indexes that an attempt left which broke off. Source: the manual, sql-createindex: "If a problem arises while
 * scanning the table … the CREATE INDEX command will fail but leave behind an 'invalid' index"; the way out it recommends
 * is to drop the index and try again. IF NOT EXISTS would be content with it.
 */
import type { TableDefinition } from '../definition.ts';
import { isHere } from '../symbolic.ts';
import type { Catalog, Effect, Plan, PlanStep, Position, Table } from '../types.ts';

export interface LeftOver {
  step: string;
  table: string;
  index: string;
  /** build: it stands where an index is to be built, and goes first. drop: it is to be dropped, whatever state it is in. */
  for: 'build' | 'drop';
  /** As the catalog has it. */
  definition: string;
}

function matches(effect: Effect, table: Table, name: string): LeftOver['for'] | null {
  const index = table.indexes.find((one) => one.name === name);
  if (!index || index.valid || index.primary) return null;
  if (effect.kind === 'drop-index') return effect.concurrently ? 'drop' : null;
  if (effect.kind !== 'create-index' || !effect.concurrently || effect.table !== table.name) return null;
  // Another index of that name is nobody's left-over: it stays in the way, and is told of.
  const plain = effect.columns.every((column) => column !== '');
  const same = index.unique === effect.unique && effect.columns.join() === index.columns.join();
  return !plain || same ? 'build' : null;
}

function ofStep(step: PlanStep, catalog: Catalog): LeftOver[] {
  const statement = step.statements.at(-1);
  if (step.lone === undefined || !statement) return [];
  return statement.effects.flatMap((effect) => {
    if ((effect.kind !== 'create-index' && effect.kind !== 'drop-index') || !isHere(effect, catalog))
      return [];
    return Object.values(catalog.tables).flatMap((table): LeftOver[] => {
      const kind = matches(effect, table, effect.name);
      const definition = table.indexes.find(({ name }) => name === effect.name)?.definition ?? '';
      return kind === null
        ? []
        : [{ step: step.id, table: table.name, index: effect.name, for: kind, definition }];
    });
  });
}

/** Of the statements that run by themselves: an index that is built later in the plan counts for its building. */
export function leftOvers(plan: Plan, catalog: Catalog): LeftOver[] {
  const all = plan.steps.flatMap((step) => ofStep(step, catalog));
  const built = new Set(all.filter((one) => one.for === 'build').map(({ index }) => index));
  return all.filter((one) => one.for === 'build' || !built.has(one.index));
}

type Indexed = { name: string; indexes: { name: string; valid: boolean }[] };

function without<T extends Indexed>(table: T, found: readonly LeftOver[]): T {
  const mine = found.filter((one) => one.table === table.name);
  if (mine.length === 0) return table;
  const gone = new Set(mine.filter((one) => one.for === 'build').map(({ index }) => index));
  const indexes = table.indexes
    .filter(({ name }) => !gone.has(name))
    .map((index) => (mine.some((one) => one.index === index.name) ? { ...index, valid: true } : index));
  return { ...table, indexes };
}

/** The catalog as the plan means it: what is built anew is not there, what is dropped is. */
export function withoutLeftOvers(catalog: Catalog, found: readonly LeftOver[]): Catalog {
  if (found.length === 0) return catalog;
  const tables = Object.entries(catalog.tables).map(([name, table]) => [name, without(table, found)]);
  return { ...catalog, tables: Object.fromEntries(tables) as Catalog['tables'] };
}

/** The same of definitions. */
export const definitionsWithout = (
  definitions: readonly TableDefinition[],
  found: readonly LeftOver[],
): TableDefinition[] => definitions.map((one) => without(one, found));

/** That it is there, wherever a statement waits that will see to it. */
export function sayLeftOvers(position: Position, found: readonly LeftOver[]): Position {
  if (found.length === 0) return position;
  return {
    steps: position.steps.map((step) => {
      const mine = found.find((one) => one.step === step.id);
      if (!mine || step.state !== 'pending') return step;
      const then = mine.for === 'build' ? 'It is removed first.' : 'It is dropped all the same.';
      const reason = `Index ${mine.index} is there but invalid: an attempt at it broke off. ${then}`;
      return {
        ...step,
        statements: [
          ...step.statements.slice(0, -1),
          ...step.statements.slice(-1).map((one) => ({ ...one, reason })),
        ],
      };
    }),
  };
}
