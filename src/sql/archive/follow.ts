/** What the statements of a step do to each table that was there before it: what an archive must keep. */
import type { TableDefinition } from '../definition.ts';
import { familyChange } from '../family/effects.ts';
import { tableOfObject } from '../objects/refs.ts';
import type { ObjectEffect } from '../objects/types.ts';
import { commentedOn } from '../tables-of.ts';
import type { Effect, Statement } from '../types.ts';

/** A table that existed before the step, carried through its statements. Columns are under their names before. */
export interface Followed {
  definition: TableDefinition;
  /** Its name now; null once it is dropped. */
  now: string | null;
  /** Its columns of before: present name → name before. */
  names: Map<string, string>;
  overwritten: Set<string>;
  retyped: Set<string>;
  dropped: Set<string>;
  /** Of these, columns that a table above it has too, whose rows are kept there. */
  inherited: Set<string>;
  /** Statements that add rows to it, that delete from it, that change values in it. */
  inserts: number[];
  deletes: number[];
  updates: number[];
  /** The statement that drops it. */
  drop: { statement: number; cascade: boolean } | null;
  /** Indexes and constraints that a statement drops by name, with their names before. */
  lostIndexes: Set<string>;
  lostConstraints: Set<string>;
  /** Columns whose default or NOT NULL changes. */
  lostDefaults: Set<string>;
  lostNotNull: Set<string>;
  /** A column or a constraint of it goes with CASCADE. */
  cascades: boolean;
  /** All its rows are written anew, each with the step's mark on it. */
  rewritten: boolean;
  touched: boolean;
  /** Its definition changes before the statement that drops it. */
  altered: boolean;
  /** Emptied by TRUNCATE: no row of another table goes along but those of tables that are emptied too. */
  truncated: boolean;
  /** The sequences of its columns begin anew. */
  restarted: boolean;
}

export interface Flow {
  tables: Followed[];
  /** Tables that the step creates and does not drop again, by their names at its end. */
  created: string[];
  /** A copy of what is known before a statement, by its index: present names for what is put before it. */
  before: Map<number, Snapshot[]>;
  notUnderstood: { statement: number; what: string }[];
  /** Statements that write to a table outside the run's schema. */
  elsewhere: { statement: number; table: string }[];
  /** Statements that change what is no table of the schema: a view, a sequence. */
  notTables: { statement: number; name: string }[];
  /** What statements do to objects beside tables, in order. */
  objects: { statement: number; effect: ObjectEffect }[];
  /** Tables that become parts of others, and those that stop being it; names before the step. */
  links: { statement: number; part: string; parent: string; joins: boolean }[];
}

/** A followed table as it is before one statement. */
export interface Snapshot {
  table: Followed;
  now: string | null;
  names: Map<string, string>;
}

function start(definition: TableDefinition): Followed {
  return {
    definition,
    now: definition.name,
    names: new Map(definition.columns.map(({ name }) => [name, name])),
    overwritten: new Set(),
    retyped: new Set(),
    dropped: new Set(),
    inherited: new Set(),
    inserts: [],
    deletes: [],
    updates: [],
    drop: null,
    lostIndexes: new Set(),
    lostConstraints: new Set(),
    lostDefaults: new Set(),
    lostNotNull: new Set(),
    cascades: false,
    rewritten: false,
    touched: false,
    altered: false,
    truncated: false,
    restarted: false,
  };
}

/** What an effect does to the table it names. */
function change(table: Followed, effect: Effect, statement: number): void {
  const before = (column: string): string[] => {
    const name = table.names.get(column);
    return name === undefined ? [] : [name];
  };
  const add = (set: Set<string>, column: string): void => before(column).forEach((one) => set.add(one));
  table.touched = true;
  if (!['update', 'insert', 'delete', 'drop-table'].includes(effect.kind)) table.altered = true;
  if (effect.kind === 'delete' && effect.truncate) {
    table.truncated = true;
    if (effect.truncate.restart) table.restarted = true;
  }
  switch (effect.kind) {
    case 'update':
      table.updates.push(statement);
      effect.columns.forEach((column) => add(table.overwritten, column));
      break;
    case 'insert':
      table.inserts.push(statement);
      break;
    case 'delete':
      table.deletes.push(statement);
      break;
    case 'add-column':
      if (!effect.along) table.rewritten = true;
      break;
    case 'alter-type':
      if (!effect.along) table.rewritten = true;
      else add(table.inherited, effect.column);
      add(table.retyped, effect.column);
      break;
    case 'drop-column':
      add(table.dropped, effect.column);
      if (effect.along) add(table.inherited, effect.column);
      if (effect.cascade) table.cascades = true;
      table.names.delete(effect.column);
      break;
    case 'rename-column': {
      const [name] = before(effect.from);
      table.names.delete(effect.from);
      if (name !== undefined) table.names.set(effect.to, name);
      break;
    }
    case 'set-default':
    case 'drop-default':
      add(table.lostDefaults, effect.column);
      break;
    case 'drop-not-null':
      add(table.lostNotNull, effect.column);
      break;
    case 'drop-constraint':
      table.lostConstraints.add(effect.name);
      if (effect.cascade) table.cascades = true;
      break;
    case 'drop-table':
      table.drop = { statement, cascade: effect.cascade };
      table.now = null;
      break;
    default:
      break;
  }
}

