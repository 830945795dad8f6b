/**
 * ADD CONSTRAINT … USING INDEX: the index gets the constraint's name (manual, sql-altertable), and its columns are the
 * constraint's. Which they are is in the catalog: {@link withColumnsOf}.
 */
import type { Constraint } from '@pgsql/types';
import { quoteIdent } from './types-of.ts';
import type { Catalog, Effect } from './types.ts';

const KEYWORD: Readonly<Record<string, string>> = { p: 'PRIMARY KEY', u: 'UNIQUE' };

/** @param type p or u */
export function takenOver(
  place: { table: string; schema?: string },
  { conname, indexname = '' }: Constraint,
  type: string,
): Effect[] {
  const name = conname ?? indexname;
  const { schema } = place;
  const rename: Effect = {
    kind: 'rename-index',
    ...(schema === undefined ? {} : { schema }),
    from: indexname,
    to: name,
  };
  const add: Effect = {
    kind: 'add-constraint',
    ...place,
    name,
    type,
    definition: `${KEYWORD[type] ?? ''} ()`,
    notValid: false,
    index: indexname,
  };
  return name === indexname ? [add] : [rename, add];
}

/** With the columns of the index: under its own name before the statement, under the constraint's after it. */
export function withColumnsOf(effects: readonly Effect[], { tables }: Catalog): readonly Effect[] {
  if (!effects.some((effect) => effect.kind === 'add-constraint' && effect.index !== undefined))
    return effects;
  return effects.map((effect): Effect => {
    if (effect.kind !== 'add-constraint' || effect.index === undefined) return effect;
    const indexes = tables[effect.table]?.indexes ?? [];
    const found =
      indexes.find(({ name }) => name === effect.index) ?? indexes.find(({ name }) => name === effect.name);
    if (!found) return effect;
    const columns = found.columns.map(quoteIdent).join(', ');
    return { ...effect, definition: `${KEYWORD[effect.type] ?? ''} (${columns})` };
  });
}
