/** Whether what depends on an object is out of the way by the time the object goes. Pure. */
import { ARCHIVE_SCHEMA, JOURNAL_SCHEMA } from '../archive/draft.ts';
import { sameType } from '../types-of.ts';
import type { Catalog, Effect, Table } from '../types.ts';
import { objectKey } from './keys.ts';
import type { Dependent } from './types.ts';

/** The catalog when the step begins, and as the statements before this one leave it. */
export interface Moments {
  start: Catalog;
  now: Catalog;
  /** Effects of the statements in between. */
  between: readonly Effect[];
}

/** A table keeps its number whatever it is called. */
function tableNow({ table, tableOid }: Dependent, { now, start }: Moments): Table | null {
  const oid = tableOid ?? start.tables[table ?? '']?.oid;
  return Object.values(now.tables).find((one) => one.oid === oid) ?? null;
}

/** Lies in the archive: nobody uses it. */
export function isKept({ schema }: Dependent): boolean {
  return schema === ARCHIVE_SCHEMA || schema === JOURNAL_SCHEMA;
}

function columnIsFree(dependent: Dependent, table: Table, moments: Moments): boolean {
  const name = dependent.name ?? '';
  const renamed = moments.between.some((one) => one.kind === 'rename-column' && one.table === table.name);
  if (renamed) return false;
  const is = table.columns.find((column) => column.name === name);
  const was = Object.values(moments.start.tables)
    .find(({ oid }) => oid === table.oid)
    ?.columns.find((column) => column.name === name);
  return !is || (was !== undefined && !sameType(is.type, was.type));
}

export function isAccounted(dependent: Dependent, moments: Moments): boolean {
  if (isKept(dependent)) return true;
  // Default privileges of a schema are made again with it.
  if (dependent.type === 'default acl') return true;
  const { ref, table } = dependent;
  const state = ref ? moments.now.objects?.[objectKey(ref, moments.now.schema)] : undefined;
  if (state === null) return true;
  if (table === null) return false;
  const there = tableNow(dependent, moments);
  if (!there) return true;
  switch (dependent.type) {
    case 'table column':
      return columnIsFree(dependent, there, moments);
    case 'default value': {
      const column = there.columns.find(({ name }) => name === dependent.name);
      return !column || column.default === null;
    }
    case 'table constraint':
      return !there.constraints.some(({ name }) => name === dependent.name);
    case 'index':
      return !there.indexes.some(({ name }) => name === dependent.name);
    default:
      return false;
  }
}
