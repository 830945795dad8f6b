/** Whether a restored database holds what its backup lists, and how many rows of the runbook's tables. */
import { lists } from '../backup/toc.ts';
import type { Finding } from '../backup/types.ts';
import { qualified } from '../postgres/scope.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { databaseOf, openOn, type EscalationPlace } from './place.ts';
import type { BackupSeen } from './restore.ts';
import type { RestoredCheck } from './types.ts';

const TABLES = `
  SELECT n.nspname, c.relname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`;

/** Reads only, but for the server's own statistics: a restored database has none, and is slow without. @throws {DatabaseError} */
export async function checkRestored(place: EscalationPlace, seen: BackupSeen): Promise<RestoredCheck> {
  const schema = place.schema ?? 'public';
  const session = await openOn(place, seen.into);
  try {
    await session.query('ANALYZE');
    const there = (await session.query(TABLES)).rows.map((row) => ({
      schema: asText(row['nspname']),
      table: asText(row['relname']),
    }));
    const missing = seen.contents.data.filter(
      (entry) => !there.some((one) => lists([entry], one.schema, one.table)),
    );
    const damaged = await counts(place, databaseOf(place), schema, place.tables);
    const restored = await countsIn(session, schema, place.tables);
    const absent = seen.tables.filter((table) => restored[table] === null);
    const findings = [...bad('Listed in the backup, and not restored', missing), ...bad('Not there', absent)];
    return {
      database: seen.into,
      backup: seen.path,
      ok: findings.length === 0,
      tables: place.tables
        .map((table) => ({
          table,
          restored: restored[table] ?? null,
          damaged: damaged[table] ?? null,
        }))
        .filter(({ restored: one, damaged: other }) => one !== null || other !== null),
      listed: seen.contents.data.length,
      found: seen.contents.data.length - missing.length,
      findings,
    };
  } finally {
    await session.close();
  }
}

const bad = (what: string, names: readonly string[]): Finding[] =>
  names.length === 0
    ? []
    : [{ severity: 'fail', text: toLine(`${what}: ${names.slice(0, 10).join(', ')}.`, 500) }];

/** Of a database that may be damaged: what cannot be read is not known. */
async function counts(
  place: EscalationPlace,
  database: string,
  schema: string,
  tables: readonly string[],
): Promise<Record<string, number | null>> {
  const session = await openOn(place, database).catch(() => null);
  if (!session) return {};
  try {
    return await countsIn(session, schema, tables);
  } catch {
    return {};
  } finally {
    await session.close();
  }
}

async function countsIn(
  session: Session,
  schema: string,
  tables: readonly string[],
): Promise<Record<string, number | null>> {
  const found: Record<string, number | null> = {};
  for (const table of tables) {
    try {
      const { rows } = await session.query(
        `SELECT pg_catalog.count(*) AS rows FROM ${qualified(schema, table)}`,
      );
      found[table] = asNumber(rows[0]?.['rows']);
    } catch (error) {
      if (!(error instanceof DatabaseError) || session.lost) throw error;
      found[table] = null;
    }
  }
  return found;
}
