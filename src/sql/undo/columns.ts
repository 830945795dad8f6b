/** Which columns of a table that is still there stay, which an undo takes away, and which it brings back. */
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { isStored } from '../archive/columns.ts';
import { nameBefore, type Entity } from './entities.ts';

export interface ColumnChanges {
  /** There before and now: `now` is its present name. */
  kept: { before: ColumnDefinition; now: ColumnDefinition }[];
  /** Of `kept`: present name → name before. */
  renamed: [string, string][];
  /** Present names of columns that go: the step added them, or they come back as something else. */
  gone: string[];
  /** Columns of before that are added again, with another type or because they were dropped. */
  back: ColumnDefinition[];
  /** Of `back`, those that are there now with another type: pairs of present name and definition before. */
  retyped: { before: ColumnDefinition; now: ColumnDefinition }[];
  /** Names before of kept columns whose values the step changed and the archive holds. */
  overwritten: string[];
}

function sameKind(one: ColumnDefinition, other: ColumnDefinition): boolean {
  return (
    one.type === other.type &&
    one.collation === other.collation &&
    one.generated === other.generated &&
    one.expression === other.expression
  );
}

/** What a column has that one made anew under its name has not. */
function attributes(column: ColumnDefinition, table: TableDefinition | null): string {
  const { storage, compression, statisticsTarget, options, identity, name } = column;
  // Not as JSON: a definition that has been in the journal has its keys in another order.
  const grants = column.grants
    ?.map(({ grantee, privilege, grantable }) => `${grantee} ${privilege} ${String(grantable)}`)
    .sort();
  const sequences = table?.sequences.filter((one) => one.column === name).map((one) => one.identity);
  return JSON.stringify([grants, storage, compression, statisticsTarget, options, identity, sequences]);
}

export function columnChanges(entity: Entity): ColumnChanges {
  const { before, now, columns } = entity;
  const was = new Map(before.columns.map((column) => [column.name, column]));
  const explicit = new Set(Object.values(entity.renamed));
  const pairs = (now?.columns ?? []).map((column) => {
    const renamedNow = entity.renamed[column.name] !== undefined;
    const name = nameBefore(entity, column.name);
    const match = !renamedNow && explicit.has(name) ? undefined : was.get(name);
    return { now: column, before: match };
  });
  const matched = pairs.flatMap(({ now: column, before: match }) =>
    match ? [{ now: column, before: match }] : [],
  );
  // One whose values are in the archive may have been dropped and made anew.
  const archived = new Set(columns?.archived ? columns.columns : []);
  const same = (pair: ColumnChanges['retyped'][number]): boolean =>
    sameKind(pair.now, pair.before) &&
    (!archived.has(pair.before.name) || attributes(pair.now, now) === attributes(pair.before, before));
  const kept = matched.filter(same);
  const keptNames = new Set(kept.map((pair) => pair.before.name));
  return {
    kept,
    renamed: kept
      .filter((pair) => pair.now.name !== pair.before.name)
      .map((pair) => [pair.now.name, pair.before.name]),
    gone: pairs
      .filter((pair) => !kept.some(({ now: column }) => column === pair.now))
      .map((pair) => pair.now.name),
    back: before.columns.filter(({ name }) => !keptNames.has(name)),
    retyped: matched.filter((pair) => !same(pair)),
    overwritten: kept
      .filter((pair) => isStored(pair.before) && (columns?.columns.includes(pair.before.name) ?? false))
      .map((pair) => pair.before.name),
  };
}
