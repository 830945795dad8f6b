/** Definitions that a step destroys, each as a line of the report; the whole of them is in the step's record. */
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { parseOne } from '../parse.ts';
import { columnsIn, walk } from '../parse-tree.ts';
import type { Followed } from './follow.ts';

export interface Lost {
  object: string;
  words: string;
}

/** Whether a definition names one of these columns. */
export function mentions(sql: string, gone: ReadonlySet<string>): boolean {
  if (gone.size === 0) return false;
  const tree = parseOne(sql);
  const names = columnsIn(tree).map((parts) => parts.at(-1) ?? '');
  walk(tree, (kind, fields) => {
    if ((kind === 'IndexElem' || kind === 'StatsElem') && typeof fields.name === 'string')
      names.push(fields.name);
  });
  return names.some((name) => gone.has(name));
}

function columnWords(table: TableDefinition, column: ColumnDefinition): string {
  const parts = [
    column.type,
    ...(column.notNull ? ['NOT NULL'] : []),
    ...(column.default === null ? [] : [`DEFAULT ${column.default}`]),
    ...(column.expression === null ? [] : [`GENERATED ALWAYS AS (${column.expression})`]),
    ...(column.identity === '' ? [] : ['GENERATED AS IDENTITY']),
    ...(column.grants === null ? [] : ['with its grants']),
    ...(column.comment === null ? [] : ['with its comment']),
  ];
  return `Column ${column.name} of ${table.name}: ${parts.join(' ')}.`;
}

/** Everything defined on one table that the step drops: by name, or silently with a column. */
export function lostOf(followed: Followed): Lost[] {
  const { definition, dropped } = followed;
  const goes = (columns: readonly string[]): boolean => columns.some((column) => dropped.has(column));
  const constraints = definition.constraints.filter(
    (one) => followed.lostConstraints.has(one.name) || goes(one.columns),
  );
  const behind = new Set(constraints.map(({ name }) => name));
  const indexes = definition.indexes.filter(
    (one) =>
      one.constraint === null &&
      !behind.has(one.name) &&
      (followed.lostIndexes.has(one.name) || goes(one.columns) || mentions(one.definition, dropped)),
  );
  const statistics = definition.statistics.filter((one) => mentions(one.definition, dropped));
  const changed = (set: ReadonlySet<string>): ColumnDefinition[] =>
    definition.columns.filter((column) => set.has(column.name) && !dropped.has(column.name));
  return [
    ...definition.columns
      .filter((column) => dropped.has(column.name))
      .map((column) => ({
        object: `${definition.name}.${column.name}`,
        words: columnWords(definition, column),
      })),
    ...indexes.map((one) => ({ object: one.name, words: `Index ${one.name}: ${one.definition}.` })),
    ...constraints.map((one) => ({
      object: one.name,
      words: `Constraint ${one.name} of ${definition.name}: ${one.definition}.`,
    })),
    ...statistics.map((one) => ({ object: one.name, words: `Statistics ${one.name}: ${one.definition}.` })),
    ...changed(followed.lostDefaults)
      .filter((column) => column.default !== null)
      .map((column) => ({
        object: `${definition.name}.${column.name}`,
        words: `Default of ${definition.name}.${column.name}: ${column.default ?? ''}.`,
      })),
    ...changed(followed.lostNotNull).map((column) => ({
      object: `${definition.name}.${column.name}`,
      words: `NOT NULL of ${definition.name}.${column.name}.`,
    })),
    ...changed(followed.retyped).map((column) => ({
      object: `${definition.name}.${column.name}`,
      words: `Type of ${definition.name}.${column.name}: ${column.type}.`,
    })),
  ];
}
