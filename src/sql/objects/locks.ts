/**
 * Locks on tables that statements about objects take. Source: manual, explicit-locking, and the pages sql-createtrigger,
 * sql-altertable, sql-createpolicy, sql-createrule, sql-createview, sql-refreshmaterializedview, sql-createstatistics;
 * GRANT and COMMENT on a table measured on PostgreSQL 15 (COMMENT: SHARE UPDATE EXCLUSIVE, GRANT: none).
 */
import type { LockLevel } from '../types.ts';
import { isRelation } from './keys.ts';
import type { ObjectEffect } from './types.ts';

export interface ObjectLock {
  table: string;
  level: LockLevel;
  scans: boolean;
}

const at = (table: string, level: LockLevel, scans = false): ObjectLock => ({ table, level, scans });

function ownLevel({ type, verb, sets }: ObjectEffect): LockLevel | null {
  if (verb === 'comment') return 'SHARE UPDATE EXCLUSIVE';
  if (verb === 'grant' || verb === 'revoke') return null;
  if (type === 'trigger' && (verb === 'create' || verb === 'replace' || sets['enabled'] !== undefined))
    return 'SHARE ROW EXCLUSIVE';
  return 'ACCESS EXCLUSIVE';
}

export function objectLocks(effect: ObjectEffect): ObjectLock[] {
  const { on, type, name, verb, reads } = effect;
  const queried = verb === 'create' && type === 'materialized view';
  const read = reads.map((table) =>
    at(table, type === 'statistics' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS SHARE', queried),
  );
  const own = on ?? (type === 'table' ? name : null);
  if (own !== null) {
    const level = ownLevel(effect);
    return [...(level === null ? [] : [at(own, level)]), ...read];
  }
  // New ones are nobody's yet.
  if (!isRelation(effect) || verb === 'create' || verb === 'grant' || verb === 'revoke') return read;
  return [at(name, verb === 'comment' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'), ...read];
}
