import type { TableDefinition } from '../definition.ts';

/** Where a table is: one of another schema is known as `schema.name`. */
export function placedName({ schema, name, bare }: TableDefinition): { schema: string; name: string } {
  return { schema, name: bare ?? name };
}
