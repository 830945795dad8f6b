/** Single facts about a catalog, so that what a statement needs and leaves can be compared with what is there. */
import { isUnasked, objectValue, sayObject } from '../objects/facts.ts';
import type { ObjectRef } from '../objects/types.ts';
import { sameExpression } from '../parse-render.ts';
import { NOT_VALID } from '../symbolic-table.ts';
import { sameType } from '../types-of.ts';
import type { Catalog, Column, Index } from '../types.ts';

/**
 * `index-of` is the table an index is on, `index-over` its columns and whether it is unique. All facts of an index
 * have an empty `table`: index names are unique in a schema, and an index moves with its table.
 */
export type FactKind =
  | 'table'
  | 'column'
  | 'type'
  | 'not-null'
  | 'default'
  | 'constraint'
  | 'validated'
  | 'index'
  | 'index-of'
  | 'index-over'
  | 'object'
  | 'object-attribute';

export interface Fact {
  kind: FactKind;
  table: string;
  /** Column, constraint or index; empty for the table itself. */
  name: string;
  /** `present`, `absent`, `yes`, `no`, or what the kind is about. */
  value: string;
  /** PostgreSQL chose the name, and puts a number after it when it is taken. */
  numbered?: boolean;
  /** The columns a constraint is about, where they are known: it goes with any of them. */
  over?: readonly string[];
  /** A default of NULL that was stored is as good as none. */
  nullIsNone?: boolean;
  /** The object that a fact about one is about; `table` is its key then. */
  ref?: ObjectRef;
}

/** A column without a default. */
export const NO_DEFAULT = '';

export type Facts = ReadonlyMap<string, Fact>;

export function keyOf(fact: Pick<Fact, 'kind' | 'table' | 'name'>): string {
  // No name in PostgreSQL holds a NUL.
  return `${fact.kind}\0${fact.table}\0${fact.name}`;
}

/** What `index-over` says, in a form that can be compared. */
export function coverage(index: { columns: readonly string[]; unique: boolean }): string {
  return JSON.stringify([index.unique, ...index.columns]);
}

function columnOf(catalog: Catalog, fact: Fact): Column | undefined {
  return catalog.tables[fact.table]?.columns.find((column) => column.name === fact.name);
}

function indexOf(catalog: Catalog, name: string): { table: string; index: Index } | undefined {
  for (const table of Object.values(catalog.tables)) {
    const index = table.indexes.find((one) => one.name === name);
    if (index) return { table: table.name, index };
  }
  return undefined;
}

function indexValue(catalog: Catalog, fact: Fact): string | null {
  const found = indexOf(catalog, fact.name);
  if (fact.kind === 'index') return found ? (found.index.valid ? 'present' : 'invalid') : 'absent';
  if (!found) return null;
  return fact.kind === 'index-of' ? found.table : coverage(found.index);
}

function isNamed(name: string, fact: Fact): boolean {
  if (!fact.numbered) return name === fact.name;
  return name.startsWith(fact.name) && /^\d*$/.test(name.slice(fact.name.length));
}

/** What the catalog says about a fact's subject; null when there is no such subject. */
export function realValue(catalog: Catalog, fact: Fact): string | null {
  const presence = (there: unknown): string => (there === undefined ? 'absent' : 'present');
  switch (fact.kind) {
    case 'table':
      return presence(catalog.tables[fact.table]);
    case 'column':
      return presence(columnOf(catalog, fact));
    case 'constraint':
      return presence(catalog.tables[fact.table]?.constraints.find((one) => isNamed(one.name, fact)));
    case 'validated': {
      const found = catalog.tables[fact.table]?.constraints.find((one) => one.name === fact.name);
      return found ? (NOT_VALID.test(found.definition) ? 'no' : 'yes') : null;
    }
    case 'type':
      return columnOf(catalog, fact)?.type ?? null;
    case 'not-null': {
      const column = columnOf(catalog, fact);
      return column ? (column.notNull ? 'yes' : 'no') : null;
    }
    case 'default': {
      const column = columnOf(catalog, fact);
      return column ? (column.default ?? NO_DEFAULT) : null;
    }
    case 'object':
    case 'object-attribute':
      return objectValue(catalog, fact);
    default:
      return indexValue(catalog, fact);
  }
}

/** True when the catalog agrees with the fact. */
export function holds(catalog: Catalog, fact: Fact): boolean {
  const real = realValue(catalog, fact);
  if (fact.ref && isUnasked(catalog, fact)) return true;
  if (real === null) return false;
  if (fact.kind === 'type') return sameType(real, fact.value);
  if (fact.nullIsNone && fact.value === NO_DEFAULT && /^NULL::/.test(real)) return true;
  if (fact.kind === 'default') return sameExpression(real || null, fact.value || null);
  return real === fact.value;
}

/** The facts that the catalog does not agree with. */
export function mismatches(catalog: Catalog, facts: Facts): Fact[] {
  return [...facts.values()].filter((fact) => !holds(catalog, fact));
}

function covered(value: string): string {
  const [unique, ...columns] = JSON.parse(value) as [boolean, ...string[]];
  return `${unique ? 'is unique over' : 'is over'} (${columns.join(', ')})`;
}

/** A fact in words, with the value given. */
export function say(fact: Fact, value: string | null): string {
  const is = value === 'present' ? 'exists' : 'does not exist';
  const column = `${fact.table}.${fact.name}`;
  switch (fact.kind) {
    case 'table':
      return `table ${fact.table} ${is}`;
    case 'column':
      return `column ${column} ${is}`;
    case 'constraint':
      return `constraint ${fact.name} of ${fact.table} ${is}`;
    case 'validated':
      return `constraint ${fact.name} of ${fact.table} ${value === null ? 'does not exist' : value === 'yes' ? 'is validated' : 'is not validated'}`;
    case 'object':
    case 'object-attribute':
      return sayObject(fact, value);
    case 'index':
      return value === 'invalid' ? `index ${fact.name} exists but is invalid` : `index ${fact.name} ${is}`;
    default:
      return value === null
        ? `${fact.kind.startsWith('index') ? `index ${fact.name}` : `column ${column}`} does not exist`
        : detail(fact, value);
  }
}

function detail(fact: Fact, value: string): string {
  const column = `${fact.table}.${fact.name}`;
  switch (fact.kind) {
    case 'type':
      return `column ${column} is ${value}`;
    case 'not-null':
      return `column ${column} ${value === 'yes' ? 'is NOT NULL' : 'may be NULL'}`;
    case 'default':
      return value === NO_DEFAULT
        ? `column ${column} has no default`
        : `column ${column} has the default ${value}`;
    case 'index-of':
      return `index ${fact.name} is on ${value}`;
    default:
      return `index ${fact.name} ${covered(value)}`;
  }
}
