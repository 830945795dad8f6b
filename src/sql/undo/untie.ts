/** Constraints that stand in the way while rows come back: dropped first, and given again in the end. */
import type { ConstraintDefinition } from '../definition.ts';
import type { Entity, Layout } from './entities.ts';

/** pg_get_constraintdef quotes a name where it must be. */
const TARGET = /REFERENCES (?:ONLY )?((?:"(?:[^"]|"")*"|[^\s"(])+)\(/;

/** The table that a foreign key points at, without its schema and with it; none for other constraints. */
function targets({ definition }: ConstraintDefinition): string[] {
  const found = TARGET.exec(definition)?.[1] ?? '';
  const parts = [...found.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  return parts.length === 0 ? [] : [parts.at(-1) ?? '', parts.join('.')];
}

/** Rows are put in, taken out, or get other values in columns that were there all along. */
function rowsChange({ kind, rows, inserted, columns }: Entity): boolean {
  return kind === 'in-place' && (rows.length > 0 || inserted || columns !== null);
}

/**
 * Whether rows pass through a state that the constraint forbids: a foreign key while one of its two tables has its rows
 * back and the other has not; one that is not validated (manual, sql-altertable), whenever a row of before comes back
 * that it would have refused.
 */
export function mustUntie(entity: Entity, layout: Layout): (constraint: ConstraintDefinition) => boolean {
  const changing = new Set(layout.entities.filter(rowsChange).map(({ nowName }) => nowName));
  const own = rowsChange(entity);
  return (constraint) => {
    if (constraint.type === 'f') return own || targets(constraint).some((table) => changing.has(table));
    return constraint.type === 'c' && !constraint.validated && own;
  };
}
