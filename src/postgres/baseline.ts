/** What a confirmation is bound to. */
import { createHash } from 'node:crypto';
import { tablesOf } from '../sql/tables-of.ts';
import type { Catalog, Plan, Table } from '../sql/types.ts';

/**
 * Changes when the plan's text changes, or the definition of a table it names; sizes and estimates do not count.
 * A table that was replaced by one of the same name counts as changed.
 */
export function catalogHash(catalog: Catalog, plan: Plan): string {
  const names = [
    ...new Set(tablesOf(plan).map((name) => (catalog.tables[name] ? name : bareName(name)))),
  ].sort();
  const definitions = names.map((name) => {
    const table = catalog.tables[name];
    return [name, table ? definitionOf(table) : null];
  });
  return createHash('sha256')
    .update(JSON.stringify([plan.hash, catalog.schema, definitions, objectsOf(catalog), everything(catalog)]))
    .digest('hex');
}

/** Reads are named with their schema where the SQL names it. */
function bareName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** An object that is new in a schema of which a statement means everything was not seen. */
function everything({ around }: Catalog): unknown {
  return around ? [around.members, around.triggers] : undefined;
}

/** Objects beside tables, whole: what a step keeps of them is what was seen. */
function objectsOf({ objects = {} }: Catalog): unknown[] {
  return Object.entries(objects).sort(([one], [other]) => (one < other ? -1 : 1));
}

function definitionOf({ oid, kind, owner, columns, indexes, constraints }: Table): unknown {
  return [
    oid,
    kind,
    owner,
    columns.map((column) => [
      column.name,
      column.type,
      column.notNull,
      column.default,
      column.generated,
      column.identity,
    ]),
    indexes.map((index) => [index.name, index.definition, index.valid]).sort(byName),
    constraints.map((constraint) => [constraint.name, constraint.type, constraint.definition]).sort(byName),
  ];
}

function byName(one: unknown[], two: unknown[]): number {
  return String(one[0]) < String(two[0]) ? -1 : 1;
}
