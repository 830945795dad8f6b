/** What a form costs, from the sizes of the tables as they are. Estimates, each with what it rests on. */
import type { TableDefinition } from '../definition.ts';
import { LOCK_LEVELS } from '../lock-levels.ts';
import type { Statement } from '../types.ts';
import type { ArchiveEntry, FormCost, StepLocks } from './types.ts';

export interface CostFacts {
  /** As the step finds them, with their sizes. */
  definitions: readonly TableDefinition[];
  statements: readonly Statement[];
  locks: readonly StepLocks[];
  archive: readonly ArchiveEntry[];
}

const sizeOf = (table: TableDefinition): number => table.heapBytes + table.indexBytes;

/** A copy of columns is taken to be their share of the row, by number: how wide each is, is not known. */
function archivedBytes({ definitions, archive }: CostFacts): { moved: number; copied: number } {
  let [moved, copied] = [0, 0];
  for (const entry of archive) {
    const table = definitions.find(({ name }) => name === entry.object);
    if (!table) continue;
    if (entry.kind === 'table') moved += sizeOf(table);
    if (entry.kind !== 'columns') continue;
    const share = (entry.key.length + entry.columns.length) / Math.max(1, table.columns.length);
    copied += Math.round(table.heapBytes * Math.min(1, share));
  }
  return { moved, copied };
}

function strongest(locks: readonly StepLocks[]): number {
  return Math.max(-1, ...locks.map(({ level }) => LOCK_LEVELS.indexOf(level)));
}

function updatesOf({ definitions, statements }: CostFacts): { bytes: number; words: string[] } {
  const names = new Map(definitions.map((one) => [one.name, one]));
  const counts = new Map<TableDefinition, number>();
  for (const effect of statements.flatMap(({ effects }) => effects)) {
    if (effect.kind === 'rename-table') {
      const table = names.get(effect.from);
      names.delete(effect.from);
      if (table) names.set(effect.to, table);
    } else if (effect.kind === 'update' || effect.kind === 'alter-type') {
      const table = names.get(effect.table);
      if (table) counts.set(table, (counts.get(table) ?? 0) + 1);
    }
  }
  const written = [...counts];
  return {
    bytes: written.reduce((sum, [table, count]) => sum + count * sizeOf(table), 0),
    words: written.map(
      ([{ name }, count]) =>
        `${count === 1 ? 'one statement' : `${count} statements`} may write every row of ${name}`,
    ),
  };
}

const RESTS = 'from the sizes of the tables now';

/** In place, statement by statement: each UPDATE may write every row again. */
export function costAsWritten(facts: CostFacts): FormCost {
  const { bytes, words } = updatesOf(facts);
  const { moved, copied } = archivedBytes(facts);
  const level = strongest(facts.locks);
  const name = LOCK_LEVELS[level];
  return {
    lock: name === undefined ? 'no table is locked' : `${name} for the whole step`,
    readers: level < LOCK_LEVELS.indexOf('ACCESS EXCLUSIVE'),
    writers: level < LOCK_LEVELS.indexOf('SHARE'),
    bytes: bytes + copied,
    basis: `at most, ${RESTS}: ${words.length === 0 ? 'no statement writes the rows of a whole table' : words.join('; ')}`,
    archiveBytes: moved + copied,
  };
}

/** A statement outside of transactions holds its lock while it is at work, and lets everybody go on. */
export function costOfLone(facts: CostFacts): FormCost {
  const cost = costAsWritten(facts);
  const level = LOCK_LEVELS[strongest(facts.locks)];
  const lock =
    level === undefined ? cost.lock : `${level} as long as it is at work, outside of a transaction`;
  return { ...cost, lock };
}

export function costOfRewrite(facts: CostFacts, table: TableDefinition): FormCost {
  const { moved, copied } = archivedBytes(facts);
  return {
    lock: 'ACCESS EXCLUSIVE for the whole step',
    readers: false,
    writers: false,
    bytes: sizeOf(table) + copied,
    basis: `${RESTS}: ${table.name} is written once, with its indexes`,
    archiveBytes: moved + copied,
  };
}

export function costOfCopy(facts: CostFacts, table: TableDefinition): FormCost {
  const { moved, copied } = archivedBytes(facts);
  return {
    lock: 'SHARE ROW EXCLUSIVE while the copy is made, ACCESS EXCLUSIVE only to exchange the tables',
    readers: true,
    writers: false,
    bytes: sizeOf(table) + copied,
    basis: `${RESTS}: ${table.name} is written once, with its indexes, and stays in the archive as it is`,
    archiveBytes: moved + copied,
  };
}
