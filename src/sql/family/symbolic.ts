/** What statements leave of families, worked out without running them. */
import type { Catalog, Effect, Table } from '../types.ts';
import { familyChange } from './effects.ts';
import { INHERITS, knownAs } from './members.ts';
import type { Family, Parent, Relative } from './types.ts';

const NONE: Family = { key: null, parents: [], children: [], inherited: [] };

function placeOf(name: string, { schema, tables }: Catalog): Relative {
  const table = tables[name];
  return table ? { schema: table.schema, name: table.bare ?? table.name } : { schema, name };
}

const isEmpty = ({ key, parents, children }: Family): boolean =>
  key === null && parents.length + children.length === 0;

function withFamilyOf(table: Table, change: (family: Family) => Family): Table {
  const { family = NONE, ...rest } = table;
  const changed = change(family);
  return isEmpty(changed) ? rest : { ...rest, family: changed };
}

function edited(catalog: Catalog, name: string, change: (family: Family) => Family): Catalog {
  const table = catalog.tables[name];
  if (!table) return catalog;
  return { ...catalog, tables: { ...catalog.tables, [name]: withFamilyOf(table, change) } };
}

/** After ATTACH, DETACH, INHERIT and NO INHERIT, and for a table that is made as a part of another. */
export function familyAfter(catalog: Catalog, effect: Effect): Catalog {
  const change = familyChange(effect);
  if (change === null) return catalog;
  const { part, parent, value } = change;
  const { schema } = catalog;
  const others = <T extends Relative>(list: readonly T[], name: string): T[] =>
    list.filter((one) => knownAs(one, schema) !== name);
  const joins = value !== '';
  const link: Parent = {
    ...placeOf(parent, catalog),
    bound: value === INHERITS ? null : value,
    pending: false,
  };
  const below = edited(catalog, part, (family) => ({
    ...family,
    parents: [...others(family.parents, parent), ...(joins ? [link] : [])],
  }));
  return edited(below, parent, (family) => ({
    ...family,
    children: [...others(family.children, part), ...(joins ? [placeOf(part, catalog)] : [])],
  }));
}

/** Everywhere it is named: gone, or under another name. */
export function familiesWithout(catalog: Catalog, name: string, to: string | null): Catalog {
  const { schema } = catalog;
  const is = (one: Relative): boolean => knownAs(one, schema) === name;
  if (!Object.values(catalog.tables).some(({ family }) => family)) return catalog;
  const bare = to === null ? '' : (catalog.tables[to]?.bare ?? to);
  const follow = <T extends Relative>(list: readonly T[]): T[] =>
    to === null
      ? list.filter((one) => !is(one))
      : list.map((one) => (is(one) ? { ...one, name: bare } : one));
  const tables = Object.entries(catalog.tables).map(([key, table]): [string, Table] =>
    table.family
      ? [
          key,
          withFamilyOf(table, (family) => ({
            ...family,
            parents: follow(family.parents),
            children: follow(family.children),
          })),
        ]
      : [key, table],
  );
  return { ...catalog, tables: Object.fromEntries(tables) };
}
