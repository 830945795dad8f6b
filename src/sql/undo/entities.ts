/** What became of each table of a step, and what an undo therefore has to do with it. */
import type { TableDefinition } from '../definition.ts';
import { keyOf } from '../archive/columns.ts';
import type { ArchiveEntry, StepRecord } from '../procedure/types.ts';
import type { UndoFacts } from './types.ts';

/**
 * moved: the table itself lies in the archive. swapped: so it does, and another stands in its place. dropped: only its
 * rows are kept. in-place: it is still there, perhaps under another name.
 */
export interface Entity {
  kind: 'moved' | 'swapped' | 'dropped' | 'in-place';
  before: TableDefinition;
  /** The table that is there now, in its place or itself. */
  now: TableDefinition | null;
  nowName: string;
  /** Column names now → before. */
  renamed: Record<string, string>;
  table: ArchiveEntry | null;
  columns: ArchiveEntry | null;
  rows: ArchiveEntry[];
  inserted: boolean;
  /** The columns by which a row of before is still known; none where the step changes them. */
  key: string[];
}

export interface Layout {
  entities: Entity[];
  /** Tables that the step created and that take no other's place. */
  created: TableDefinition[];
}

/** The name a table has after the step. */
export function nameAfter(record: StepRecord, before: string): string {
  return record.renamed[before] ?? before;
}

/** Names whose definitions an undo looks at: in the step's schema, and in the archive. */
export function tablesOf(
  record: StepRecord,
  entries: readonly ArchiveEntry[] = record.archive,
): { schema: string[]; archive: string[] } {
  const names = record.before.flatMap(({ name }) => [name, nameAfter(record, name)]);
  const archived = entries.flatMap((entry) =>
    entry.archived === null || entry.kind === 'definition' ? [] : [entry.archived],
  );
  return { schema: [...new Set([...names, ...record.created])].sort(), archive: archived.sort() };
}

function entityOf(before: TableDefinition, facts: UndoFacts): Entity {
  const { record } = facts.step;
  const own = record.archive.filter(({ object }) => object === before.name);
  const table = own.find(({ kind }) => kind === 'table') ?? null;
  const nowName = nameAfter(record, before.name);
  const stands = record.form === 'copy-and-swap' && table !== null && !record.dropped.includes(before.name);
  const kind = table
    ? stands
      ? 'swapped'
      : 'moved'
    : record.dropped.includes(before.name)
      ? 'dropped'
      : 'in-place';
  return {
    kind,
    before,
    now: facts.now.find(({ name }) => name === nowName) ?? null,
    nowName,
    renamed: record.renamedColumns[nowName] ?? {},
    table,
    columns: own.find(({ kind: what }) => what === 'columns') ?? null,
    rows: own.filter(({ kind: what }) => what === 'rows'),
    inserted: record.inserted?.includes(before.name) ?? false,
    key: keyOf(before, record.unsteady?.[before.name] ?? []),
  };
}

/** Pure. */
export function layoutOf(facts: UndoFacts): Layout {
  const entities = facts.step.record.before.map((before) => entityOf(before, facts));
  const taken = entities.filter(({ kind }) => kind === 'swapped').map(({ nowName }) => nowName);
  const created = facts.now.filter(
    ({ name }) => facts.step.record.created.includes(name) && !taken.includes(name),
  );
  return { entities, created };
}

/** A column's name before the step. */
export function nameBefore(entity: Entity, now: string): string {
  return entity.renamed[now] ?? now;
}
