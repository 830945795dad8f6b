/** Who belongs to whom, by the names that tables are known by in a catalog. Pure. */
import type { Catalog, Table } from '../types.ts';
import type { Family, Relative } from './types.ts';

type Tables = Pick<Catalog, 'schema' | 'tables'>;

/** As `schema.name` where it is in another schema than the run's. */
export function knownAs({ schema, name }: Relative, home: string): string {
  return schema === home ? name : `${schema}.${name}`;
}

export const isPartitioned = (table: Table | undefined): boolean => table?.kind === 'p';

/** Those directly below; a table that the catalog does not show is among them. */
export function childrenOf(table: string, { schema, tables }: Tables): string[] {
  return (tables[table]?.family?.children ?? []).map((one) => knownAs(one, schema));
}

export function parentsOf(table: string, { schema, tables }: Tables): string[] {
  return (tables[table]?.family?.parents ?? []).map((one) => knownAs(one, schema));
}

function reached(from: string, next: (table: string) => string[]): string[] {
  const found: string[] = [];
  const visit = (table: string): void => {
    for (const one of next(table)) {
      if (found.includes(one) || one === from) continue;
      found.push(one);
      visit(one);
    }
  };
  visit(from);
  return found;
}

/** All below it, parents before their children. */
export const descendantsOf = (table: string, catalog: Tables): string[] =>
  reached(table, (one) => childrenOf(one, catalog));

/** All above it. */
export const ancestorsOf = (table: string, catalog: Tables): string[] =>
  reached(table, (one) => parentsOf(one, catalog));

interface Placed extends Relative {
  bare?: string;
  family?: Family;
}

/** Parents before their children, by the definitions that are given; the others as they stand. */
export function parentsFirst<T>(all: readonly T[], of: (one: T) => Placed): T[] {
  const is = ({ schema, name, bare }: Placed, parent: Relative): boolean =>
    schema === parent.schema && (bare ?? name) === parent.name;
  const depth = (one: T): number =>
    (of(one).family?.parents ?? []).reduce((most, parent) => {
      const above = all.find((other) => is(of(other), parent));
      return above === undefined ? most : Math.max(most, 1 + depth(above));
    }, 0);
  return [...all].sort((one, other) => depth(one) - depth(other));
}

/** The attribute of a table that says how it is a part of another; the value is a bound, `inherits`, or empty. */
export const parentAttribute = (parent: string): string => `parent ${parent}`;
export const INHERITS = 'inherits';
/** Behind the bound of a partition whose detaching was broken off. */
export const HALF_DETACHED = ' (half detached)';

export function parentIn(attribute: string): string | null {
  return /^parent (.*)$/s.exec(attribute)?.[1] ?? null;
}

/** What the catalog says of {@link parentAttribute}, in a sentence; null for every other attribute. */
export function sayMember(table: string, attribute: string, value: string): string | null {
  const parent = parentIn(attribute);
  if (parent === null) return null;
  if (value === '') return `${table} is no part of ${parent}`;
  if (value === INHERITS) return `${table} inherits from ${parent}`;
  if (!value.endsWith(HALF_DETACHED)) return `${table} is a partition of ${parent}, ${value}`;
  return `the detaching of ${table} from ${parent} is half done (ALTER TABLE … DETACH PARTITION … FINALIZE ends it)`;
}

/** The value of {@link parentAttribute} as the catalog has it; empty where it is no part of it. */
export function partValue(table: string, parent: string, catalog: Tables): string {
  const found = catalog.tables[table]?.family?.parents.find((one) => knownAs(one, catalog.schema) === parent);
  if (!found) return '';
  return `${found.bound ?? INHERITS}${found.pending ? HALF_DETACHED : ''}`;
}
