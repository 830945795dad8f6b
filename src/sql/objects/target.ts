import { quoteQualified } from '../definition-sql/quoting.ts';
import type { ObjectState } from './types.ts';

/** Under another name or in another place: `TYPE "a"."b"`. */
export function targetAt(state: ObjectState, schema: string, name: string): string {
  return state.target.replace(quoteQualified(state), () => quoteQualified({ schema, name }));
}
