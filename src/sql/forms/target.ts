/** Which table of a step its other forms would be for. */
import type { TableDefinition } from '../definition.ts';
import type { Statement } from '../types.ts';

/**
 * The table whose rows the statements write, under its name before them; the largest when there are several. Null when
 * no statement writes rows that are there.
 */
export function writtenTable(
  definitions: readonly TableDefinition[],
  statements: readonly Statement[],
  schema: string,
): TableDefinition | null {
  const names = new Map(definitions.map((definition) => [definition.name, definition]));
  const written = new Set<TableDefinition>();
  for (const effect of statements.flatMap(({ effects }) => effects)) {
    if (effect.schema !== undefined && effect.schema !== schema) continue;
    if (effect.kind === 'rename-table') {
      const table = names.get(effect.from);
      names.delete(effect.from);
      if (table) names.set(effect.to, table);
    } else if (effect.kind === 'update' || effect.kind === 'alter-type') {
      const table = names.get(effect.table);
      if (table) written.add(table);
    }
  }
  const size = (table: TableDefinition): number => table.heapBytes + table.indexBytes;
  return [...written].sort((one, other) => size(other) - size(one))[0] ?? null;
}
