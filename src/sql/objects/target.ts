import { quoteQualified } from '../definition-sql/quoting.ts';
import type { ObjectState } from './types.ts';

/** Under another name or in another place: `TYPE "a"."b"`. */
export function targetAt(state: ObjectState, schema: string, name: string): string {
  return state.target.replace(quoteQualified(state), () => quoteQualified({ schema, name }));
}

/**
 * As {@link targetAt}, a function by its name alone: names in the archive are unique, and the types of its parameters may be
 * called otherwise by then.
 */
export function loneTargetAt(state: ObjectState, schema: string, name: string): string {
  const place = quoteQualified({ schema, name });
  const whole = targetAt(state, schema, name);
  return whole.slice(0, whole.indexOf(place) + place.length);
}
