/** The tables a plan names, in the order it first names them. */
import { nameParts } from './parse-tree.ts';
import { descendantsOf } from './family/members.ts';
import { isRelation, objectKey } from './objects/keys.ts';
import type { Catalog, Effect, Plan, Statement } from './types.ts';

/** Every name a table of the plan has at some time: before, in between and after. */
export function tablesOf(plan: Plan): string[] {
  const names = plan.steps.flatMap((step) =>
    step.statements.flatMap((statement) => statement.effects.flatMap(tablesOfEffect)),
  );
  return [...new Set(names)];
}

/** What a COMMENT is about: the table, or the index by its own name; neither for other objects. */
export function commentedOn({ tree }: Pick<Statement, 'tree'>): { table?: string; index?: string } {
  if (!('CommentStmt' in tree)) return {};
  const { objtype, object } = tree.CommentStmt;
  const parts = nameParts(object);
  if (objtype === 'OBJECT_INDEX') return { index: parts.at(-1) ?? '' };
  if (objtype === 'OBJECT_TABLE') return { table: parts.at(-1) ?? '' };
  return objtype === 'OBJECT_COLUMN' || objtype === 'OBJECT_TABCONSTRAINT'
    ? { table: parts.at(-2) ?? '' }
    : {};
}

/** {@link tablesOf}, and those of which the plan only names an index, or which it only comments on. */
export function concernedTables(plan: Plan, catalog: Catalog): string[] {
  const holders = new Map(
    Object.values(catalog.tables).flatMap((table) => table.indexes.map(({ name }) => [name, table.name])),
  );
  const indexed = (statement: Statement): (string | undefined)[] => {
    const { table, index = '' } = commentedOn(statement);
    const own = statement.effects.map((effect) => {
      if (effect.kind === 'drop-index' || effect.kind === 'reindex') return holders.get(effect.name);
      if (effect.kind !== 'rename-index') return undefined;
      const holder = holders.get(effect.from);
      if (holder !== undefined) holders.set(effect.to, holder);
      return holder;
    });
    return [...own, table, holders.get(index)];
  };
  const more = plan.steps.flatMap(({ statements }) =>
    statements.flatMap((statement) => [
      ...indexed(statement),
      ...tablesOfObjects(statement, catalog),
      ...partsGiven(statement, catalog),
    ]),
  );
  return [...new Set([...tablesOf(plan), ...more.filter((name) => name !== undefined)])];
}

/** An index or a constraint of a table becomes one of those below it: what they have already may become a part of it. */
function partsGiven({ effects }: Statement, catalog: Catalog): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'create-index' || effect.kind === 'add-constraint'
      ? descendantsOf(effect.table, catalog).filter((table) => catalog.tables[table] !== undefined)
      : [],
  );
}

/** Tables that lose something when an object goes with CASCADE, and those of statistics that are named alone. */
function tablesOfObjects({ effects }: Statement, catalog: Catalog): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'object') return [];
    const state = catalog.objects?.[objectKey(effect, catalog.schema)];
    const own = state?.attributes['table'];
    const along = effect.cascade ? (state?.dependents ?? []) : [];
    return [
      ...(own === undefined ? [] : [own]),
      ...along.flatMap(({ table, schema }) => (table !== null && schema === catalog.schema ? [table] : [])),
    ].filter((table) => catalog.tables[table] !== undefined);
  });
}

/** The tables one effect changes or reads. */
export function tablesOfEffect(effect: Effect): string[] {
  switch (effect.kind) {
    case 'rename-table':
      return [effect.from, effect.to];
    case 'update':
    case 'insert':
    case 'delete':
      return [effect.table, ...effect.reads];
    case 'select':
    case 'guard':
      return effect.reads;
    case 'create-table':
      return [effect.table, ...(effect.as?.reads ?? [])];
    case 'object': {
      const self = effect.on ?? (effect.type === 'table' || isRelation(effect) ? effect.name : null);
      return [...(self === null ? [] : [self]), ...effect.reads];
    }
    case 'drop-index':
    case 'reindex':
    case 'rename-index':
    case 'comment':
    case 'create-extension':
    case 'nothing':
    case 'setting':
    case 'not-understood':
      return [];
    default:
      return [effect.table];
  }
}
