/** Whether a TRUNCATE has run: its tables are empty and, where it says so, their numbers begin anew. */
import { deletionsOf } from '../deletion.ts';
import type { Statement } from '../types.ts';
import type { Evidence, Looking } from './evidence.ts';
import { count, countMatching } from './probe.ts';

/** pg_sequence_last_value is NULL for a sequence that gave out no number yet, and for one that must not be read. */
const USED =
  'SELECT c.relname AS name FROM pg_catalog.pg_class t ' +
  'JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace ' +
  "JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass " +
  "AND d.refobjid OPERATOR(pg_catalog.=) t.oid AND d.classid OPERATOR(pg_catalog.=) d.refclassid AND d.deptype IN ('a', 'i') " +
  "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid AND c.relkind OPERATOR(pg_catalog.=) 'S' " +
  'WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND t.relname OPERATOR(pg_catalog.=) $2 ' +
  // In a CASE, or it may be asked of the table's TOAST first.
  "AND CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN " +
  'pg_catalog.pg_sequence_last_value(c.oid::pg_catalog.regclass) END IS NOT NULL LIMIT 1';

async function usedSequence(table: string, { session, catalog }: Looking): Promise<string | null> {
  const found = catalog.tables[table];
  const { rows } = await session.query(USED, [found?.schema ?? catalog.schema, found?.bare ?? table]);
  return rows.length === 0 ? null : String(rows[0]?.['name']);
}

/** @throws {DatabaseError} */
export async function truncateEvidence(statement: Statement, looking: Looking): Promise<Evidence> {
  const { session, catalog, passed } = looking;
  if (passed) return { state: 'applied', reason: 'A later statement of the step has taken effect.' };
  for (const { relation } of deletionsOf(statement)) {
    if (!relation) continue;
    const n = await count(session, catalog, countMatching(relation, undefined));
    const table = relation.relname ?? '';
    if (n > 0) return { state: 'pending', reason: `Table ${table} holds ${n} ${n === 1 ? 'row' : 'rows'}.` };
  }
  for (const effect of statement.effects) {
    if (effect.kind !== 'delete' || !effect.truncate?.restart) continue;
    const name = await usedSequence(effect.table, looking);
    if (name !== null)
      return { state: 'pending', reason: `Table ${effect.table} is empty, but ${name} has not begun anew.` };
  }
  return { state: 'applied', reason: 'The rows it takes are gone.' };
}
