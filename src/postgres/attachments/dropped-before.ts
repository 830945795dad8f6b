/** Attachments that the plan drops by statements of their own before they would be in the way. Pure. */
import { objectKey } from '../../sql/objects/keys.ts';
import type { ObjectEffect } from '../../sql/objects/types.ts';
import type { Catalog, Plan, Position } from '../../sql/types.ts';
import type { Touched } from '../touched.ts';
import type { Found } from './outcome.ts';

export interface DroppedObject {
  effect: ObjectEffect;
  /** The place of its statement in the plan, as in {@link Touched}. */
  at: number;
}

/** The statements still to run that drop an object. */
export function droppedObjects(plan: Plan, position: Position): DroppedObject[] {
  let at = 0;
  return plan.steps.flatMap((step) => {
    const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
    return step.statements.flatMap((statement) => {
      at += 1;
      const here = at;
      if (states.find(({ index }) => index === statement.index)?.state === 'applied') return [];
      return statement.effects.flatMap((effect) =>
        effect.kind === 'object' && effect.verb === 'drop' ? [{ effect, at: here }] : [],
      );
    });
  });
}

function isThis(found: Found, effect: ObjectEffect, table: Touched, catalog: Catalog): boolean {
  if (['trigger', 'policy', 'rule'].includes(found.kind))
    return effect.type === found.kind && effect.name === found.name && effect.on === table.table;
  const state = catalog.objects?.[objectKey(effect, catalog.schema)];
  if (!state) return false;
  if (found.kind === effect.type) return found.other === state.oid;
  const routine = effect.type === 'function' || effect.type === 'procedure';
  return (
    routine && found.kind.startsWith('function') && found.name.startsWith(`${state.schema}.${state.name}(`)
  );
}

/** Dropped before its table is; where only a column of the table goes, dropped at all. */
export function isDroppedBefore(
  found: Found,
  table: Touched,
  catalog: Catalog,
  dropped: readonly DroppedObject[],
): boolean {
  return dropped.some(
    ({ effect, at }) => at < (table.droppedAt ?? Infinity) && isThis(found, effect, table, catalog),
  );
}
