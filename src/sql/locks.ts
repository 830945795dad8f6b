/**
 * The table locks that the statements still to run will take, and whether they read or rewrite the whole table
 * meanwhile. Source: PostgreSQL manual, explicit-locking; sql-altertable, sql-createindex, sql-dropindex notes.
 */
import { functionsIn } from './parse-tree.ts';
import { isVolatile } from './effects-functions.ts';
import { changeLocks, droppedFrom, locksBelow } from './family/locks.ts';
import { settingLock } from './effects-settings.ts';
import { LOCK_LEVELS } from './lock-levels.ts';
import { loneName } from './lone/statement.ts';
import { referencedTable } from './symbolic-text.ts';
import { objectLocks } from './objects/locks.ts';
import { applyEffects, pendingStatements } from './symbolic.ts';
import { commentedOn } from './tables-of.ts';
import type { Catalog, Constraint, Effect, Lock, LockLevel, Plan, Position, Statement } from './types.ts';

type Taken = Pick<Lock, 'table' | 'level' | 'scans' | 'rewrites'>;

function lock(table: string, level: LockLevel, more: { scans?: boolean; rewrites?: boolean } = {}): Taken {
  return { table, level, scans: more.scans ?? false, rewrites: more.rewrites ?? false };
}

function constraintLocks(effect: Extract<Effect, { kind: 'add-constraint' }>): Taken[] {
  const scans = !effect.notValid;
  if (effect.type !== 'f') return [lock(effect.table, 'ACCESS EXCLUSIVE', { scans })];
  const far = referencedTable(effect.definition);
  return [
    lock(effect.table, 'SHARE ROW EXCLUSIVE', { scans }),
    ...(far === null || far === effect.table ? [] : [lock(far, 'SHARE ROW EXCLUSIVE')]),
  ];
}

/**
 * With a foreign key go the triggers on both of its tables, so that both are locked: the tables that the dropped keys
 * point at and, when a table goes with CASCADE, those whose keys point at it.
 */
function foreignKeyLocks(effect: Effect, catalog: Catalog | undefined): Taken[] {
  if (effect.kind !== 'drop-table' && effect.kind !== 'drop-column' && effect.kind !== 'drop-constraint')
    return [];
  const goes = (constraint: Constraint): boolean =>
    constraint.type === 'f' &&
    (effect.kind === 'drop-table' ||
      (effect.kind === 'drop-column'
        ? constraint.columns.includes(effect.column)
        : constraint.name === effect.name));
  const own = catalog?.tables[effect.table]?.constraints.filter(goes) ?? [];
  const pointed = own.flatMap((constraint) => referencedTable(constraint.definition) ?? []);
  const pointing = Object.values(catalog?.tables ?? {}).filter(
    (table) =>
      effect.kind === 'drop-table' &&
      table.constraints.some((one) => one.type === 'f' && referencedTable(one.definition) === effect.table),
  );
  return [...pointed, ...pointing.map((table) => table.name)].map((table) => lock(table, 'ACCESS EXCLUSIVE'));
}

/** New tables are nobody's but ours; those that their foreign keys point at are not. */
function createLocks(effect: Effect): Taken[] {
  if (effect.kind !== 'create-table') return [];
  const sources = (effect.as?.reads ?? []).map((table) => lock(table, 'ACCESS SHARE', { scans: true }));
  const far = (effect.constraints ?? []).flatMap((one) =>
    one.type === 'f' ? (referencedTable(one.definition) ?? []) : [],
  );
  const pointed = far.filter((table) => table !== effect.table);
  return [...sources, ...pointed.map((table) => lock(table, 'SHARE ROW EXCLUSIVE'))];
}

