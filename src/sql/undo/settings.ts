/** What a table that is still there was set to: storage parameters, persistence, replica identity, clustering, columns. */
import { placed } from '../archive/draft.ts';
import { quoteLiteral, STORAGE } from '../definition-sql.ts';
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { name } from '../risk/text.ts';
import type { ColumnChanges } from './columns.ts';

const optionsOf = (options: readonly string[]): Map<string, string> =>
  new Map(
    options.map((option) => [option.slice(0, option.indexOf('=')), option.slice(option.indexOf('=') + 1)]),
  );

function parameters(before: TableDefinition, now: TableDefinition): string[] {
  const [was, is] = [optionsOf(before.options), optionsOf(now.options)];
  const gone = [...is.keys()].filter((key) => !was.has(key));
  const back = [...was].filter(([key, value]) => is.get(key) !== value);
  return [
    ...(gone.length > 0 ? [`RESET (${gone.join(', ')})`] : []),
    ...(back.length > 0
      ? [`SET (${back.map(([key, value]) => `${key} = ${quoteLiteral(value)}`).join(', ')})`]
      : []),
  ];
}

const REPLICA: Readonly<Record<string, string>> = { d: 'DEFAULT', f: 'FULL', n: 'NOTHING' };

function replicaIdentity(before: TableDefinition, now: TableDefinition): string[] {
  if (before.replicaIdentity === now.replicaIdentity && before.replicaIndex === now.replicaIndex) return [];
  // The index is made anew with it: see shape.ts.
  if (before.replicaIndex !== null && now.replicaIndex === null && !has(now, before.replicaIndex)) return [];
  const word = REPLICA[before.replicaIdentity];
  if (word !== undefined) return [`REPLICA IDENTITY ${word}`];
  return before.replicaIndex === null ? [] : [`REPLICA IDENTITY USING INDEX ${name(before.replicaIndex)}`];
}

const has = ({ indexes }: TableDefinition, index: string): boolean =>
  indexes.some((one) => one.name === index);
const clusteredOn = ({ indexes }: TableDefinition): string | null =>
  indexes.find(({ clustered }) => clustered)?.name ?? null;

function clustering(before: TableDefinition, now: TableDefinition): string[] {
  const [was, is] = [clusteredOn(before), clusteredOn(now)];
  if (was === is) return [];
  if (was === null) return ['SET WITHOUT CLUSTER'];
  return has(now, was) ? [`CLUSTER ON ${name(was)}`] : [];
}

const COMPRESSION: Readonly<Record<string, string>> = { l: 'lz4', p: 'pglz' };

function ofColumn(was: ColumnDefinition, is: ColumnDefinition): string[] {
  const alter = `ALTER COLUMN ${name(was.name)}`;
  const kinds = was.identity !== '' && is.identity !== '' && was.identity !== is.identity;
  return [
    ...(was.statisticsTarget === is.statisticsTarget
      ? []
      : [`${alter} SET STATISTICS ${was.statisticsTarget ?? -1}`]),
    ...(was.compression === is.compression
      ? []
      : [`${alter} SET COMPRESSION ${COMPRESSION[was.compression ?? ''] ?? 'default'}`]),
    ...(kinds ? [`${alter} SET GENERATED ${was.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'}`] : []),
  ];
}

/** Only what says where values are kept from now on; those that are there stay as they are (manual, sql-altertable). */
function storage(was: ColumnDefinition, is: ColumnDefinition): string[] {
  const word = STORAGE[was.storedAs ?? was.storage ?? ''];
  return was.storage === is.storage || word === undefined || was.type !== is.type
    ? []
    : [`ALTER COLUMN ${name(was.name)} SET STORAGE ${word}`];
}

/** One ALTER TABLE for each that is different; SET LOGGED stands alone (manual, sql-altertable). */
export function settingsBack(
  before: TableDefinition,
  now: TableDefinition,
  { kept }: ColumnChanges,
): string[] {
  const changes = [
    ...parameters(before, now),
    ...replicaIdentity(before, now),
    ...clustering(before, now),
    ...kept.flatMap((pair) => [...ofColumn(pair.before, pair.now), ...storage(pair.before, pair.now)]),
    ...(before.persistence === now.persistence
      ? []
      : [before.persistence === 'u' ? 'SET UNLOGGED' : 'SET LOGGED']),
  ];
  return changes.map((change) => `ALTER TABLE ${placed(before)} ${change}`);
}

/** Columns that are numbered again and were not when the undo began: their numbers begin anew. */
export const numberedAgain = ({ kept }: ColumnChanges): ColumnDefinition[] =>
  kept.filter((pair) => pair.before.identity !== '' && pair.now.identity === '').map((pair) => pair.before);
