/** Making a prepared database look as if its migration had run just now. */

/**
 * The SQL that moves every time in a migrated database by the same amount, so that the migration ran `hours` ago.
 * A row written by `seed.ts` or `life.ts` stays as far from the migration as it was.
 */
export function freshenStatements(hours = 3): string[] {
  const shift = `(SELECT date_trunc('second', now() AT TIME ZONE 'UTC') - interval '${hours} hours'
    - inserted_at FROM schema_migrations WHERE version = 20250101000014)`;
  const move = (table: string, columns: string[]): string =>
    `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} + ${shift}`).join(', ')}`;
  const both = ['inserted_at', 'updated_at'];
  return [
    move('codebase_snapshots', both),
    move('git_agent_sessions', both),
    move('git_pending_merges', both),
    move('git_merge_history', both),
    move('technology_templates', both),
    move('technology_patterns', ['created_at', 'updated_at', 'last_detected_at']),
    // Last: the others are measured by this row.
    move('schema_migrations', ['inserted_at']),
  ];
}
