/** One value for the definitions of some tables. */
import { createHash } from 'node:crypto';
import type { TableDefinition } from '../../sql/definition.ts';

const GROWS: ReadonlySet<string> = new Set(['heapBytes', 'indexBytes', 'estimatedRows']);

/**
 * sha256 over the definitions, without what changes while a table is merely used (sizes, estimates). The oid counts:
 * a table that was dropped and made again is another one.
 */
export function definitionHash(definitions: readonly TableDefinition[]): string {
  const ordered = [...definitions].sort((one, other) =>
    one.schema === other.schema ? compare(one.name, other.name) : compare(one.schema, other.schema),
  );
  return createHash('sha256').update(JSON.stringify(ordered, canonical)).digest('hex');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The order of an object's fields says nothing. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !GROWS.has(key))
      .sort(([one], [other]) => compare(one, other)),
  );
}
