/** A statement that does several things to rows: what it deletes is counted; the rest is not followed. */
import type { RowPart } from '../parts/types.ts';
import { NotFollowed, type Context } from './context.ts';
import { assessDelete } from './delete.ts';

/** @throws {NotFollowed} @throws {DatabaseError} */
export async function assessParts(context: Context, parts: readonly RowPart[]): Promise<void> {
  for (const { tree } of parts)
    if (tree !== null && 'DeleteStmt' in tree && !tree.DeleteStmt.withClause)
      await assessDelete(context, tree.DeleteStmt);
  const rest = parts.some(
    ({ tree }) => tree === null || !('DeleteStmt' in tree) || tree.DeleteStmt.withClause !== undefined,
  );
  if (rest)
    throw new NotFollowed(
      'what it writes',
      'It does several things at once; only the rows that it deletes by conditions of their own were counted.',
    );
}
