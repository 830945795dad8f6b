/** Indexes, constraints and statistics: which are the same as before, which only changed their name, which must be made. */
import type { ConstraintDefinition, IndexDefinition } from '../definition.ts';
import { mentions } from '../archive/lost.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import type { ColumnChanges } from './columns.ts';
import { mustUntie } from './untie.ts';

export interface PartChanges<T> {
  /** There now and not before. */
  drop: T[];
  /** The same thing under another name: present name → name before. */
  rename: [string, string][];
  /** There before and not now. */
  add: T[];
}

interface Compared<T> {
  was: readonly T[];
  is: readonly T[];
  /** Goes by itself, with a column. */
  goes: (part: T) => boolean;
  same: (was: T, is: T) => boolean;
}

function compare<T extends { name: string }>({ was, is, goes, same }: Compared<T>): PartChanges<T> {
  const there = is.filter((part) => !goes(part));
  const left = new Set(there);
  const missing: T[] = [];
  for (const part of was) {
    const found = [...left].find((one) => one.name === part.name && same(part, one));
    if (found) left.delete(found);
    else missing.push(part);
  }
  const rename: [string, string][] = [];
  const add = missing.filter((part) => {
    const found = [...left].find((one) => same(part, one));
    if (!found) return true;
    left.delete(found);
    rename.push([found.name, part.name]);
    return false;
  });
  return { drop: [...left], rename, add };
}

function mapped(entity: Entity, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => nameBefore(entity, column)));
}

/** With a column that changes its name the text of a definition changes too, and says nothing else. */
function sameText(entity: Entity, was: string, is: string, columns: readonly string[]): boolean {
  return was === is || columns.some((column) => entity.renamed[column] !== undefined);
}

const TYPES = 'puxcf';

/**
 * NOT NULL is the column's, whatever the server calls it. One that stands in the way of rows is dropped and given again,
 * as if it were another one.
 */
export function constraintChanges(
  entity: Entity,
  { gone }: ColumnChanges,
  layout: Layout,
): PartChanges<ConstraintDefinition> {
  const untie = mustUntie(entity, layout);
  const counted = (list: readonly ConstraintDefinition[]): ConstraintDefinition[] =>
    list.filter(({ type }) => TYPES.includes(type));
  return compare({
    was: counted(entity.before.constraints),
    is: counted(entity.now?.constraints ?? []),
    goes: (part) => part.columns.some((column) => gone.includes(column)),
    same: (was, is) =>
      !untie(is) &&
      was.type === is.type &&
      was.validated === is.validated &&
      JSON.stringify(was.columns) === mapped(entity, is.columns) &&
      sameText(entity, was.definition, is.definition, is.columns),
  });
}

/** The part of CREATE INDEX that follows the table's name. */
function tail(definition: string): string {
  return / USING .*$/s.exec(definition)?.[0] ?? definition;
}

/** Those that stand behind a constraint go and come with it. */
export function indexChanges(entity: Entity, { gone }: ColumnChanges): PartChanges<IndexDefinition> {
  const free = (list: readonly IndexDefinition[]): IndexDefinition[] =>
    list.filter(({ constraint }) => constraint === null);
  return compare({
    was: free(entity.before.indexes),
    is: free(entity.now?.indexes ?? []),
    goes: (part) =>
      part.columns.some((column) => gone.includes(column)) || mentions(part.definition, new Set(gone)),
    same: (was, is) =>
      was.unique === is.unique &&
      // An undo makes no index invalid again.
      (was.valid === is.valid || is.valid) &&
      JSON.stringify(was.columns) === mapped(entity, is.columns) &&
      sameText(entity, tail(was.definition), tail(is.definition), is.columns),
  });
}
