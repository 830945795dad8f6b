/** What hangs on the tables of the plan: views, keys, triggers, policies, grants, publications and the rest. */
import type { Session } from '../sql/session.ts';
import type { Catalog, Plan, Position } from '../sql/types.ts';
import { asJson, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { droppedObjects, isDroppedBefore } from './attachments/dropped-before.ts';
import { judgeAttachment, type Found } from './attachments/outcome.ts';
import { attachmentsQuery } from './attachments/queries.ts';
import { arrayLiteral } from './catalog.ts';
import { pinned } from './scope.ts';
import { touchedTables } from './touched.ts';
import type { Attachment } from './types.ts';

/**
 * Each attachment of each table that the rest of the plan changes, with what becomes of it when the plan runs in
 * place. What the plan itself drops by name is not among them. Not for use inside a transaction.
 * @throws {DatabaseError}
 */
export async function findAttachments(
  session: Session,
  catalog: Catalog,
  plan: Plan,
  position: Position,
): Promise<Attachment[]> {
  const touched = touchedTables(plan, position, catalog);
  const first = touched[0];
  if (!first) return [];
  const rows = await pinned(session, async () => {
    const version = await session.query("SELECT current_setting('server_version_num') AS number");
    const query = attachmentsQuery(asNumber(version.rows[0]?.['number']));
    return (await session.query(query, [arrayLiteral(touched.map(({ oid }) => oid))])).rows;
  });
  const dropped = droppedObjects(plan, position);
  return rows.flatMap((row) => {
    const oid = asTextOrNull(row['oid']);
    const table =
      oid === null ? first : (touched.find((candidate) => String(candidate.oid) === oid) ?? first);
    const found = foundOf(row);
    if (isDroppedBefore(found, table, catalog, dropped)) return [];
    const verdict = judgeAttachment(found, table, touched);
    if (!verdict) return [];
    const attachment: Attachment = {
      table: toLine(oid === null ? '' : table.table),
      kind: found.kind,
      name: toLine(found.name, 200),
      detail: toLine(found.detail, 200),
      outcome: verdict.outcome,
      words: toLine(verdict.words),
      ...(verdict.undone ? { undone: true } : {}),
    };
    return [attachment];
  });
}

function foundOf(row: Record<string, unknown>): Found {
  const other = asTextOrNull(row['other']);
  return {
    kind: asText(row['kind']),
    name: asText(row['name']),
    detail: asText(row['detail']),
    columns: (asJson(row['columns']) ?? []) as string[],
    other: other === null ? null : Number(other),
    source: asTextOrNull(row['source']),
  };
}