function alterLocks(effect: Effect, volatileDefault: boolean): Taken[] {
  switch (effect.kind) {
    case 'rename-table':
      return [lock(effect.from, 'ACCESS EXCLUSIVE')];
    case 'add-column': {
      // A stored generated column, an identity or a volatile default has to be written into every row.
      const { generated, identity, default: value } = effect.column;
      const numbered = identity !== undefined || (value?.startsWith('nextval(') ?? false);
      const rewrites = volatileDefault || generated === 's' || numbered;
      return [lock(effect.table, 'ACCESS EXCLUSIVE', { scans: rewrites, rewrites })];
    }
    case 'set-not-null':
      return [lock(effect.table, 'ACCESS EXCLUSIVE', { scans: true })];
    case 'alter-type':
      return [lock(effect.table, 'ACCESS EXCLUSIVE', { scans: true, rewrites: true })];
    case 'add-constraint':
      return constraintLocks(effect);
    case 'validate-constraint':
      return [lock(effect.table, 'SHARE UPDATE EXCLUSIVE', { scans: true })];
    case 'drop-table':
    case 'drop-column':
    case 'rename-column':
    case 'drop-not-null':
    case 'set-default':
    case 'drop-default':
    case 'drop-constraint':
    case 'rename-constraint':
      return [lock(effect.table, 'ACCESS EXCLUSIVE')];
    default:
      return [];
  }
}

function tableOfIndex(catalog: Catalog | undefined, name: string): string | null {
  const tables = Object.values(catalog?.tables ?? {});
  return tables.find((table) => table.indexes.some((index) => index.name === name))?.name ?? null;
}

