/** In which order objects go that rest on each other, and which statement makes one. */
import type { Catalog } from '../types.ts';
import { objectKey } from './keys.ts';
import type { ObjectEffect } from './types.ts';

/**
 * Of objects that one statement drops, which the server takes in any order, what rests on another before that; null where
 * there is nothing to put in order. Pure.
 */
export function restingFirst(
  effects: readonly ObjectEffect[],
  { objects, schema }: Pick<Catalog, 'objects' | 'schema'>,
): ObjectEffect[] | null {
  if (effects.length < 2 || effects.some(({ verb }) => verb !== 'drop')) return null;
  const keys = effects.map((effect) => objectKey(effect, schema));
  const seen = new Set<number>();
  const order: ObjectEffect[] = [];
  const put = (at: number): void => {
    if (at < 0 || seen.has(at)) return;
    seen.add(at);
    for (const { ref } of objects?.[keys[at] ?? '']?.dependents ?? [])
      if (ref) put(keys.indexOf(objectKey(ref, schema)));
    order.push(...effects.slice(at, at + 1));
  };
  keys.forEach((_, at) => put(at));
  return order;
}

/** CREATE, and CREATE OR REPLACE of what is not there by then. Pure. */
export function makes(
  effect: ObjectEffect,
  { objects, schema }: Pick<Catalog, 'objects' | 'schema'>,
): boolean {
  if (effect.verb === 'create') return true;
  return effect.verb === 'replace' && (objects?.[objectKey(effect, schema)] ?? null) === null;
}
