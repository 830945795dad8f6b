/** What of the rows, and of comments, a statement reads and writes, whatever its tables are called at the moment. */
import { columnsIn } from '../parse-tree.ts';
import { isComposed } from '../parts/index.ts';
import { isHere } from '../symbolic.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { scopeOf } from './missing.ts';
import { localReads } from './requirements.ts';

/** `table.column`; `table.+` and `table.-` stand for rows that come and rows that go. */
export interface Touch {
  writes: ReadonlySet<string>;
  reads: ReadonlySet<string>;
  /** Of what it reads, what the judgement by its rows rests on. */
  finds: ReadonlySet<string>;
}

/** One name for each table: the renames of the plan are followed, and a table made anew is another one. */
class Names {
  private readonly now = new Map<string, string>();
  private made = 0;

  of(table: string): string {
    return this.now.get(table) ?? table;
  }

  after(effect: Effect): void {
    if (effect.kind === 'rename-table') {
      const identity = this.of(effect.from);
      this.now.set(effect.from, this.another(effect.from));
      this.now.set(effect.to, identity);
    }
    if (effect.kind === 'create-table' && !effect.ifNotExists)
      this.now.set(effect.table, this.another(effect.table));
  }

  private another(table: string): string {
    this.made += 1;
    return `${table}#${this.made}`;
  }
}

type RowEffect = Extract<Effect, { kind: 'update' | 'insert' | 'delete' }>;

/** Columns that are read, each of the tables it may be meant in. */
function columnsRead(
  statement: Statement,
  tree: unknown,
  effect: RowEffect,
  catalog: Catalog,
  names: Names,
): string[] {
  const { aliases } = scopeOf(statement.tree);
  const tables = [...new Set([effect.table, ...localReads(effect.reads, catalog)])];
  return columnsIn(tree).flatMap((parts) => {
    const column = parts.at(-1) ?? '';
    const table = parts.length > 1 ? aliases.get(parts.at(-2) ?? '') : undefined;
    if (parts.length > 1) return table === undefined ? [] : [`${names.of(table)}.${column}`];
    return tables.map((one) => `${names.of(one)}.${column}`);
  });
}

/** What decides which rows it finds: of an UPDATE that looks for what it sets, its condition alone. */
function findingPart({ tree }: Statement): unknown {
  if (!('UpdateStmt' in tree) || isComposed({ tree })) return tree;
  const { whereClause, fromClause, withClause, targetList } = tree.UpdateStmt;
  const set = (targetList ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []));
  const clears = columnsIn(whereClause).some((parts) => set.includes(parts.at(-1) ?? ''));
  return clears ? { whereClause, fromClause, withClause } : tree;
}

function touchOf(statement: Statement, catalog: Catalog, names: Names): Touch {
  const writes = new Set<string>();
  const reads = new Set<string>();
  const finds = new Set<string>();
  for (const effect of statement.effects) {
    if (!isHere(effect, catalog)) continue;
    if (effect.kind === 'comment') writes.add(`comment ${effect.on}`);
    if (effect.kind === 'alter-type' && effect.using)
      writes.add(`${names.of(effect.table)}.${effect.column}`);
    if (effect.kind === 'create-table' && effect.as) {
      const { table, as } = effect;
      const reading = { kind: 'insert' as const, table, columns: [], reads: as.reads };
      for (const column of columnsRead(statement, statement.tree, reading, catalog, names)) reads.add(column);
      for (const one of localReads(as.reads, catalog))
        for (const way of ['+', '-']) reads.add(`${names.of(one)}.${way}`);
    }
    if (effect.kind !== 'update' && effect.kind !== 'insert' && effect.kind !== 'delete') continue;
    const table = names.of(effect.table);
    const read = (tree: unknown): string[] => columnsRead(statement, tree, effect, catalog, names);
    for (const column of read(statement.tree)) reads.add(column);
    for (const column of read(findingPart(statement))) finds.add(column);
    for (const one of localReads(effect.reads, catalog)) {
      for (const way of ['+', '-']) finds.add(`${names.of(one)}.${way}`);
    }
    finds.add(`${table}.${effect.kind === 'insert' ? '-' : '+'}`);
    if (effect.kind !== 'delete')
      for (const column of effect.columns) {
        if (effect.kind === 'update') writes.add(`${table}.${column}`);
        if (
          effect.kind === 'insert' ||
          !('UpdateStmt' in statement.tree && findingPart(statement) !== statement.tree)
        )
          finds.add(`${table}.${column}`);
      }
    if (effect.kind === 'insert') writes.add(`${table}.+`);
    if (effect.kind === 'delete') writes.add(`${table}.-`);
  }
  return { writes, reads: new Set([...reads, ...finds]), finds };
}

/** For each statement of a plan, in its order. */
export function touchesOf(statements: readonly Statement[], catalog: Catalog): Touch[] {
  const names = new Names();
  return statements.map((statement) => {
    const touch = touchOf(statement, catalog, names);
    statement.effects.forEach((effect) => names.after(effect));
    return touch;
  });
}

const meet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((key) => other.has(key));

/** True when the later one may have made, or taken away, what the earlier one finds. */
export function mayHaveMade(late: Touch, early: Touch): boolean {
  return meet(early.finds, late.writes);
}

/** True when it makes a difference which of the two runs first. */
export function interfere(early: Touch, late: Touch): boolean {
  return meet(early.writes, late.writes) || meet(early.reads, late.writes) || meet(early.writes, late.reads);
}