function indexLocks(effect: Effect, catalog: Catalog | undefined): Taken[] {
  switch (effect.kind) {
    case 'create-index':
      return [lock(effect.table, effect.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', { scans: true })];
    case 'drop-index': {
      const table = tableOfIndex(catalog, effect.name);
      if (catalog && table === null) return [];
      return [
        lock(table ?? effect.name, effect.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
      ];
    }
    case 'reindex': {
      // And ACCESS EXCLUSIVE on the index, which the planner of every query on the table waits for (manual, sql-reindex).
      const table = tableOfIndex(catalog, effect.name);
      return table === null ? [] : [lock(table, 'SHARE', { scans: true })];
    }
    case 'rename-index':
      // Only the index itself is locked (manual, sql-alterindex: SHARE UPDATE EXCLUSIVE).
      return [];
    default:
      return [];
  }
}

function settingLocks(effect: Effect): Taken[] {
  const taken = effect.kind === 'object' ? settingLock(effect) : null;
  if (taken === null || effect.kind !== 'object') return [];
  return [lock(effect.name, taken.level, { scans: taken.rewrites, rewrites: taken.rewrites })];
}

/** `SELECT … FOR UPDATE` and its kin lock their rows, and the table in ROW SHARE mode. */
function rowLocks(effect: Effect, forUpdate: boolean): Taken[] {
  if (effect.kind === 'select') {
    const level = forUpdate ? 'ROW SHARE' : 'ACCESS SHARE';
    return effect.reads.map((table) => lock(table, level, { scans: true }));
  }
  if (effect.kind === 'guard')
    return effect.reads.map((table) => lock(table, 'ACCESS SHARE', { scans: true }));
  if (effect.kind === 'lock') return [lock(effect.table, effect.level)];
  if (effect.kind === 'upkeep')
    return [lock(effect.table, effect.level, { scans: true, rewrites: effect.rewrites })];
  if (effect.kind === 'delete' && effect.truncate) return [lock(effect.table, 'ACCESS EXCLUSIVE')];
  if (effect.kind !== 'update' && effect.kind !== 'insert' && effect.kind !== 'delete') return [];
  const sources = effect.reads
    .filter((table) => table !== effect.table)
    .map((table) => lock(table, 'ACCESS SHARE', { scans: true }));
  const own = effect.reads.includes(effect.table);
  return [lock(effect.table, 'ROW EXCLUSIVE', { scans: effect.kind !== 'insert' || own }), ...sources];
}

/** What a statement takes on the table it names it takes on those below, where it works on their rows too. */
function below(taken: readonly Taken[], effect: Effect, catalog: Catalog | undefined): Taken[] {
  const tables = locksBelow(effect, catalog);
  const own = 'table' in effect ? taken.find(({ table }) => table === effect.table) : undefined;
  return own ? [...taken, ...tables.map((table) => ({ ...own, table }))] : [...taken];
}

function familyLocks(effect: Effect, { tree, effects }: Statement, catalog: Catalog | undefined): Taken[] {
  const say = (one: { table: string; level: LockLevel; scans: boolean }): Taken =>
    lock(one.table, one.level, { scans: one.scans });
  if (effect.kind !== 'object') return droppedFrom(effect, catalog).map(say);
  const makes = effects.some((one) => one.kind === 'create-table' && one.table === effect.name);
  const concurrently = 'AlterTableStmt' in tree && loneName(tree) !== null;
  const changed = changeLocks(effect, catalog, { makes, concurrently });
  if (changed !== null) return changed.map(say);
  if (makes && effect.type === 'table') return [];
  return settingLock(effect) === null ? objectLocks(effect, catalog).map(say) : settingLocks(effect);
}

/** On a table or a column of one; constraints, triggers and indexes do not lock it (measured on PostgreSQL 15). */
function commentLocks({ tree, effects }: Statement): Taken[] {
  if (!('CommentStmt' in tree) || !effects.some(({ kind }) => kind === 'comment')) return [];
  const { objtype } = tree.CommentStmt;
  const { table } = commentedOn({ tree });
  const locks = objtype === 'OBJECT_TABLE' || objtype === 'OBJECT_COLUMN';
  return locks && table !== undefined ? [lock(table, 'SHARE UPDATE EXCLUSIVE')] : [];
}

/** The locks of one statement, each table once, with the strongest level and everything that happens to it. */
function ofStatement(statement: Statement, catalog: Catalog | undefined): Taken[] {
  const forUpdate = 'SelectStmt' in statement.tree && statement.tree.SelectStmt.lockingClause !== undefined;
  const volatileDefault = 'AlterTableStmt' in statement.tree && functionsIn(statement.tree).some(isVolatile);
  const all = statement.effects.flatMap((effect) => [
    ...below(alterLocks(effect, volatileDefault), effect, catalog),
    ...foreignKeyLocks(effect, catalog),
    ...createLocks(effect),
    ...below(indexLocks(effect, catalog), effect, catalog),
    ...familyLocks(effect, statement, catalog),
    ...below(rowLocks(effect, forUpdate), effect, catalog),
  ]);
  const byTable = new Map<string, Taken>();
  for (const one of [...all, ...commentLocks(statement)]) {
    const known = byTable.get(one.table);
    const stronger = !known || LOCK_LEVELS.indexOf(one.level) > LOCK_LEVELS.indexOf(known.level);
    byTable.set(one.table, {
      table: one.table,
      level: stronger ? one.level : known.level,
      scans: one.scans || (known?.scans ?? false),
      rewrites: one.rewrites || (known?.rewrites ?? false),
    });
  }
  return [...byTable.values()];
}

/**
 * Locks of the statements that are not applied yet, on the name each table has at that moment. A statement that is
 * not understood may lock anything and is not listed. With the catalog, DROP INDEX names the table it locks (nothing
 * when there is no such index) and the tables at the other end of foreign keys that go are listed; without it, DROP
 * INDEX names the index and those tables are not known.
 */
export function locksOf(plan: Plan, position: Position, catalog?: Catalog): Lock[] {
  const locks: Lock[] = [];
  let now = catalog;
  for (const { step, statement } of pendingStatements(plan, position)) {
    for (const taken of ofStatement(statement, now)) locks.push({ step, index: statement.index, ...taken });
    now = now && applyEffects(now, statement.effects);
  }
  return locks;
}
