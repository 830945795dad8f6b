/** The objects a plan names, under every name they have in it. */
import type { Plan } from '../types.ts';
import { changesAttributes } from './composite.ts';
import { objectKey, refOnly, renamedTo } from './keys.ts';
import type { ObjectEffect, ObjectRef } from './types.ts';

/** An object asked for, and whether what depends on it has to be known: it is dropped. */
export interface Asked {
  key: string;
  ref: ObjectRef;
  dropped: boolean;
}

/** Triggers and policies of a table that the plan renames are looked for under both of its names. */
export function objectsOf(plan: Plan, schema: string): Asked[] {
  const effects = plan.steps.flatMap(({ statements }) => statements.flatMap((one) => one.effects));
  const renamed = effects.flatMap((effect) =>
    effect.kind === 'rename-table' ? [[effect.from, effect.to]] : [],
  );
  const found = new Map<string, Asked>();
  const add = (ref: ObjectRef, dropped: boolean): void => {
    const key = objectKey(ref, schema);
    found.set(key, { key, ref: refOnly(ref), dropped: dropped || (found.get(key)?.dropped ?? false) });
  };
  for (const effect of effects) {
    if (effect.kind !== 'object') continue;
    add(effect, effect.verb === 'drop' || changesAttributes(effect));
    if (effect.verb === 'rename') add(renamedTo(effect), false);
    for (const names of renamed) {
      const [other] = names.filter((name) => name !== (effect.on ?? effect.name));
      const self = effect.on ?? (effect.type === 'table' ? effect.name : null);
      if (self === null || !names.includes(self) || other === undefined) continue;
      add(effect.on === undefined ? { ...effect, name: other } : { ...effect, on: other }, false);
    }
  }
  return [...found.values()];
}

/** The effects on objects of some statements. */
export function objectEffectsOf(
  statements: readonly { effects: readonly { kind: string }[] }[],
): ObjectEffect[] {
  return statements.flatMap(({ effects }) =>
    effects.filter((one): one is ObjectEffect => one.kind === 'object'),
  );
}

/** The table that an effect is about, of one that hangs on a table or says something of it. */
export function tableOfObject(effect: ObjectRef): string | null {
  return effect.on ?? (effect.type === 'table' ? effect.name : null);
}
