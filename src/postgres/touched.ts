/** What the rest of a plan does to each table that exists now, by the name the table has now. */
import { familyChange } from '../sql/family/effects.ts';
import type { Catalog, Effect, Plan, Position, Table } from '../sql/types.ts';

export interface Touched {
  oid: number;
  /** The name it has now. */
  table: string;
  /** The name it ends with, when the plan gives it another. */
  renamedTo: string | null;
  /** The place in the plan of the statement that drops it, or null. */
  droppedAt: number | null;
  /** The place of the first TRUNCATE that empties it, or null. */
  truncatedAt: number | null;
  /** The statement that drops it says CASCADE. */
  cascade: boolean;
  /** Columns the table has now. */
  droppedColumns: Set<string>;
  renamedColumns: Map<string, string>;
  retypedColumns: Set<string>;
  /** Columns are added, dropped, renamed or changed. */
  reshaped: boolean;
  writes: Set<'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE'>;
  /** How many statements update it. */
  updates: number;
  droppedIndexes: Set<string>;
  droppedConstraints: Set<string>;
  /** The place in the plan of the first statement that drops a column or a constraint, by its name now. */
  columnGoneAt: Map<string, number>;
  constraintGoneAt: Map<string, number>;
  addedConstraints: Set<string>;
  /** Tables that stop being parts of it, by their names at that moment, and where in the plan. */
  leftAt: Map<string, number>;
}

/** Whether the plan ends without it. */
export function isDropped(touched: Touched): boolean {
  return touched.droppedAt !== null;
}

/**
 * The tables of the catalog that the statements not yet applied change. Those only read are not among them; nor are
 * tables that the plan itself creates.
 */
export function touchedTables(plan: Plan, position: Position, catalog: Catalog): Touched[] {
  const walk = new Walk(catalog);
  let at = 0;
  for (const step of plan.steps) {
    const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
    for (const statement of step.statements) {
      at += 1;
      if (states.find(({ index }) => index === statement.index)?.state === 'applied') continue;
      for (const effect of statement.effects) walk.apply(effect, at);
    }
  }
  return walk.touched();
}

