/** Every version that the migration framework has written down as applied. */
import { pinned, quoteIdentifier } from '../../postgres/scope.ts';
import { versionTable } from '../../postgres/versions.ts';
import type { Session } from '../../sql/session.ts';
import type { Catalog, Plan } from '../../sql/types.ts';
import { asText } from '../../sql/values.ts';

export interface Versions {
  table: string;
  column: string;
  versions: string[];
}

/** Null where there is no such table. Not inside a transaction. @throws {DatabaseError} */
export async function recordedVersions(
  session: Session,
  plan: Plan,
  catalog: Catalog,
): Promise<Versions | null> {
  const table = versionTable(plan, catalog);
  if (!table) return null;
  const column = quoteIdentifier(table.column);
  const { rows } = await pinned(session, () =>
    session.query(`SELECT ${column}::text AS version FROM ${table.place}`),
  );
  return { table: table.name, column: table.column, versions: rows.map((row) => asText(row['version'])) };
}
