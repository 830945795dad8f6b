/** What the columns that a statement names are known to hold. */
import type { Node } from '@pgsql/types';
import { columnOf, type Contents } from '../contents.ts';
import type { Known } from './facts.ts';

/** @param tables by alias; where a name is not qualified, the first table that has the column gives it. */
export function knownColumns(tables: ReadonlyMap<string, Contents>): Known {
  return (parts) => {
    const column = parts.at(-1) ?? '';
    const qualifier = parts.at(-2);
    if (qualifier !== undefined) return answer(tables.get(qualifier), column);
    for (const contents of tables.values()) {
      const found = answer(contents, column);
      if (found) return found;
    }
    return null;
  };
}

function answer(contents: Contents | undefined, column: string): ReturnType<Known> {
  const found = contents ? columnOf(contents, column) : undefined;
  return found ? { fact: found.fact, type: found.type } : null;
}

/** The tables that a FROM list names directly; on the nullable side of a join nothing is known. */
export function directTables(items: readonly Node[], read: readonly Contents[]): Map<string, Contents> {
  const found = new Map<string, Contents>();
  for (const item of items) {
    if (!('RangeVar' in item)) continue;
    const contents = read.find((one) => one.cte === item.RangeVar.relname);
    if (contents) found.set(item.RangeVar.alias?.aliasname ?? contents.name, contents);
  }
  return found;
}