/** Follows names and columns through the statements still to run, in order. Pure. */
export function follow(
  statements: readonly Statement[],
  definitions: readonly TableDefinition[],
  schema: string,
): Flow {
  const tables = definitions.map(start);
  const created = new Set<string>();
  const flow: Flow = {
    tables,
    created: [],
    before: new Map(),
    notUnderstood: [],
    elsewhere: [],
    notTables: [],
    objects: [],
    links: [],
  };
  const named = (name: string): Followed | undefined => tables.find(({ now }) => now === name);
  /** Present names of indexes → their table, and their names before. */
  // Of two indexes of one name, that of the run's own schema is meant.
  const own = ({ definition }: Followed): number => (definition.bare === undefined ? 1 : 0);
  const indexes = new Map(
    [...tables]
      .sort((one, other) => own(one) - own(other))
      .flatMap((table) =>
        table.definition.indexes.map(({ name }) => [name, { table, before: name }] as const),
      ),
  );
  const holding = (index: string): Followed | undefined => {
    const found = indexes.get(index);
    return found?.table.now === null ? undefined : found?.table;
  };
  const renameIndex = (from: string, to: string): void => {
    const found = indexes.get(from);
    if (!found) return;
    indexes.delete(from);
    indexes.set(to, found);
  };

  /** What a table gets its partitions get too, where one of their own may become a part of it. */
  const below = (table: Followed): void => {
    for (const child of table.definition.family?.children ?? []) {
      const found = tables.find(
        ({ definition: { schema: own, name, bare } }) =>
          own === child.schema && (bare ?? name) === child.name,
      );
      if (!found || found === table) continue;
      found.touched = true;
      below(found);
    }
  };

  const apply = (effect: Effect, { index: statement, tree }: Statement): void => {
    if (effect.kind === 'not-understood') {
      flow.notUnderstood.push({ statement, what: effect.what });
      return;
    }
    if (effect.kind === 'select' || effect.kind === 'lock' || effect.kind === 'upkeep') return;
    if (effect.kind === 'setting' || effect.kind === 'guard' || effect.kind === 'nothing') return;
    if (effect.kind === 'create-extension') {
      flow.notTables.push({ statement, name: `the extension ${effect.name}` });
      return;
    }
    const family = familyChange(effect);
    if (family !== null) {
      const before = (name: string): string => named(name)?.definition.name ?? name;
      const [part, parent] = [named(family.part), named(family.parent)];
      for (const table of [part, parent]) if (table) table.touched = true;
      flow.links.push({
        statement,
        part: before(family.part),
        parent: before(family.parent),
        joins: family.value !== '',
      });
      return;
    }
    if (effect.kind === 'object' && effect.withTable) return;
    if (effect.kind === 'object') {
      flow.objects.push({ statement, effect });
      // What hangs on a table is in its definition, and moves with it.
      const table = named(tableOfObject(effect) ?? '');
      if (table) table.touched = true;
      // A table that is to go is not moved as something else than it was.
      if (table && effect.type === 'table' && effect.verb === 'alter') table.altered = true;
      return;
    }
    if (effect.kind === 'comment') {
      const { table: name, index } = commentedOn({ tree });
      const table = name === undefined ? holding(index ?? '') : named(name);
      if (table) Object.assign(table, { touched: true, altered: true });
      else if (!created.has(name ?? '') && (index === undefined || created.size === 0))
        flow.notTables.push({ statement, name: effect.on });
      return;
    }
    if (effect.schema !== undefined && effect.schema !== schema) {
      const table = 'table' in effect ? effect.table : 'from' in effect ? effect.from : effect.name;
      flow.elsewhere.push({ statement, table: `${effect.schema}.${table}` });
      return;
    }
    if (effect.kind === 'create-table') {
      if (!named(effect.table)) created.add(effect.table);
      return;
    }
    if (effect.kind === 'rename-table') {
      const table = named(effect.from);
      // One of a family is moved whatever it is called, and gets its own name again.
      const altered = table?.altered === true || table?.definition.family === undefined;
      if (table) Object.assign(table, { now: effect.to, touched: true, altered });
      else if (created.delete(effect.from)) created.add(effect.to);
      else flow.notTables.push({ statement, name: effect.from });
      return;
    }
    if (effect.kind === 'reindex') {
      const table = holding(effect.name);
      if (table) Object.assign(table, { touched: true, altered: true });
      return;
    }
    if (effect.kind === 'drop-index' || effect.kind === 'rename-index') {
      const index = effect.kind === 'drop-index' ? effect.name : effect.from;
      const table = holding(index);
      if (!table) return;
      Object.assign(table, { touched: true, altered: true });
      table.lostIndexes.add(indexes.get(index)?.before ?? index);
      if (effect.kind === 'rename-index') renameIndex(effect.from, effect.to);
      else indexes.delete(index);
      return;
    }
    const table = named(effect.table);
    if (table) {
      change(table, effect, statement);
      if (effect.kind === 'create-index' || effect.kind === 'add-constraint') below(table);
      // The index behind a constraint takes its name.
      if (effect.kind === 'rename-constraint') renameIndex(effect.from, effect.to);
    } else if (effect.kind === 'drop-table') created.delete(effect.table);
    else if (!created.has(effect.table)) flow.notTables.push({ statement, name: effect.table });
  };

  for (const statement of statements) {
    flow.before.set(
      statement.index,
      tables.map((table) => ({ table, now: table.now, names: new Map(table.names) })),
    );
    for (const effect of statement.effects) apply(effect, statement);
  }
  flow.created = [...created];
  return flow;
}
