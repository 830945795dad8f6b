/** What the practice database holds: the application's rows, the migration, and what was written since. */
import { lifeStatements } from './life.ts';
import { MIGRATED_AT, seedStatements } from './seed.ts';

export { PRACTICE_DATABASE } from './prepared-name.ts';

/** The seed's times are counted from one moment: the record of the migration has to stand at it. */
const MIGRATED_THEN = `UPDATE schema_migrations SET inserted_at = '${MIGRATED_AT}' WHERE version = 20250101000014`;

/** A few hundred rows: enough to look real, and a rollback in well under a second. */
const ROWS = 240;

/**
 * Everything that is run in an empty database with the type vector, in order.
 * @param sql the texts of migration/before.sql and migration/up.sql
 */
export function practiceStatements(sql: { before: string; up: string }): string[] {
  return [sql.before, ...seedStatements({ rows: ROWS }), sql.up, MIGRATED_THEN, ...lifeStatements()];
}
