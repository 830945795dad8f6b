import type { Context } from './context.ts';
import type { Inserted } from './insert.ts';

/** The rows that a statement takes from each table, now that it is known how to ask for them. */
export function taken(context: Context, inserted: Inserted): void {
  const { lineage, findings } = context;
  for (const reading of lineage.readings) {
    if (reading.at.step !== findings.place.step || reading.at.index !== findings.place.index) continue;
    const tables = inserted.used.filter(({ table }) => lineage.id(table) === reading.id);
    if (tables.length > 0) reading.used = tables.map(({ sql }) => sql).join(' UNION ALL ');
    else if (inserted.nothing) reading.used = 'SELECT CAST(NULL AS jsonb) AS k';
  }
}
