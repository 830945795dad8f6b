/**
 * Locks on tables that statements about objects take. Source: manual, explicit-locking, and the pages sql-createtrigger,
 * sql-altertable, sql-createpolicy, sql-createrule, sql-createview, sql-refreshmaterializedview, sql-createstatistics;
 * and measured on PostgreSQL 15, in the test of this file.
 */
import type { Catalog, LockLevel } from '../types.ts';
import { isRelation, objectKey } from './keys.ts';
import type { ObjectEffect } from './types.ts';

export interface ObjectLock {
  table: string;
  level: LockLevel;
  scans: boolean;
}

const at = (table: string, level: LockLevel, scans = false): ObjectLock => ({ table, level, scans });

function ownLevel({ type, verb, sets, on }: ObjectEffect): LockLevel | null {
  if (verb === 'comment') return on === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS SHARE';
  if (verb === 'grant' || verb === 'revoke') return null;
  if (type === 'trigger' && (verb === 'create' || verb === 'replace' || sets['enabled'] !== undefined))
    return 'SHARE ROW EXCLUSIVE';
  return 'ACCESS EXCLUSIVE';
}

/** What lists the rows or values of a table for others. */
const OVER_TABLES: readonly string[] = ['statistics', 'publication'];

/** What goes along is dropped from the tables that it is on; statistics from theirs. */
function alongLocks(effect: ObjectEffect, { objects = {}, tables, schema }: Catalog): ObjectLock[] {
  const state = objects[objectKey(effect, schema)];
  if (effect.verb !== 'drop' || !state) return [];
  const own = state.attributes['table'];
  const along = effect.cascade
    ? state.dependents.flatMap((one) => one.table ?? (one.ref && isRelation(one.ref) ? one.ref.name : []))
    : [];
  return [
    ...(own === undefined ? [] : [at(own, 'SHARE UPDATE EXCLUSIVE')]),
    ...along.filter((table) => tables[table] !== undefined).map((table) => at(table, 'ACCESS EXCLUSIVE')),
  ];
}

/** @param catalog with the objects that the plan names; without it what goes along is not told */
export function objectLocks(effect: ObjectEffect, catalog?: Catalog): ObjectLock[] {
  const { on, type, name, verb, reads } = effect;
  const queried = verb === 'create' && type === 'materialized view';
  const read = [
    ...reads.map((table) =>
      at(table, OVER_TABLES.includes(type) ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS SHARE', queried),
    ),
    ...(catalog ? alongLocks(effect, catalog) : []),
  ];
  const own = on ?? (type === 'table' ? name : null);
  if (own !== null) {
    const level = ownLevel(effect);
    return [...(level === null ? [] : [at(own, level)]), ...read];
  }
  // New ones are nobody's yet.
  if (!isRelation(effect) || verb === 'create' || verb === 'grant' || verb === 'revoke') return read;
  return [at(name, verb === 'comment' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'), ...read];
}
