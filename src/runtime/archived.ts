/** What a run keeps, as the database counted it. */
import type { ArchivedObject } from '../journal/types.ts';
import { archivedRows } from '../postgres/store.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';

/** Of all its steps, in their order. Texts are sanitised. @throws {DatabaseError} */
export async function archivedOf(session: Session, run: string): Promise<ArchivedObject[]> {
  const rows = await archivedRows(session, run);
  return rows.map((row) => ({
    step: row.step,
    seq: row.seq,
    kind: row.kind,
    object: toLine(row.object),
    archived: row.archived === null ? null : toLine(row.archived),
    rows: row.rows,
    words: toLine(row.detail.words),
  }));
}
