/** Whether a comment is there already: the one effect that is neither in the catalog snapshot nor in rows. */
import type { CommentStmt } from '@pgsql/types';
import { nameParts } from '../parse-tree.ts';
import type { Session } from '../session.ts';
import type { Catalog, Statement } from '../types.ts';

const OF_RELATION =
  "SELECT pg_catalog.obj_description(c.oid, 'pg_class') AS text FROM pg_catalog.pg_class c " +
  'JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace ' +
  'WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) $2';

const OF_COLUMN =
  'SELECT pg_catalog.col_description(c.oid, a.attnum) AS text FROM pg_catalog.pg_class c ' +
  'JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace ' +
  'JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid ' +
  'WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) $2 ' +
  'AND a.attname OPERATOR(pg_catalog.=) $3 AND NOT a.attisdropped';

function query(
  comment: CommentStmt,
  { schema, elsewhere = {} }: Catalog,
): { sql: string; params: string[] } | null {
  const parts = nameParts(comment.object);
  const column = comment.objtype === 'OBJECT_COLUMN' ? parts.at(-1) : undefined;
  const relation = column === undefined ? parts : parts.slice(0, -1);
  const known = elsewhere[relation.at(-1) ?? ''];
  const name = known?.name ?? relation.at(-1) ?? '';
  const place = known?.schema ?? relation.at(-2) ?? schema;
  if (column !== undefined) return { sql: OF_COLUMN, params: [place, name, column] };
  const isRelation = comment.objtype === 'OBJECT_TABLE' || comment.objtype === 'OBJECT_INDEX';
  return isRelation ? { sql: OF_RELATION, params: [place, name] } : null;
}

/**
 * True or false when the object is there and its comment can be read, null when neither can be said.
 *
 * @throws {DatabaseError}
 */
export async function commentIsSet(
  statement: Statement,
  catalog: Catalog,
  session: Pick<Session, 'query'>,
): Promise<boolean | null> {
  if (!('CommentStmt' in statement.tree)) return null;
  const comment = statement.tree.CommentStmt;
  const asked = query(comment, catalog);
  if (!asked) return null;
  const { rows } = await session.query(asked.sql, asked.params);
  return rows.length === 0 ? null : (rows[0]?.['text'] ?? '') === (comment.comment ?? '');
}
