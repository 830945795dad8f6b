/** Where values go in the course of a plan: which tables and columns are read, and which are kept whole elsewhere. */
import type { Node } from '@pgsql/types';
import { textsOf, walk } from '../parse-tree.ts';
import type { Catalog } from '../types.ts';

export interface Place {
  step: string;
  index: number;
}

/** A statement that takes rows of one table into another. */
export interface Reading {
  id: string;
  at: Place;
  into: string;
  columns: Set<string>;
  /** SQL of the keys of the rows it takes, or null when that can no longer be asked. */
  used: string | null;
  applied: boolean;
}

/** A column whose values stand whole in another one. */
export interface Copy {
  id: string;
  column: string;
  toId: string;
  toColumn: string;
  at: Place;
  applied: boolean;
  /** Where the statement reached every row: true; otherwise the hidden column that says which. */
  reached: true | string;
}

/** Mutable: it moves through the plan statement by statement, applied ones included. */
export class Lineage {
  readonly readings: Reading[] = [];
  copies: Copy[] = [];
  /** Columns read in part: `id.column` to where. */
  readonly parts = new Map<string, Place>();
  private readonly ids = new Map<string, string>();
  private created = 0;

  /** What identifies the table that has this name now. */
  id(table: string): string {
    return this.ids.get(table) ?? table;
  }

  create(table: string): void {
    this.created += 1;
    this.ids.set(table, `${table}#${this.created}`);
  }

  renameTable(from: string, to: string): void {
    const id = this.id(from);
    this.ids.set(to, id);
    this.ids.delete(from);
  }

  renameColumn(table: string, from: string, to: string): void {
    const id = this.id(table);
    const part = this.parts.get(`${id}.${from}`);
    if (part) this.parts.set(`${id}.${to}`, part);
    for (const reading of this.readings)
      if (reading.id === id && reading.columns.delete(from)) reading.columns.add(to);
    this.copies = this.copies.map((copy) => ({
      ...copy,
      column: copy.id === id && copy.column === from ? to : copy.column,
      toColumn: copy.toId === id && copy.toColumn === from ? to : copy.toColumn,
    }));
  }

  /** The column's values are no longer there. */
  forget(table: string, column?: string): void {
    const id = this.id(table);
    this.copies = this.copies.filter(
      (copy) => copy.toId !== id || (column !== undefined && copy.toColumn !== column),
    );
  }
}

/** The one table behind `(SELECT *, … FROM t) AS alias`: what is read of it is read through the alias. */
function starOf(item: Node): string | null {
  if (!('RangeSubselect' in item)) return null;
  const select = item.RangeSubselect.subquery;
  if (!select || !('SelectStmt' in select)) return null;
  const [only, ...more] = select.SelectStmt.fromClause ?? [];
  const star = (select.SelectStmt.targetList ?? []).some(
    (target) => 'ResTarget' in target && isStar(target.ResTarget.val),
  );
  return star && only && more.length === 0 && 'RangeVar' in only ? (only.RangeVar.relname ?? null) : null;
}

function isStar(node: Node | undefined): boolean {
  return (
    node !== undefined &&
    'ColumnRef' in node &&
    (node.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)
  );
}

/** The tables that a FROM list names, by alias. */
function aliases(items: readonly Node[] | undefined, found: Map<string, string>): void {
  for (const item of items ?? []) {
    if ('RangeVar' in item) {
      found.set(item.RangeVar.alias?.aliasname ?? item.RangeVar.relname ?? '', item.RangeVar.relname ?? '');
    }
    if ('RangeSubselect' in item) {
      const inner = starOf(item);
      if (inner !== null) found.set(item.RangeSubselect.alias?.aliasname ?? '', inner);
    }
    if ('JoinExpr' in item) {
      aliases(
        [item.JoinExpr.larg, item.JoinExpr.rarg].filter((side): side is Node => side !== undefined),
        found,
      );
    }
  }
}

function selectIn(range: Record<string, unknown>): Record<string, unknown> {
  const subquery = range.subquery as Record<string, unknown> | undefined;
  return (subquery?.SelectStmt as Record<string, unknown> | undefined) ?? {};
}

/** Which columns of which tables a statement reads, other than to see whether a row exists. */
export function columnsRead(tree: unknown, top: readonly Node[], catalog: Catalog): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const known = (table: string): string[] | null =>
    catalog.tables[table]?.columns.map((column) => column.name) ?? null;
  const add = (table: string, column: string): void => {
    const columns = found.get(table) ?? new Set<string>();
    found.set(table, columns.add(column));
  };
  const scope = (
    items: readonly Node[] | undefined,
    parts: readonly unknown[],
    outer: Map<string, string>,
    derived: boolean,
  ): void => {
    const here = new Map(outer);
    const own = new Map<string, string>();
    aliases(items, own);
    own.forEach((table, alias) => here.set(alias, table));
    for (const table of own.values()) if (!found.has(table)) found.set(table, new Set());
    walk([...parts], (kind, fields) => {
      if (kind === 'SubLink' && fields.subLinkType === 'EXISTS_SUBLINK') return false;
      if (kind === 'SelectStmt' || kind === 'RangeSubselect') {
        const inner = kind === 'SelectStmt' ? fields : selectIn(fields);
        scope(inner.fromClause as Node[] | undefined, Object.values(inner), here, kind === 'RangeSubselect');
        return false;
      }
      if (kind !== 'ColumnRef') return;
      const nodes = (fields.fields ?? []) as Node[];
      const texts = textsOf(nodes);
      const star = nodes.some((node) => 'A_Star' in node);
      if (star && derived) return;
      const qualifier = star ? texts.at(-1) : texts.at(-2);
      const tables = qualifier === undefined ? [...own.values()] : [here.get(qualifier) ?? ''];
      for (const table of tables) {
        const columns = known(table);
        if (star) columns?.forEach((column) => add(table, column));
        else if (columns === null || columns.includes(texts.at(-1) ?? '')) add(table, texts.at(-1) ?? '');
        if (!star && qualifier === undefined && here.get(texts[0] ?? '') !== undefined) {
          known(here.get(texts[0] ?? '') ?? '')?.forEach((column) =>
            add(here.get(texts[0] ?? '') ?? '', column),
          );
        }
      }
    });
  };
  scope(top, [tree], new Map(), false);
  return found;
}
