/** COMMENT ON COLUMN reads the same for tables and views: which it is the catalog tells. */
import { nameParts } from '../parse-tree.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { effect, placed } from './names.ts';

export function withViewComments(
  effects: readonly Effect[],
  { tree }: Pick<Statement, 'tree'>,
  { tables, schema }: Pick<Catalog, 'tables' | 'schema'>,
): readonly Effect[] {
  if (!('CommentStmt' in tree) || tree.CommentStmt.objtype !== 'OBJECT_COLUMN') return effects;
  const parts = nameParts(tree.CommentStmt.object);
  const column = parts.at(-1) ?? '';
  const ref = placed('view', parts.slice(0, -1));
  const own = ref.schema === undefined || ref.schema === schema;
  const kind = own ? tables[ref.name]?.kind : undefined;
  if (kind !== 'v' && kind !== 'm') return effects;
  const type = kind === 'v' ? 'view' : 'materialized view';
  const sets = { [`comment of ${column}`]: tree.CommentStmt.comment ?? '' };
  return [effect({ type, name: ref.name }, 'comment', { sets, again: true })];
}
