/** What a statement on a table does to its partitions and to tables that inherit from it, which it does not name. */
import type { Node } from '@pgsql/types';
import type { Catalog, Effect, Table } from '../types.ts';
import { sameBound } from './bounds.ts';
import { familyChange } from './effects.ts';
import {
  childrenOf,
  descendantsOf,
  HALF_DETACHED,
  isPartitioned,
  parentAttribute,
  partValue,
} from './members.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/** ONLY in front of the table's name. */
function isAlone(tree: Node): boolean {
  const relation =
    'AlterTableStmt' in tree
      ? tree.AlterTableStmt.relation
      : 'RenameStmt' in tree
        ? tree.RenameStmt.relation
        : undefined;
  return relation !== undefined && relation.inh !== true;
}

/** DROP TABLE takes partitions along, and with CASCADE tables that inherit. */
function dropped(effect: Of<'drop-table'>, catalog: Catalog): Effect[] {
  const below = (table: string): string[] =>
    effect.cascade || isPartitioned(catalog.tables[table])
      ? childrenOf(table, catalog).flatMap((one) => [one, ...below(one)])
      : [];
  return [...new Set(below(effect.table))]
    .filter((table) => catalog.tables[table] !== undefined)
    .map((table): Effect => ({
      kind: 'drop-table',
      table,
      ifExists: false,
      cascade: effect.cascade,
      along: true,
    }));
}

/** A column that a child has declared itself too stays there. */
const goesAlong = (child: Table, column: string): boolean =>
  child.family?.parents.some(({ bound }) => bound !== null) === true ||
  child.family?.inherited.includes(column) === true;

const has = (table: Table, column: string): boolean => table.columns.some(({ name }) => name === column);

/** The children's constraints that are a part of the parent's. */
const partsOf = (child: Table, parent: string): string[] =>
  child.constraints.filter((one) => one.parent === parent).map(({ name }) => name);

/** What the same subcommand does to one child; null: nothing that is known. */
function ofChild(effect: Effect, child: Table, parent: Table | undefined): Effect[] {
  const table = child.name;
  const own = { table, along: true as const };
  switch (effect.kind) {
    case 'add-column':
      return has(child, effect.column.name) ? [] : [{ ...effect, ...own }];
    case 'drop-column':
      return goesAlong(child, effect.column) ? [{ ...effect, ...own }] : [];
    case 'rename-column':
      return has(child, effect.from) ? [{ ...effect, ...own }] : [];
    case 'set-not-null':
    case 'drop-not-null':
    case 'set-default':
    case 'drop-default':
    case 'alter-type':
      return has(child, effect.column) ? [{ ...effect, ...own }] : [];
    case 'drop-constraint':
      return partsOf(child, effect.name).map((name) => ({ ...effect, ...own, name }));
    case 'rename-constraint': {
      const check = parent?.constraints.find(({ name }) => name === effect.from)?.type === 'c';
      return check ? partsOf(child, effect.from).map((from) => ({ ...effect, ...own, from })) : [];
    }
    default:
      return [];
  }
}

function altered(effect: Effect, catalog: Catalog): Effect[] {
  if (!('table' in effect)) return [];
  const below = (name: string, one: Effect): Effect[] =>
    childrenOf(name, catalog).flatMap((child) => {
      const table = catalog.tables[child];
      const found = table ? ofChild(one, table, catalog.tables[name]) : [];
      return found.flatMap((each) => [each, ...below(child, each)]);
    });
  return below(effect.table, effect);
}

/** With an index of a partitioned table go those of its partitions that are parts of it. */
function indexes(effect: Of<'drop-index'>, catalog: Catalog): Effect[] {
  const holder = Object.values(catalog.tables).find(({ indexes: own }) =>
    own.some(({ name }) => name === effect.name),
  );
  if (!holder || !isPartitioned(holder)) return [];
  const below = (table: string, index: string): string[] =>
    childrenOf(table, catalog).flatMap((child) =>
      (catalog.tables[child]?.indexes ?? [])
        .filter(({ parent }) => parent === index)
        .flatMap(({ name }) => [name, ...below(child, name)]),
    );
  return below(holder.name, effect.name).map((name): Effect => ({ ...effect, name, along: true }));
}

function alongWith(effect: Effect, catalog: Catalog, alone: boolean): Effect[] {
  if (effect.along) return [];
  if (effect.kind === 'drop-table') return dropped(effect, catalog);
  if (effect.kind === 'drop-index') return indexes(effect, catalog);
  return alone ? [] : altered(effect, catalog);
}

const isFinal = (tree: Node): boolean =>
  'AlterTableStmt' in tree &&
  (tree.AlterTableStmt.cmds ?? []).some(
    (node) => 'AlterTableCmd' in node && node.AlterTableCmd.subtype === 'AT_DetachPartitionFinalize',
  );

/**
 * ATTACH with the bound as the catalog spells it, where it is that one; what a DETACH finds before it. FINALIZE alone
 * goes on with a detaching that was broken off, and does nothing else.
 */
function settledChange(effect: Effect, tree: Node, catalog: Catalog, start: Catalog): Effect {
  const change = familyChange(effect);
  if (change === null || effect.kind !== 'object') return effect;
  const { part, parent, value } = change;
  const found = partValue(part, parent, catalog);
  const name = parentAttribute(parent);
  if (value === '') {
    const bound = found.endsWith(HALF_DETACHED) ? found.slice(0, -HALF_DETACHED.length) : found;
    if (found === '') return effect;
    return { ...effect, needs: { [name]: isFinal(tree) ? `${bound}${HALF_DETACHED}` : bound } };
  }
  const real = found === '' ? partValue(part, parent, start) : found;
  if (real !== '' && sameBound(value, real)) {
    const needs = effect.withTable ? {} : { needs: { [name]: '' } };
    return { ...effect, sets: { [name]: real }, ...needs };
  }
  return effect.withTable ? effect : { ...effect, needs: { [name]: '' } };
}

/** Of tables in other schemas it is not followed who is a part of whom. */
function isAcross(effect: Effect): boolean {
  const change = familyChange(effect);
  return change !== null && (effect.schema !== undefined || change.parent.includes('.'));
}

const named = (effect: Effect): string =>
  JSON.stringify([effect.kind, 'table' in effect ? effect.table : '', 'name' in effect ? effect.name : '']);

/** The statement's effects with those on partitions and children behind the one that brings them. Pure. */
export function withFamily(
  effects: readonly Effect[],
  tree: Node,
  catalog: Catalog,
  start: Catalog,
): readonly Effect[] {
  if (effects.some(isAcross))
    return [{ kind: 'not-understood', what: 'a table becomes, or is, a part of one in another schema' }];
  if (effects.some(({ schema }) => schema !== undefined)) return effects;
  const own = new Set(effects.map(named));
  const alone = isAlone(tree);
  const more = effects
    .flatMap((effect) => alongWith(effect, catalog, alone))
    .filter((one) => one.kind !== 'drop-table' || !own.has(named(one)));
  const all = [...effects.map((effect) => settledChange(effect, tree, catalog, start)), ...more];
  return all.length === effects.length && all.every((one, at) => one === effects[at]) ? effects : all;
}

/** Every table that has the rows of this one among its own. */
export function aboveOf(table: string, catalog: Catalog): string[] {
  return Object.values(catalog.tables)
    .filter(({ name }) => descendantsOf(name, catalog).includes(table))
    .map(({ name }) => name);
}
