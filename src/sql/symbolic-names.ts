/** The names PostgreSQL gives to what was not named (src/backend/commands/indexcmds.c, makeObjectName). */

import { parseSync } from 'libpg-query';
import { excludedColumns } from './effects-exclude.ts';
import { columnsIn } from './parse-tree.ts';

/** NAMEDATALEN - 1: longer identifiers are cut, in bytes. */
const LONGEST = 63;

function cut(text: string, bytes: number): string {
  let kept = text;
  while (Buffer.byteLength(kept) > bytes) kept = Array.from(kept).slice(0, -1).join('');
  return kept;
}

/** `name1_name2_label`, with the longer of the two names shortened until it fits into an identifier. */
export function shorten(first: string, second: string, label: string): string {
  const rest = label.length + 1 + (second === '' ? 0 : 1);
  let one = Buffer.byteLength(first);
  let two = Buffer.byteLength(second);
  while (one + two + rest > LONGEST) {
    if (one > two) one -= 1;
    else two -= 1;
  }
  return [cut(first, one), ...(second === '' ? [] : [cut(second, two)]), label].join('_');
}

const LABEL: Readonly<Record<string, string>> = { c: 'check', f: 'fkey', p: 'pkey', u: 'key', x: 'excl' };

/**
 * The name of an unnamed constraint; the columns are left out of a primary key's. A name that is taken gets a number,
 * from 1 (ChooseRelationName, ChooseConstraintName).
 */
export function constraintName(
  table: string,
  type: string,
  columns: readonly string[],
  taken: ReadonlySet<string> = new Set(),
): string {
  const second = type === 'p' ? '' : type === 'c' && columns.length !== 1 ? '' : columns.join('_');
  const label = LABEL[type] ?? 'check';
  let name = shorten(table, second, label);
  for (let number = 1; taken.has(name); number += 1) name = shorten(table, second, `${label}${number}`);
  return name;
}

/** The columns that a CHECK names; none where its text cannot be read. */
function checkedColumns(definition: string): string[] {
  const condition = /^CHECK \((.*)\)(?: NO INHERIT| NOT VALID| NOT ENFORCED)*$/s.exec(definition)?.[1];
  if (condition === undefined) return [];
  try {
    return [...new Set(columnsIn(parseSync(`SELECT ${condition}`)).map((parts) => parts.at(-1) ?? ''))];
  } catch {
    return [];
  }
}

/**
 * The columns that a constraint's definition is about: those in the parentheses after the keyword, or those that a
 * CHECK's condition names (AddRelationNewConstraints in src/backend/catalog/heap.c names it by them).
 */
export function definedColumns(definition: string): string[] {
  if (definition.startsWith('CHECK ')) return checkedColumns(definition);
  if (definition.startsWith('EXCLUDE ')) return excludedColumns(definition);
  const inside = /^(?:PRIMARY KEY|UNIQUE(?: NULLS NOT DISTINCT)?|FOREIGN KEY) \(([^)]*)\)/.exec(
    definition,
  )?.[1];
  // Of an index that is taken over and not there its columns are not known.
  return (inside?.split(', ') ?? [])
    .filter(Boolean)
    .map((name) => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
}