class Walk {
  /** By the name a table has at this point of the plan; null for one that the plan created. */
  readonly #names = new Map<string, Table | null>();
  /** By the name a column has at this point of the plan, its name now. */
  readonly #columns = new Map<string, string>();
  readonly #touched = new Map<number, Touched>();
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    for (const table of Object.values(catalog.tables)) this.#names.set(table.name, table);
  }

  touched(): Touched[] {
    return [...this.#touched.values()];
  }

  apply(effect: Effect, at: number): void {
    if (effect.schema !== undefined && effect.schema !== this.#catalog.schema) return;
    switch (effect.kind) {
      case 'create-table':
        if (!this.#names.has(effect.table)) this.#names.set(effect.table, null);
        break;
      case 'drop-table':
        this.#drop(effect.table, effect.cascade, at);
        break;
      case 'rename-table':
        this.#rename(effect.from, effect.to);
        break;
      case 'drop-index':
        this.#dropIndex(effect.name);
        break;
      case 'update':
        this.#update(effect.table);
        break;
      case 'insert':
        this.#of(effect.table)?.writes.add('INSERT');
        break;
      case 'delete':
        this.#delete(effect.table, effect.truncate !== undefined, at);
        break;
      case 'lock':
      case 'upkeep':
      case 'setting':
      case 'guard':
      case 'nothing':
        break;
      case 'drop-constraint':
        this.#dropConstraint(effect.table, effect.name, at);
        break;
      case 'add-constraint':
        this.#of(effect.table)?.addedConstraints.add(effect.name ?? '');
        break;
      case 'create-index':
      case 'validate-constraint':
      case 'rename-constraint':
        this.#of(effect.table);
        break;
      case 'object':
        if (effect.on !== undefined || effect.type === 'table') this.#of(effect.on ?? effect.name);
        this.#family(effect, at);
        break;
      case 'select':
      case 'comment':
      case 'create-extension':
      case 'reindex':
      case 'rename-index':
      case 'not-understood':
        break;
      default:
        this.#column(effect, at);
    }
  }

  #family(effect: Effect, at: number): void {
    const change = familyChange(effect);
    if (change === null) return;
    const parent = this.#of(change.parent);
    const part = this.#names.get(change.part);
    if (parent && part && change.value === '') parent.leftAt.set(part.name, at);
  }

  #column(effect: Extract<Effect, { column: unknown } | { kind: 'rename-column' }>, at: number): void {
    const touched = this.#of(effect.table);
    if (!touched) return;
    touched.reshaped = true;
    if (effect.kind === 'rename-column') {
      const now = this.#columnNow(touched, effect.from);
      touched.renamedColumns.set(now, effect.to);
      this.#columns.set(`${touched.oid}.${effect.to}`, now);
    } else if (effect.kind === 'drop-column') {
      const now = this.#columnNow(touched, effect.column);
      if (!this.#exists(touched, now)) return;
      touched.droppedColumns.add(now);
      if (!touched.columnGoneAt.has(now)) touched.columnGoneAt.set(now, at);
    } else if (effect.kind === 'alter-type') {
      touched.retypedColumns.add(this.#columnNow(touched, effect.column));
    }
  }

  #delete(name: string, truncates: boolean, at: number): void {
    const touched = this.#of(name);
    touched?.writes.add(truncates ? 'TRUNCATE' : 'DELETE');
    if (touched && truncates) touched.truncatedAt ??= at;
  }

  #dropConstraint(table: string, name: string, at: number): void {
    const touched = this.#of(table);
    touched?.droppedConstraints.add(name);
    if (touched && !touched.constraintGoneAt.has(name)) touched.constraintGoneAt.set(name, at);
  }

  #columnNow(touched: Touched, name: string): string {
    return this.#columns.get(`${touched.oid}.${name}`) ?? name;
  }

  #exists(touched: Touched, column: string): boolean {
    return this.#catalog.tables[touched.table]?.columns.some(({ name }) => name === column) ?? false;
  }

  #drop(name: string, cascade: boolean, at: number): void {
    const touched = this.#of(name);
    if (touched) {
      touched.droppedAt = at;
      touched.cascade = cascade;
    }
    this.#names.delete(name);
  }

  #rename(from: string, to: string): void {
    const touched = this.#of(from);
    const table = this.#names.get(from);
    if (touched) touched.renamedTo = to;
    this.#names.delete(from);
    if (table !== undefined) this.#names.set(to, table);
  }

  #update(name: string): void {
    const touched = this.#of(name);
    touched?.writes.add('UPDATE');
    if (touched) touched.updates += 1;
  }

  #dropIndex(name: string): void {
    const owner = Object.values(this.#catalog.tables).find((table) =>
      table.indexes.some((index) => index.name === name),
    );
    if (owner) this.#record(owner).droppedIndexes.add(name);
  }

  #of(name: string): Touched | null {
    const table = this.#names.get(name);
    return table ? this.#record(table) : null;
  }

  #record(table: Table): Touched {
    const known = this.#touched.get(table.oid);
    if (known) return known;
    const fresh: Touched = {
      oid: table.oid,
      table: table.name,
      renamedTo: null,
      droppedAt: null,
      truncatedAt: null,
      cascade: false,
      droppedColumns: new Set(),
      renamedColumns: new Map(),
      retypedColumns: new Set(),
      reshaped: false,
      writes: new Set(),
      updates: 0,
      droppedIndexes: new Set(),
      droppedConstraints: new Set(),
      columnGoneAt: new Map(),
      constraintGoneAt: new Map(),
      addedConstraints: new Set(),
      leftAt: new Map(),
    };
    this.#touched.set(table.oid, fresh);
    return fresh;
  }
}
