/** Tables and columns that a statement names and that are not there. */
import type { Node } from '@pgsql/types';
import { columnsIn, cteNames, nameParts, walk } from '../parse-tree.ts';
import { isRelation } from '../objects/keys.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { localReads } from './requirements.ts';

export interface Missing {
  /** For a column, the tables it may have been meant in. */
  tables: string[];
  column?: string;
}

/** Columns that every table has. */
const SYSTEM = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

type RowEffect = Extract<Effect, { kind: 'update' | 'insert' | 'delete' | 'select' }>;

export function rowEffect(statement: Statement): RowEffect | null {
  const [effect] = statement.effects;
  if (!effect) return null;
  const rows = ['update', 'insert', 'delete', 'select'];
  return rows.includes(effect.kind) ? (effect as RowEffect) : null;
}

/** The tables a statement names, of those the catalog can answer for. */
export function tablesNamed(statement: Statement, catalog: Catalog): string[] {
  const effect = rowEffect(statement);
  if (!effect) return [];
  // A TRUNCATE may name several, and a WITH may write to several.
  const own = statement.effects.flatMap((one) =>
    ['update', 'insert', 'delete'].includes(one.kind) && 'table' in one ? [one.table] : [],
  );
  return [...new Set([...own, ...localReads(effect.reads, catalog)])];
}

interface Scope {
  /** Name or alias to table. */
  aliases: Map<string, string>;
  /** There are rows whose columns are not known here: subqueries, functions, WITH. */
  opaque: boolean;
}

function aliasOf(fields: Record<string, unknown>): string | undefined {
  const alias = fields.alias as { aliasname?: string } | undefined;
  return alias?.aliasname;
}

/** What names stand for in a statement. */
export function scopeOf(tree: Node): Scope {
  const ctes = cteNames(tree);
  const scope: Scope = { aliases: new Map(), opaque: ctes.size > 0 };
  const hidden = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind === 'RangeSubselect' || kind === 'RangeFunction') {
      scope.opaque = true;
      hidden.add(aliasOf(fields) ?? '');
    }
    // The table that is written stands in a field called `relation`, without its kind.
    if ((kind !== 'RangeVar' && kind !== 'relation') || typeof fields.relname !== 'string') return;
    if (ctes.has(fields.relname)) return;
    scope.aliases.set(fields.relname, fields.relname);
    const alias = aliasOf(fields);
    if (alias !== undefined) scope.aliases.set(alias, fields.relname);
  });
  // One name may stand for a table in one subquery and for a subquery in another.
  for (const name of hidden) scope.aliases.delete(name);
  return scope;
}

function outputNames(tree: Node): Set<string> {
  const names = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind === 'ResTarget' && typeof fields.name === 'string') names.add(fields.name);
  });
  return names;
}

function missingColumns(statement: Statement, catalog: Catalog, tables: readonly string[]): Missing[] {
  const scope = scopeOf(statement.tree);
  const named = outputNames(statement.tree);
  const known = tables.flatMap((table) => catalog.tables[table] ?? []);
  const opaque = scope.opaque || known.length < tables.length;
  const has = (table: string, column: string): boolean =>
    SYSTEM.includes(column) || (catalog.tables[table]?.columns.some((one) => one.name === column) ?? true);
  return columnsIn(statement.tree).flatMap((parts): Missing[] => {
    const [first = '', second] = parts;
    if (second !== undefined) {
      const table = scope.aliases.get(first);
      return table !== undefined && !has(table, second) ? [{ tables: [table], column: second }] : [];
    }
    const found = known.some((table) => has(table.name, first)) || scope.aliases.has(first);
    // An output name may be meant in ORDER BY; a subquery may bring the column.
    return found || opaque || (named.has(first) && 'SelectStmt' in statement.tree)
      ? []
      : [{ tables: [...tables], column: first }];
  });
}

/**
 * What keeps a statement that reads or writes rows from running. In a statement with subqueries or functions in FROM
 * an unqualified column may come from there, and is not reported.
 */
export function missingFor(statement: Statement, catalog: Catalog): Missing[] {
  const effect = rowEffect(statement);
  const tables = tablesNamed(statement, catalog);
  const gone = tables.filter((table) => !catalog.tables[table]).map((table) => ({ tables: [table] }));
  if (!effect || gone.length > 0) return gone;
  const unknown = statement.effects.flatMap((one): Missing[] => {
    if (one.kind !== 'update' && one.kind !== 'insert') return [];
    const target = catalog.tables[one.table];
    return one.columns
      .filter((column) => target && !target.open && !target.columns.some(({ name }) => name === column))
      .map((column) => ({ tables: [target?.name ?? ''], column }));
  });
  return [...unknown, ...missingColumns(statement, catalog, tables)];
}

function concerns(missing: Missing, table: string, column: string): boolean {
  return missing.column === column && missing.tables.includes(table);
}

/** The table or column that a COMMENT is about, when it is not there. */
export function missingForComment(statement: Statement, catalog: Catalog): Missing[] {
  if (!('CommentStmt' in statement.tree)) return [];
  const { object, objtype } = statement.tree.CommentStmt;
  if (objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_COLUMN') return [];
  const parts = nameParts(object);
  const column = objtype === 'OBJECT_COLUMN' ? parts.at(-1) : undefined;
  const [table = '', schema = catalog.schema] = parts
    .slice(0, column === undefined ? undefined : -1)
    .reverse();
  if (schema !== catalog.schema) return [];
  const found = catalog.tables[table];
  if (!found) return [{ tables: [table] }];
  if (column === undefined || found.columns.some((one) => one.name === column)) return [];
  return [{ tables: [table], column }];
}

/** True when the effect takes the missing thing away. */
export function removes(effect: Effect, missing: Missing): boolean {
  const table = missing.column === undefined ? missing.tables[0] : undefined;
  switch (effect.kind) {
    case 'drop-table':
      return effect.table === table;
    case 'rename-table':
      return effect.from === table;
    case 'drop-column':
      return concerns(missing, effect.table, effect.column);
    case 'rename-column':
      return concerns(missing, effect.table, effect.from);
    case 'object':
      return isRelation(effect) && ['drop', 'rename'].includes(effect.verb) && effect.name === table;
    default:
      return false;
  }
}

/** True when the effect brings the missing thing. */
export function brings(effect: Effect, missing: Missing): boolean {
  const table = missing.column === undefined ? missing.tables[0] : undefined;
  switch (effect.kind) {
    case 'create-table':
      return effect.table === table;
    case 'rename-table':
      return effect.to === table;
    case 'add-column':
      return concerns(missing, effect.table, effect.column.name);
    case 'rename-column':
      return concerns(missing, effect.table, effect.to);
    case 'object':
      if (!isRelation(effect)) return false;
      return effect.verb === 'rename'
        ? effect.to === table
        : effect.verb === 'create' && effect.name === table;
    default:
      return false;
  }
}

/** `column git_sessions.meta` or `table technology_patterns`. */
export function sayMissing(missing: Missing): string {
  return missing.column === undefined
    ? `table ${missing.tables[0] ?? ''}`
    : `column ${missing.tables[0] ?? ''}.${missing.column}`;
}
